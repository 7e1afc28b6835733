#include "store/detections.h"

#include "base/mem.h"
#include "store/query_private.h"

#include <errno.h>
#include <stdlib.h>

#define COLUMNS                                                                                    \
    "id, camera_id, file_path, file_type, detected_at, object_type, confidence, bbox_x, bbox_y, "  \
    "bbox_width, bbox_height, thumbnail_path, media_type, video_width, video_height, "             \
    "enrichment_data"

void detection_release(struct detection *detection)
{
    mem_free(&detection->camera_id);
    mem_free(&detection->file_path);
    mem_free(&detection->file_type);
    mem_free(&detection->object_type);
    mem_free(&detection->thumbnail_path);
    mem_free(&detection->media_type);
    mem_free(&detection->enrichment_data);
}

void detection_list_release(struct detection_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        detection_release(&list->items[i]);
    mem_free(&list->items);
    list->count = 0;
}

static void read_detection(struct store_stmt *stmt, struct detection *detection)
{
    detection->id = store_int(stmt, 0);
    detection->camera_id = row_text(stmt, 1);
    detection->file_path = row_text(stmt, 2);
    detection->file_type = row_text(stmt, 3);
    detection->detected_at = store_time(stmt, 4);
    detection->object_type = row_text(stmt, 5);
    detection->confidence = store_double(stmt, 6);
    detection->bbox_x = (int)store_int(stmt, 7);
    detection->bbox_y = (int)store_int(stmt, 8);
    detection->bbox_width = (int)store_int(stmt, 9);
    detection->bbox_height = (int)store_int(stmt, 10);
    detection->thumbnail_path = row_text(stmt, 11);
    detection->media_type = row_text(stmt, 12);
    detection->video_width = (int)store_int(stmt, 13);
    detection->video_height = (int)store_int(stmt, 14);
    detection->enrichment_data = row_text(stmt, 15);
}

static struct detection *add_row(struct detection_list *list)
{
    list->items = rows_grow(list->items, list->count, sizeof(list->items[0]));
    return &list->items[list->count++];
}

static struct detection_list take_list(struct detection_list *list)
{
    struct detection_list taken = *list;

    *list = (struct detection_list){0};
    return taken;
}

int detections_insert(struct store_tx *tx, const struct detection *detection, int64_t *ret_id)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "INSERT INTO detections (camera_id, file_path, file_type, detected_at, object_type, "
            "confidence, bbox_x, bbox_y, bbox_width, bbox_height, thumbnail_path, media_type, "
            "video_width, video_height, enrichment_data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
            "$9, $10, $11, $12, $13, $14, $15) RETURNING id");
    int result;

    store_bind_text(stmt, 1, detection->camera_id);
    store_bind_text(stmt, 2, detection->file_path);
    store_bind_text(stmt, 3, detection->file_type);
    store_bind_time(stmt, 4, detection->detected_at);
    store_bind_text(stmt, 5, detection->object_type);
    store_bind_double(stmt, 6, detection->confidence);
    store_bind_int(stmt, 7, detection->bbox_x);
    store_bind_int(stmt, 8, detection->bbox_y);
    store_bind_int(stmt, 9, detection->bbox_width);
    store_bind_int(stmt, 10, detection->bbox_height);
    store_bind_text(stmt, 11, detection->thumbnail_path);
    store_bind_text(stmt, 12, detection->media_type ? detection->media_type : "image");
    store_bind_int(stmt, 13, detection->video_width);
    store_bind_int(stmt, 14, detection->video_height);
    store_bind_text(stmt, 15, detection->enrichment_data);
    result = step_one(stmt);
    if (result >= 0)
        *ret_id = store_int(stmt, 0);
    return result;
}

int detections_get(struct store_tx *tx, int64_t id, struct detection *ret_detection)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(tx, "SELECT " COLUMNS " FROM detections WHERE id = $1");
    int result;

    store_bind_int(stmt, 1, id);
    result = step_one(stmt);
    if (result >= 0)
        read_detection(stmt, ret_detection);
    return result;
}

static void add_conditions(struct query *query, const struct detection_filter *filter)
{
    query_text(query, "camera_id = ?", filter->camera_id);
    query_text(query, "object_type = ?", filter->object_type);
    query_time(query, "detected_at >= ?", filter->start);
    query_time(query, "detected_at <= ?", filter->end);
    if (filter->min_confidence >= 0)
        query_double(query, "confidence >= ?", filter->min_confidence);
}

int detections_list(struct store_tx *tx, const struct detection_filter *filter,
                    const struct page *page, struct detection_list *ret_list,
                    struct page_result *ret_result)
{
    AUTO(query_release) struct query query = QUERY_INIT;
    AUTO(detection_list_release) struct detection_list list = {0};
    AUTO(store_stmt_done) struct store_stmt *stmt = NULL;
    struct page_result found = {0};
    int result;

    add_conditions(&query, filter);
    result = query_page(&query, tx, "detections", COLUMNS, "detected_at", page, &found, &stmt);
    while (result >= 0 && !found.has_more && (result = store_step(stmt)) == 1) {
        if (list.count == (size_t)page->limit)
            found.has_more = true;
        else
            read_detection(stmt, add_row(&list));
    }
    if (result < 0)
        return result;
    if (list.count > 0) {
        found.last_time = list.items[list.count - 1].detected_at;
        found.last_id = list.items[list.count - 1].id;
    }
    *ret_list = take_list(&list);
    *ret_result = found;
    return 0;
}

static int count_of_event(struct store_tx *tx, int64_t event_id, int64_t *ret_total)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT count(*) FROM event_detections WHERE event_id = $1");
    int result;

    store_bind_int(stmt, 1, event_id);
    result = step_one(stmt);
    if (result >= 0)
        *ret_total = store_int(stmt, 0);
    return result;
}

int detections_of_event(struct store_tx *tx, int64_t event_id, int limit, int offset,
                        struct detection_list *ret_list, int64_t *ret_total)
{
    AUTO(detection_list_release) struct detection_list list = {0};
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT " COLUMNS " FROM detections WHERE id IN "
                          "(SELECT detection_id FROM event_detections WHERE event_id = $1) "
                          "ORDER BY detected_at, id LIMIT $2 OFFSET $3");
    int64_t total = 0;
    int result;

    store_bind_int(stmt, 1, event_id);
    store_bind_int(stmt, 2, limit);
    store_bind_int(stmt, 3, offset);
    while ((result = store_step(stmt)) == 1)
        read_detection(stmt, add_row(&list));
    if (result >= 0 && ret_total)
        result = count_of_event(tx, event_id, &total);
    if (result < 0)
        return result;
    if (ret_total)
        *ret_total = total;
    *ret_list = take_list(&list);
    return 0;
}

static int by_time(const void *left, const void *right)
{
    const struct detection *a = left, *b = right;

    if (a->detected_at != b->detected_at)
        return a->detected_at < b->detected_at ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

int detections_by_ids(struct store_tx *tx, const int64_t *ids, size_t count,
                      struct detection_list *ret_list)
{
    AUTO(detection_list_release) struct detection_list list = {0};

    for (size_t i = 0; i < count; i++) {
        struct detection found = {0};
        int result = detections_get(tx, ids[i], &found);

        if (result < 0 && result != -ENOENT)
            return result;
        if (result >= 0)
            *add_row(&list) = found;
    }
    if (list.count > 0)
        qsort(list.items, list.count, sizeof(list.items[0]), by_time);
    *ret_list = take_list(&list);
    return 0;
}

int detections_set_thumbnail(struct store_tx *tx, int64_t id, const char *path)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "UPDATE detections SET thumbnail_path = $2 WHERE id = $1");

    store_bind_int(stmt, 1, id);
    store_bind_text(stmt, 2, path);
    return run_on_row(tx, stmt);
}

#include "store/batches.h"

#include "base/mem.h"
#include "store/query_private.h"

#include <errno.h>

#define COLUMNS "id, camera_id, started_at, last_activity, pipeline_start, detection_count"

void batch_release(struct batch *batch)
{
    mem_free(&batch->id);
    mem_free(&batch->camera_id);
    mem_free(&batch->pipeline_start);
}

void batch_list_release(struct batch_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        batch_release(&list->items[i]);
    mem_free(&list->items);
    list->count = 0;
}

static void read_batch(struct store_stmt *stmt, struct batch *batch)
{
    batch->id = row_text(stmt, 0);
    batch->camera_id = row_text(stmt, 1);
    batch->started_at = store_time(stmt, 2);
    batch->last_activity = store_time(stmt, 3);
    batch->pipeline_start = row_text(stmt, 4);
    batch->count = store_int(stmt, 5);
}

int batches_open_of(struct store_tx *tx, const char *camera_id, struct batch *ret_batch)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT " COLUMNS " FROM batches WHERE camera_id = $1");
    int result;

    store_bind_text(stmt, 1, camera_id);
    result = step_one(stmt);
    if (result >= 0)
        read_batch(stmt, ret_batch);
    return result;
}

int batches_list(struct store_tx *tx, struct batch_list *ret_list)
{
    AUTO(batch_list_release) struct batch_list list = {0};
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT " COLUMNS " FROM batches ORDER BY started_at, id");
    int result;

    while ((result = store_step(stmt)) == 1) {
        list.items = rows_grow(list.items, list.count, sizeof(list.items[0]));
        read_batch(stmt, &list.items[list.count++]);
    }
    if (result < 0)
        return result;
    *ret_list = list;
    list = (struct batch_list){0};
    return 0;
}

int batches_insert(struct store_tx *tx, const struct batch *batch)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "INSERT INTO batches (id, camera_id, started_at, last_activity, pipeline_start, "
            "detection_count) VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT DO NOTHING");
    int result;

    store_bind_text(stmt, 1, batch->id);
    store_bind_text(stmt, 2, batch->camera_id);
    store_bind_time(stmt, 3, batch->started_at);
    store_bind_time(stmt, 4, batch->last_activity);
    store_bind_text(stmt, 5, batch->pipeline_start);
    result = store_run(stmt);
    return result < 0 ? result : store_changes(tx) > 0 ? 0 : -EEXIST;
}

/* The next free position in the batch; -ENOENT when it is gone. */
static int next_position(struct store_tx *tx, const char *batch_id, int64_t *ret_position)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT detection_count FROM batches WHERE id = $1");
    int result;

    store_bind_text(stmt, 1, batch_id);
    result = step_one(stmt);
    if (result >= 0)
        *ret_position = store_int(stmt, 0);
    return result;
}

static int count_one_more(struct store_tx *tx, const char *batch_id, int64_t at)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "UPDATE batches SET detection_count = detection_count + 1, last_activity = "
            "CASE WHEN last_activity > $2 THEN last_activity ELSE $2 END WHERE id = $1");

    store_bind_text(stmt, 1, batch_id);
    store_bind_time(stmt, 2, at);
    return run_on_row(tx, stmt);
}

int batches_add(struct store_tx *tx, const char *batch_id, int64_t detection_id, int64_t at)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "INSERT INTO batch_detections (batch_id, position, detection_id) "
                          "VALUES ($1, $2, $3) ON CONFLICT (batch_id, detection_id) DO NOTHING");
    int64_t position = 0;
    int result = next_position(tx, batch_id, &position);

    if (result < 0)
        return result;
    store_bind_text(stmt, 1, batch_id);
    store_bind_int(stmt, 2, position);
    store_bind_int(stmt, 3, detection_id);
    result = store_run(stmt);
    if (result < 0 || store_changes(tx) == 0)
        return result;
    return count_one_more(tx, batch_id, at);
}

static int read_ids(struct store_tx *tx, const char *batch_id, int64_t **ids, size_t *count)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "SELECT detection_id FROM batch_detections WHERE batch_id = $1 ORDER BY position");
    int result;

    store_bind_text(stmt, 1, batch_id);
    while ((result = store_step(stmt)) == 1) {
        *ids = rows_grow(*ids, *count, sizeof(**ids));
        (*ids)[(*count)++] = store_int(stmt, 0);
    }
    return result;
}

int batches_close(struct store_tx *tx, const char *batch_id, int64_t **ret_ids, size_t *ret_count)
{
    AUTO(mem_free) int64_t *ids = NULL;
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(tx, "DELETE FROM batches WHERE id = $1");
    size_t count = 0;
    int result = read_ids(tx, batch_id, &ids, &count);

    if (result < 0)
        return result;
    store_bind_text(stmt, 1, batch_id);
    result = run_on_row(tx, stmt); /* its detections' rows go along */
    if (result < 0)
        return result;
    *ret_ids = TAKE(ids);
    *ret_count = count;
    return 0;
}

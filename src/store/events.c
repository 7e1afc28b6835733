#include "store/events.h"

#include "base/mem.h"
#include "base/time.h"
#include "store/query_private.h"

#include <errno.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "id, batch_id, camera_id, started_at, ended_at, risk_score, risk_level, summary, reasoning, "  \
    "llm_prompt, factors, assessed_by, reviewed, notes, is_fast_path, object_types, "              \
    "snooze_until, deleted_at, version"

void event_release(struct event *event)
{
    mem_free(&event->batch_id);
    mem_free(&event->camera_id);
    mem_free(&event->risk_level);
    mem_free(&event->summary);
    mem_free(&event->reasoning);
    mem_free(&event->llm_prompt);
    mem_free(&event->factors);
    mem_free(&event->assessed_by);
    mem_free(&event->notes);
    mem_free(&event->object_types);
    mem_free(&event->detection_ids);
    event->detection_count = 0;
}

void event_list_release(struct event_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        event_release(&list->items[i]);
    mem_free(&list->items);
    list->count = 0;
}

static void read_event(struct store_stmt *stmt, struct event *event)
{
    event->id = store_int(stmt, 0);
    event->batch_id = row_text(stmt, 1);
    event->camera_id = row_text(stmt, 2);
    event->started_at = store_time(stmt, 3);
    event->ended_at = store_time(stmt, 4);
    event->risk_score = store_is_null(stmt, 5) ? -1 : (int)store_int(stmt, 5);
    event->risk_level = row_text(stmt, 6);
    event->summary = row_text(stmt, 7);
    event->reasoning = row_text(stmt, 8);
    event->llm_prompt = row_text(stmt, 9);
    event->factors = row_text(stmt, 10);
    event->assessed_by = row_text(stmt, 11);
    event->reviewed = store_bool(stmt, 12);
    event->notes = row_text(stmt, 13);
    event->is_fast_path = store_bool(stmt, 14);
    event->object_types = row_text(stmt, 15);
    event->snooze_until = store_time(stmt, 16);
    event->deleted_at = store_time(stmt, 17);
    event->version = store_int(stmt, 18);
}

static int read_detection_ids(struct store_tx *tx, struct event *event)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "SELECT detection_id FROM event_detections WHERE event_id = $1 ORDER BY detection_id");
    int result;

    store_bind_int(stmt, 1, event->id);
    while ((result = store_step(stmt)) == 1) {
        event->detection_ids = rows_grow(event->detection_ids, event->detection_count,
                                         sizeof(event->detection_ids[0]));
        event->detection_ids[event->detection_count++] = store_int(stmt, 0);
    }
    return result;
}

static int find_batch(struct store_tx *tx, const char *batch_id, int64_t *ret_id)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(tx, "SELECT id FROM events WHERE batch_id = $1");
    int result;

    store_bind_text(stmt, 1, batch_id);
    result = step_one(stmt);
    if (result >= 0)
        *ret_id = store_int(stmt, 0);
    return result;
}

static int insert_row(struct store_tx *tx, const struct event *event, int64_t *ret_id)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "INSERT INTO events (batch_id, camera_id, started_at, ended_at, risk_score, "
            "risk_level, summary, reasoning, llm_prompt, factors, assessed_by, reviewed, notes, "
            "is_fast_path, object_types, snooze_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
            "$9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (batch_id) DO NOTHING "
            "RETURNING id");
    int result;

    store_bind_text(stmt, 1, event->batch_id);
    store_bind_text(stmt, 2, event->camera_id);
    store_bind_time(stmt, 3, event->started_at);
    bind_time_or_null(stmt, 4, event->ended_at);
    if (event->risk_score < 0)
        store_bind_null(stmt, 5);
    else
        store_bind_int(stmt, 5, event->risk_score);
    store_bind_text(stmt, 6, event->risk_level);
    store_bind_text(stmt, 7, event->summary);
    store_bind_text(stmt, 8, event->reasoning);
    store_bind_text(stmt, 9, event->llm_prompt);
    store_bind_text(stmt, 10, event->factors);
    store_bind_text(stmt, 11, event->assessed_by);
    store_bind_bool(stmt, 12, event->reviewed);
    store_bind_text(stmt, 13, event->notes);
    store_bind_bool(stmt, 14, event->is_fast_path);
    store_bind_text(stmt, 15, event->object_types);
    bind_time_or_null(stmt, 16, event->snooze_until);
    result = step_one(stmt);
    if (result >= 0)
        *ret_id = store_int(stmt, 0);
    return result;
}

static int link_detections(struct store_tx *tx, int64_t event_id, const int64_t *ids, size_t count)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "INSERT INTO event_detections (event_id, detection_id, created_at) "
                          "VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
    int64_t now = time_now();
    int result = 0;

    for (size_t i = 0; i < count && result >= 0; i++) {
        store_bind_int(stmt, 1, event_id);
        store_bind_int(stmt, 2, ids[i]);
        store_bind_time(stmt, 3, now);
        result = store_run(stmt);
    }
    return result;
}

int events_insert(struct store_tx *tx, const struct event *event, const int64_t *detection_ids,
                  size_t count, int64_t *ret_id)
{
    int64_t id = 0;
    int result = insert_row(tx, event, &id);

    if (result == -ENOENT) { /* nothing was inserted: the batch is an event already */
        result = find_batch(tx, event->batch_id, ret_id);
        return result < 0 ? result : -EEXIST;
    }
    if (result >= 0)
        result = link_detections(tx, id, detection_ids, count);
    if (result >= 0)
        *ret_id = id;
    return result;
}

int events_get(struct store_tx *tx, int64_t id, struct event *ret_event)
{
    AUTO(event_release) struct event event = {0};
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT " COLUMNS " FROM events WHERE id = $1 AND deleted_at IS NULL");
    int result;

    store_bind_int(stmt, 1, id);
    result = step_one(stmt);
    if (result < 0)
        return result;
    read_event(stmt, &event);
    result = read_detection_ids(tx, &event);
    if (result < 0)
        return result;
    *ret_event = event;
    event = (struct event){0};
    return 0;
}

/* A LIKE pattern for one whole item of the comma-separated list, taken literally. */
static char *item_pattern(const char *item)
{
    struct buf pattern = BUF_INIT;

    buf_add_text(&pattern, "%,");
    for (; *item; item++) {
        if (strchr("%_\\", *item))
            buf_add_char(&pattern, '\\');
        buf_add_char(&pattern, *item);
    }
    buf_add_text(&pattern, ",%");
    return buf_detach(&pattern);
}

static void add_conditions(struct query *query, const struct event_filter *filter,
                           const char *object_pattern)
{
    query_text(query, "camera_id = ?", filter->camera_id);
    query_text(query, "risk_level = ?", filter->risk_level);
    query_time(query, "started_at >= ?", filter->start);
    query_time(query, "started_at <= ?", filter->end);
    if (filter->reviewed >= 0)
        query_bool(query, "reviewed = ?", filter->reviewed > 0);
    if (!filter->include_deleted)
        query_condition(query, "deleted_at IS NULL");
    query_text(query, "',' || object_types || ',' LIKE ? ESCAPE '\\'", object_pattern);
}

int events_list(struct store_tx *tx, const struct event_filter *filter, const struct page *page,
                struct event_list *ret_list, struct page_result *ret_result)
{
    AUTO(mem_free)
    char *pattern = filter->object_type ? item_pattern(filter->object_type) : NULL;
    AUTO(query_release) struct query query = QUERY_INIT;
    AUTO(event_list_release) struct event_list list = {0};
    AUTO(store_stmt_done) struct store_stmt *stmt = NULL;
    struct page_result found = {0};
    int result;

    add_conditions(&query, filter, pattern);
    result = query_page(&query, tx, "events", COLUMNS, "started_at", page, &found, &stmt);
    while (result >= 0 && !found.has_more && (result = store_step(stmt)) == 1) {
        if (list.count == (size_t)page->limit) {
            found.has_more = true;
            continue;
        }
        list.items = rows_grow(list.items, list.count, sizeof(list.items[0]));
        read_event(stmt, &list.items[list.count++]);
    }
    for (size_t i = 0; i < list.count && result >= 0; i++)
        result = read_detection_ids(tx, &list.items[i]);
    if (result < 0)
        return result;
    if (list.count > 0) {
        found.last_time = list.items[list.count - 1].started_at;
        found.last_id = list.items[list.count - 1].id;
    }
    *ret_list = list;
    list = (struct event_list){0};
    *ret_result = found;
    return 0;
}

int events_update(struct store_tx *tx, const struct event *event)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "UPDATE events SET reviewed = $2, notes = $3, snooze_until = $4, "
                          "version = version + 1 WHERE id = $1 AND deleted_at IS NULL");

    store_bind_int(stmt, 1, event->id);
    store_bind_bool(stmt, 2, event->reviewed);
    store_bind_text(stmt, 3, event->notes);
    bind_time_or_null(stmt, 4, event->snooze_until);
    return run_on_row(tx, stmt);
}

static void count_level(struct event_stats *stats, const char *level, int64_t count)
{
    static const char *const names[] = {"low", "medium", "high", "critical"};

    stats->total += count;
    for (size_t i = 0; level && i < COUNT_OF(names); i++)
        if (!strcmp(level, names[i]))
            stats->by_level[i] = count;
}

int events_stats(struct store_tx *tx, const char *camera_id, int64_t start, int64_t end,
                 struct event_stats *ret_stats)
{
    AUTO(query_release) struct query query = QUERY_INIT;
    AUTO(store_stmt_done) struct store_stmt *stmt = NULL;
    struct event_stats stats = {0};
    int result;

    query_condition(&query, "deleted_at IS NULL");
    query_text(&query, "camera_id = ?", camera_id);
    query_time(&query, "started_at >= ?", start);
    query_time(&query, "started_at <= ?", end);
    stmt =
        query_prepare(&query, tx, "SELECT risk_level, count(*) FROM events", "GROUP BY risk_level");
    while ((result = store_step(stmt)) == 1)
        count_level(&stats, store_text(stmt, 0), store_int(stmt, 1));
    if (result < 0)
        return result;
    *ret_stats = stats;
    return 0;
}

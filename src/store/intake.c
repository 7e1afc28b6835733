#include "store/intake.h"

#include "base/mem.h"
#include "base/time.h"
#include "store/query_private.h"

#include <errno.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "id, camera_id, file_path, file_hash, size, modified_at, seen_at, finished_at, outcome, "      \
    "reason, detail"

static const char *const outcome_names[INTAKE_OUTCOMES] = {
    [INTAKE_QUEUED] = "queued",       [INTAKE_DETECTED] = "detected", [INTAKE_NOTHING] = "nothing",
    [INTAKE_DUPLICATE] = "duplicate", [INTAKE_REFUSED] = "refused",   [INTAKE_FAILED] = "failed",
};

void intake_release(struct intake *intake)
{
    mem_free(&intake->camera_id);
    mem_free(&intake->file_path);
    mem_free(&intake->file_hash);
    mem_free(&intake->reason);
    mem_free(&intake->detail);
}

void intake_list_release(struct intake_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        intake_release(&list->items[i]);
    mem_free(&list->items);
    list->count = 0;
}

const char *intake_outcome_name(enum intake_outcome outcome)
{
    return outcome_names[outcome];
}

/* The table's CHECK keeps other words out. */
static enum intake_outcome outcome_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(outcome_names); i++)
        if (!strcmp(name, outcome_names[i]))
            return (enum intake_outcome)i;
    return INTAKE_FAILED;
}

static void read_intake(struct store_stmt *stmt, struct intake *intake)
{
    intake->id = store_int(stmt, 0);
    intake->camera_id = row_text(stmt, 1);
    intake->file_path = row_text(stmt, 2);
    intake->file_hash = row_text(stmt, 3);
    intake->size = store_int(stmt, 4);
    intake->modified_at = store_time(stmt, 5);
    intake->seen_at = store_time(stmt, 6);
    intake->finished_at = store_time(stmt, 7);
    intake->outcome = outcome_of(store_text(stmt, 8));
    intake->reason = row_text(stmt, 9);
    intake->detail = row_text(stmt, 10);
}

int intake_insert(struct store_tx *tx, const struct intake *intake, int64_t *ret_id)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "INSERT INTO intake (camera_id, file_path, file_hash, size, modified_at, seen_at, "
            "finished_at, outcome, reason, detail) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id");
    int result;

    store_bind_text(stmt, 1, intake->camera_id);
    store_bind_text(stmt, 2, intake->file_path);
    store_bind_text(stmt, 3, intake->file_hash);
    store_bind_int(stmt, 4, intake->size);
    store_bind_time(stmt, 5, intake->modified_at);
    store_bind_time(stmt, 6, intake->seen_at);
    bind_time_or_null(stmt, 7, intake->finished_at);
    store_bind_text(stmt, 8, intake_outcome_name(intake->outcome));
    store_bind_text(stmt, 9, intake->reason);
    store_bind_text(stmt, 10, intake->detail);
    result = step_one(stmt);
    if (result >= 0)
        *ret_id = store_int(stmt, 0);
    return result;
}

int intake_finish(struct store_tx *tx, int64_t id, enum intake_outcome outcome, const char *reason,
                  const char *detail)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "UPDATE intake SET outcome = $2, reason = $3, detail = $4, "
                          "finished_at = $5 WHERE id = $1");

    store_bind_int(stmt, 1, id);
    store_bind_text(stmt, 2, intake_outcome_name(outcome));
    store_bind_text(stmt, 3, reason);
    store_bind_text(stmt, 4, detail);
    store_bind_time(stmt, 5, time_now());
    return run_on_row(tx, stmt);
}

int intake_fail_queued(struct store_tx *tx, int64_t id, const char *reason, const char *detail)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "UPDATE intake SET outcome = 'failed', reason = $2, detail = $3, "
                          "finished_at = $4 WHERE id = $1 AND outcome = 'queued'");
    int result;

    store_bind_int(stmt, 1, id);
    store_bind_text(stmt, 2, reason);
    store_bind_text(stmt, 3, detail);
    store_bind_time(stmt, 4, time_now());
    result = store_run(stmt);
    return result < 0 ? result : store_changes(tx) > 0;
}

int intake_knows(struct store_tx *tx, const char *file_path, int64_t size, int64_t modified_at)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(tx, "SELECT 1 FROM intake WHERE file_path = $1 AND "
                                                "size = $2 AND modified_at = $3 LIMIT 1");

    store_bind_text(stmt, 1, file_path);
    store_bind_int(stmt, 2, size);
    store_bind_time(stmt, 3, modified_at);
    return store_step(stmt);
}

int intake_has_hash(struct store_tx *tx, const char *file_hash, int64_t since)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT 1 FROM intake WHERE file_hash = $1 AND seen_at >= $2 AND "
                          "outcome IN ('queued', 'detected', 'nothing') LIMIT 1");

    store_bind_text(stmt, 1, file_hash);
    store_bind_time(stmt, 2, since);
    return store_step(stmt);
}

int intake_has_hash_of(struct store_tx *tx, const char *camera_id, const char *file_hash,
                       int64_t since)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "SELECT 1 FROM intake WHERE file_hash = $1 AND seen_at >= $2 AND camera_id = $3 AND "
            "outcome IN ('queued', 'detected', 'nothing') LIMIT 1");

    store_bind_text(stmt, 1, file_hash);
    store_bind_time(stmt, 2, since);
    store_bind_text(stmt, 3, camera_id);
    return store_step(stmt);
}

int intake_last_seen(struct store_tx *tx, int64_t *ret_instant)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(tx, "SELECT max(seen_at) FROM intake");
    int result = step_one(stmt);

    if (result >= 0)
        *ret_instant = store_time(stmt, 0);
    return result;
}

int intake_counts(struct store_tx *tx, int64_t ret_counts[INTAKE_OUTCOMES])
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT outcome, count(*) FROM intake GROUP BY outcome");
    int64_t counts[INTAKE_OUTCOMES] = {0};
    int result;

    while ((result = store_step(stmt)) == 1)
        counts[outcome_of(store_text(stmt, 0))] = store_int(stmt, 1);
    if (result >= 0)
        memcpy(ret_counts, counts, sizeof(counts));
    return result;
}

int intake_list_refused(struct store_tx *tx, int limit, struct intake_list *ret_list)
{
    AUTO(intake_list_release) struct intake_list list = {0};
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT " COLUMNS " FROM intake WHERE outcome IN ('refused', 'failed') "
                          "ORDER BY seen_at DESC, id DESC LIMIT $1");
    int result;

    store_bind_int(stmt, 1, limit);
    while ((result = store_step(stmt)) == 1) {
        list.items = rows_grow(list.items, list.count, sizeof(list.items[0]));
        read_intake(stmt, &list.items[list.count++]);
    }
    if (result < 0)
        return result;
    *ret_list = list;
    list = (struct intake_list){0};
    return 0;
}

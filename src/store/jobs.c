#include "store/jobs.h"

#include "base/mem.h"
#include "base/time.h"
#include "store/query_private.h"

void job_row_release(struct job_row *row)
{
    mem_free(&row->body);
    mem_free(&row->retry_delays);
}

void job_ids_release(struct job_ids *ids)
{
    mem_free(&ids->items);
    ids->count = 0;
}

int jobs_insert(struct store_tx *tx, const char *queue, const char *body, int64_t *ret_id)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "INSERT INTO jobs (queue, body, created_at, available_at) "
                          "VALUES ($1, $2, $3, $3) RETURNING id");
    int result;

    store_bind_text(stmt, 1, queue);
    store_bind_text(stmt, 2, body);
    store_bind_time(stmt, 3, time_now());
    result = step_one(stmt);
    if (result >= 0)
        *ret_id = store_int(stmt, 0);
    return result;
}

int jobs_get(struct store_tx *tx, int64_t id, struct job_row *ret_row)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT id, attempts, failures, created_at, taken_at, first_failed_at, "
                          "last_failed_at, body, retry_delays FROM jobs WHERE id = $1");
    int result;

    store_bind_int(stmt, 1, id);
    result = step_one(stmt);
    if (result >= 0)
        *ret_row = (struct job_row){
            .id = store_int(stmt, 0),
            .attempts = (unsigned)store_int(stmt, 1),
            .failures = (unsigned)store_int(stmt, 2),
            .created_at = store_time(stmt, 3),
            .taken_at = store_time(stmt, 4),
            .first_failed_at = store_time(stmt, 5),
            .last_failed_at = store_time(stmt, 6),
            .body = row_text(stmt, 7),
            .retry_delays = row_text(stmt, 8),
        };
    return result;
}

int jobs_take(struct store_tx *tx, int64_t id)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "UPDATE jobs SET attempts = attempts + 1, taken_at = $2 WHERE id = $1");

    store_bind_int(stmt, 1, id);
    store_bind_time(stmt, 2, time_now());
    return run_on_row(tx, stmt);
}

int jobs_delete(struct store_tx *tx, int64_t id, unsigned attempts)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(tx, "DELETE FROM jobs WHERE id = $1 AND attempts = $2");

    store_bind_int(stmt, 1, id);
    store_bind_int(stmt, 2, attempts);
    return run_on_row(tx, stmt);
}

int jobs_put_off(struct store_tx *tx, const struct job_row *row, const char *error,
                 int64_t available_at, const char *retry_delays)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "UPDATE jobs SET failures = failures + 1, taken_at = NULL, error = $3, "
            "available_at = $4, retry_delays = $5, last_failed_at = $6, "
            "first_failed_at = coalesce(first_failed_at, $6) WHERE id = $1 AND attempts = $2");

    store_bind_int(stmt, 1, row->id);
    store_bind_int(stmt, 2, row->attempts);
    store_bind_text(stmt, 3, error);
    store_bind_time(stmt, 4, available_at);
    store_bind_text(stmt, 5, retry_delays);
    store_bind_time(stmt, 6, time_now());
    return run_on_row(tx, stmt);
}

int jobs_oldest_waiting(struct store_tx *tx, const char *queue, int64_t *ret_id)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "SELECT id FROM jobs WHERE queue = $1 AND taken_at IS NULL ORDER BY id LIMIT 1");
    int result;

    store_bind_text(stmt, 1, queue);
    result = step_one(stmt);
    if (result >= 0)
        *ret_id = store_int(stmt, 0);
    return result;
}

static int list_ids(struct store_stmt *stmt, const char *queue, struct job_ids *ret_ids)
{
    AUTO(job_ids_release) struct job_ids ids = {0};
    int result;

    store_bind_text(stmt, 1, queue);
    while ((result = store_step(stmt)) == 1) {
        ids.items = rows_grow(ids.items, ids.count, sizeof(ids.items[0]));
        ids.items[ids.count++] = store_int(stmt, 0);
    }
    if (result < 0)
        return result;
    *ret_ids = ids;
    ids = (struct job_ids){0};
    return 0;
}

int jobs_list(struct store_tx *tx, const char *queue, struct job_ids *ret_ids)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(tx, "SELECT id FROM jobs WHERE queue = $1 ORDER BY id");

    return list_ids(stmt, queue, ret_ids);
}

int jobs_list_taken(struct store_tx *tx, const char *queue, struct job_ids *ret_ids)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "SELECT id FROM jobs WHERE queue = $1 AND taken_at IS NOT NULL ORDER BY id");

    return list_ids(stmt, queue, ret_ids);
}

int jobs_return_taken(struct store_tx *tx, const char *queue)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "UPDATE jobs SET taken_at = NULL WHERE queue = $1 AND taken_at IS NOT NULL");

    store_bind_text(stmt, 1, queue);
    return store_run(stmt);
}

int jobs_give_up_taken(struct store_tx *tx, const char *queue)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "UPDATE jobs SET taken_at = NULL, attempts = attempts - 1 "
                          "WHERE queue = $1 AND taken_at IS NOT NULL");

    store_bind_text(stmt, 1, queue);
    return store_run(stmt);
}

#include "store/dead_letters.h"

#include "base/mem.h"
#include "store/query_private.h"

void dead_letter_release(struct dead_letter *letter)
{
    mem_free(&letter->name);
    mem_free(&letter->queue_name);
    mem_free(&letter->original_job);
    mem_free(&letter->error);
    mem_free(&letter->error_type);
    mem_free(&letter->retry_delays);
    mem_free(&letter->context);
}

void dead_letter_list_release(struct dead_letter_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        dead_letter_release(&list->items[i]);
    mem_free(&list->items);
    list->count = 0;
}

static void read_letter(struct store_stmt *stmt, struct dead_letter *letter)
{
    letter->id = store_int(stmt, 0);
    letter->name = row_text(stmt, 1);
    letter->queue_name = row_text(stmt, 2);
    letter->original_job = row_text(stmt, 3);
    letter->error = row_text(stmt, 4);
    letter->error_type = row_text(stmt, 5);
    letter->attempt_count = (unsigned)store_int(stmt, 6);
    letter->first_failed_at = store_time(stmt, 7);
    letter->last_failed_at = store_time(stmt, 8);
    letter->retry_delays = row_text(stmt, 9);
    letter->context = row_text(stmt, 10);
}

int dead_letters_insert(struct store_tx *tx, const struct dead_letter *letter)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "INSERT INTO dead_letters (name, queue_name, original_job, error, error_type, "
            "attempt_count, first_failed_at, last_failed_at, retry_delays, context) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");

    store_bind_text(stmt, 1, letter->name);
    store_bind_text(stmt, 2, letter->queue_name);
    store_bind_text(stmt, 3, letter->original_job);
    store_bind_text(stmt, 4, letter->error);
    store_bind_text(stmt, 5, letter->error_type);
    store_bind_int(stmt, 6, letter->attempt_count);
    store_bind_time(stmt, 7, letter->first_failed_at);
    store_bind_time(stmt, 8, letter->last_failed_at);
    store_bind_text(stmt, 9, letter->retry_delays);
    store_bind_text(stmt, 10, letter->context);
    return store_run(stmt);
}

int dead_letters_trim(struct store_tx *tx, const char *name, int64_t kept)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "DELETE FROM dead_letters WHERE name = $1 AND id <= (SELECT id FROM dead_letters "
            "WHERE name = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)");
    int result;

    store_bind_text(stmt, 1, name);
    store_bind_int(stmt, 2, kept);
    result = store_run(stmt);
    return result < 0 ? result : (int)store_changes(tx);
}

int dead_letters_count(struct store_tx *tx, const char *name, int64_t *ret_count)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT count(*) FROM dead_letters WHERE name = $1");
    int result;

    store_bind_text(stmt, 1, name);
    result = step_one(stmt);
    if (result >= 0)
        *ret_count = store_int(stmt, 0);
    return result;
}

int dead_letters_list(struct store_tx *tx, const char *name, int limit, int offset,
                      struct dead_letter_list *ret_list)
{
    AUTO(dead_letter_list_release) struct dead_letter_list list = {0};
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "SELECT id, name, queue_name, original_job, error, error_type, attempt_count, "
            "first_failed_at, last_failed_at, retry_delays, context FROM dead_letters "
            "WHERE name = $1 ORDER BY id LIMIT $2 OFFSET $3");
    int result;

    store_bind_text(stmt, 1, name);
    store_bind_int(stmt, 2, limit);
    store_bind_int(stmt, 3, offset);
    while ((result = store_step(stmt)) == 1) {
        list.items = rows_grow(list.items, list.count, sizeof(list.items[0]));
        read_letter(stmt, &list.items[list.count++]);
    }
    if (result < 0)
        return result;
    *ret_list = list;
    list = (struct dead_letter_list){0};
    return 0;
}

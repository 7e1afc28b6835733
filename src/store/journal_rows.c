#include "store/journal_rows.h"

#include "base/mem.h"
#include "store/query_private.h"

void journal_channel_row_release(struct journal_channel_row *row)
{
    mem_free(&row->epoch);
    mem_free(&row->boot_id);
}

int journal_rows_channel(struct store_tx *tx, const char *channel,
                         struct journal_channel_row *ret_row)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT epoch, last_sequence, boot_id, is_durable, clean_end "
                          "FROM journal_channels WHERE channel = $1");
    int result;

    store_bind_text(stmt, 1, channel);
    result = step_one(stmt);
    if (result >= 0)
        *ret_row = (struct journal_channel_row){
            .epoch = row_text(stmt, 0),
            .last_sequence = (uint64_t)store_int(stmt, 1),
            .boot_id = row_text(stmt, 2),
            .is_durable = store_bool(stmt, 3),
            .clean_end = store_bool(stmt, 4),
        };
    return result;
}

int journal_rows_set_channel(struct store_tx *tx, const char *channel,
                             const struct journal_channel_row *row)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "INSERT INTO journal_channels (channel, epoch, last_sequence, boot_id, is_durable, "
            "clean_end) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (channel) DO UPDATE SET "
            "epoch = $2, last_sequence = $3, boot_id = $4, is_durable = $5, clean_end = $6");

    store_bind_text(stmt, 1, channel);
    store_bind_text(stmt, 2, row->epoch);
    store_bind_int(stmt, 3, (int64_t)row->last_sequence);
    store_bind_text(stmt, 4, row->boot_id);
    store_bind_bool(stmt, 5, row->is_durable);
    store_bind_bool(stmt, 6, row->clean_end);
    return store_run(stmt);
}

int journal_rows_insert(struct store_tx *tx, const char *channel, const struct journal_row *row)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "INSERT INTO journal_messages (channel, sequence, created_at, "
                          "requires_ack, type, data) VALUES ($1, $2, $3, $4, $5, $6)");

    store_bind_text(stmt, 1, channel);
    store_bind_int(stmt, 2, (int64_t)row->sequence);
    store_bind_time(stmt, 3, row->created_at);
    store_bind_bool(stmt, 4, row->requires_ack);
    store_bind_span(stmt, 5, row->type);
    store_bind_span(stmt, 6, row->data);
    return store_run(stmt);
}

/* The sequence at one end of the channel, 0 when it is empty: one step into the index each. */
static int read_end(struct store_stmt *stmt, const char *channel, uint64_t *ret_sequence)
{
    int result;

    store_bind_text(stmt, 1, channel);
    result = step_one(stmt);
    if (result >= 0)
        *ret_sequence = (uint64_t)store_int(stmt, 0);
    return result;
}

int journal_rows_range(struct store_tx *tx, const char *channel, uint64_t *ret_oldest,
                       uint64_t *ret_newest)
{
    AUTO(store_stmt_done)
    struct store_stmt *first =
        store_prepare(tx, "SELECT min(sequence) FROM journal_messages WHERE channel = $1");
    AUTO(store_stmt_done)
    struct store_stmt *last =
        store_prepare(tx, "SELECT max(sequence) FROM journal_messages WHERE channel = $1");
    int result = read_end(first, channel, ret_oldest);

    return result < 0 ? result : read_end(last, channel, ret_newest);
}

int journal_rows_delete_below(struct store_tx *tx, const char *channel, uint64_t sequence)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "DELETE FROM journal_messages WHERE channel = $1 AND sequence < $2");

    store_bind_text(stmt, 1, channel);
    store_bind_int(stmt, 2, (int64_t)sequence);
    return store_run(stmt);
}

int journal_rows_clear(struct store_tx *tx, const char *channel)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(tx, "DELETE FROM journal_messages WHERE channel = $1");

    store_bind_text(stmt, 1, channel);
    return store_run(stmt);
}

struct store_stmt *journal_rows_select(struct store_tx *tx, const char *channel, uint64_t from,
                                       uint64_t to, size_t max)
{
    struct store_stmt *stmt = store_prepare(
        tx, "SELECT sequence, created_at, requires_ack, type, data FROM journal_messages "
            "WHERE channel = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence LIMIT $4");

    store_bind_text(stmt, 1, channel);
    store_bind_int(stmt, 2, (int64_t)from);
    store_bind_int(stmt, 3, (int64_t)to);
    store_bind_int(stmt, 4, (int64_t)max);
    return stmt;
}

void journal_rows_get(struct store_stmt *stmt, struct journal_row *ret_row)
{
    *ret_row = (struct journal_row){
        .sequence = (uint64_t)store_int(stmt, 0),
        .created_at = store_time(stmt, 1),
        .requires_ack = store_bool(stmt, 2),
        .type = span_of(store_text(stmt, 3)),
        .data = span_of(store_text(stmt, 4)),
    };
}

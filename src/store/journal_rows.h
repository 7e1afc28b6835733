/* journal_rows: the journal's tables. journal/ is their only user; what they mean is in journal.h.
 */
#pragma once

#include "base/own.h"
#include "base/span.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct journal_channel_row {
    char *epoch;
    uint64_t last_sequence; /* at least this one was given */
    char *boot_id;          /* of the machine's start in which it was last open */
    bool is_durable;        /* it was open with JOURNAL_SYNC=full */
    bool clean_end;
};

void journal_channel_row_release(struct journal_channel_row *row);

MUST_CHECK int journal_rows_channel(struct store_tx *tx, const char *channel,
                                    struct journal_channel_row *ret_row); /* -ENOENT */
MUST_CHECK int journal_rows_set_channel(struct store_tx *tx, const char *channel,
                                        const struct journal_channel_row *row);

struct journal_row {
    uint64_t sequence;
    int64_t created_at;
    bool requires_ack;
    struct span type, data; /* of a row read: valid until the next step */
};

MUST_CHECK int journal_rows_insert(struct store_tx *tx, const char *channel,
                                   const struct journal_row *row);
/* Oldest and newest sequence; 0 and 0 when there is none. */
MUST_CHECK int journal_rows_range(struct store_tx *tx, const char *channel, uint64_t *ret_oldest,
                                  uint64_t *ret_newest);
MUST_CHECK int journal_rows_delete_below(struct store_tx *tx, const char *channel,
                                         uint64_t sequence);
MUST_CHECK int journal_rows_clear(struct store_tx *tx, const char *channel);

/* Rows with from <= sequence <= to, in order: store_step() it, journal_rows_get() each row. */
struct store_stmt *journal_rows_select(struct store_tx *tx, const char *channel, uint64_t from,
                                       uint64_t to, size_t max);
void journal_rows_get(struct store_stmt *stmt, struct journal_row *ret_row);

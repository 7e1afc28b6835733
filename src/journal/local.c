/* The journal in the database.
 *
 * Numbers are given in memory, by `given`, on the writer's one thread, and are dense because a
 * number is only kept when its row is: a write that is rolled back winds the counter back before
 * the next write runs (store_tx_after() undoes newest first), and a group whose commit fails winds
 * back all of its writes. So between two groups `given` is what the database holds.
 *
 * Followers hear of a group in one go. Within a group's hooks the last message of all is the one
 * whose number equals `given`. */
#include "base/mem.h"
#include "base/time.h"
#include "journal/journal_private.h"
#include "store/journal_rows.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define SEQUENCE_MAX ((uint64_t)1 << 53) /* JavaScript counts exactly up to here */

static void on_fate(void *arg, bool committed)
{
    struct append *append = arg;
    struct journal *journal = append->journal;

    if (!committed) {
        assert(journal->given == append->message->sequence);
        journal->given--;
        journal->kept_from = append->kept_from_before;
        append_free(&append);
        return;
    }
    uint64_t sequence = append->message->sequence;
    atomic_store(&journal->oldest, append->kept_from_after);
    atomic_store(&journal->last, sequence);
    list_append(&journal->committed, &append->node);
    if (sequence == journal->given)
        journal_tell(journal);
}

/* A bite off the old end, now and then, so that no single write has much to remove. */
static int prune(struct journal *journal, struct store_tx *tx, uint64_t newest)
{
    uint64_t to = journal->kept_from + 2 * JOURNAL_PRUNE_BITE;
    int result;

    if (newest % JOURNAL_PRUNE_BITE != 0 || newest <= journal->settings.messages_max)
        return 0;
    if (to > newest - journal->settings.messages_max + 1)
        to = newest - journal->settings.messages_max + 1;
    if (to <= journal->kept_from)
        return 0;
    result = journal_rows_delete_below(tx, JOURNAL_CHANNEL_EVENTS, to);
    if (result >= 0)
        journal->kept_from = to;
    return result;
}

static bool needs_ack(const char *type, const json_t *data)
{
    const char *level = json_member_text(data, "risk_level");

    return !strcmp(type, "event") && (json_member_number(data, "risk_score", 0) >= 80 ||
                                      (level && !strcmp(level, "critical")));
}

int journal_append(struct journal *journal, struct store_tx *tx, const char *type,
                   const json_t *data, uint64_t *ret_sequence)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    struct journal_row row = {
        .sequence = journal->given + 1,
        .created_at = time_now(),
        .requires_ack = needs_ack(type, data),
        .type = span_of(type),
    };
    uint64_t kept_from = journal->kept_from;
    struct append *append;
    int result;

    assert(json_is_object(data) && row.sequence < SEQUENCE_MAX);
    buf_add_json(&text, data);
    if (text.len > JOURNAL_MESSAGE_MAX)
        return -EMSGSIZE;
    row.data = buf_span(&text);
    result = journal_rows_insert(tx, JOURNAL_CHANNEL_EVENTS, &row);
    if (result >= 0)
        result = prune(journal, tx, row.sequence);
    if (result < 0)
        return result; /* the transaction is lost, nothing was counted */

    append = mem_alloc(sizeof(*append));
    append->journal = journal;
    append->message =
        message_new(journal, row.sequence, row.created_at, row.requires_ack, row.type, row.data);
    append->kept_from_before = kept_from;
    append->kept_from_after = journal->kept_from;
    journal->given = row.sequence;
    store_tx_after(tx, on_fate, append);
    if (ret_sequence)
        *ret_sequence = row.sequence;
    return 0;
}

struct append_now {
    struct journal *journal;
    const char *type;
    const json_t *data;
    uint64_t sequence;
};

static int append_one(struct store_tx *tx, void *arg)
{
    struct append_now *now = arg;

    return journal_append(now->journal, tx, now->type, now->data, &now->sequence);
}

int journal_append_now(struct journal *journal, const char *type, const json_t *data,
                       uint64_t *ret_sequence)
{
    struct append_now now = {.journal = journal, .type = type, .data = data};
    int result = store_write(journal->store, append_one, &now);

    if (result >= 0 && ret_sequence)
        *ret_sequence = now.sequence;
    return result;
}

void journal_position(const struct journal *journal, struct journal_position *ret_position)
{
    memcpy(ret_position->epoch, journal->epoch, sizeof(ret_position->epoch));
    /* In this order: both only grow, and oldest never passes last + 1. */
    ret_position->oldest = atomic_load(&journal->oldest);
    ret_position->last = atomic_load(&journal->last);
}

struct reading {
    struct journal *journal;
    uint64_t from, to;
    size_t max, count;
    struct message **messages;
};

static int read_some(struct store_tx *tx, void *arg)
{
    struct reading *reading = arg;
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        journal_rows_select(tx, JOURNAL_CHANNEL_EVENTS, reading->from, reading->to, reading->max);
    int result;

    while ((result = store_step(stmt)) == 1) {
        struct journal_row row;

        journal_rows_get(stmt, &row);
        reading->messages[reading->count++] = message_new(
            reading->journal, row.sequence, row.created_at, row.requires_ack, row.type, row.data);
    }
    return result;
}

int journal_read(struct journal *journal, uint64_t from, size_t max, struct message **ret_messages)
{
    /* Not what is committed and not yet told: nobody reads ahead of the position. */
    struct reading reading = {
        .journal = journal,
        .from = from,
        .to = atomic_load(&journal->last),
        .max = max,
        .messages = ret_messages,
    };
    int result = store_read(journal->store, read_some, &reading);

    if (result >= 0)
        return (int)reading.count;
    for (size_t i = 0; i < reading.count; i++)
        message_unref(&ret_messages[i]);
    return result;
}

/* journal: append, read from, follow.
 *
 * A message is appended inside a store transaction: it becomes true together with the rows it
 * speaks of, or not at all, whenever the process dies. Its sequence is given by the writer at that
 * moment: dense from 1 per channel, never reused, never reordered. Followers hear of it after the
 * commit, in order, on the core loop.
 *
 * `epoch` changes only when continuity is lost: a new database, or the machine lost power while
 * JOURNAL_SYNC was not full (boot id changed without a clean end), or an administrator's reset.
 *
 * Limit: the newest messages_max per channel are kept (JOURNAL_MAX_MESSAGES, default 100,000), and
 * up to JOURNAL_PRUNE_BITE more until the next bite is taken off; JOURNAL_MESSAGE_MAX bytes of
 * data. */
#pragma once

#include "base/ids.h"
#include "base/json.h"
#include "base/list.h"
#include "base/own.h"
#include "loop/loop.h"
#include "store/store.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define JOURNAL_MESSAGE_MAX (256 * 1024)
#define JOURNAL_PRUNE_BITE 64
#define JOURNAL_CHANNEL_EVENTS "events"

struct journal;

/* Immutable and counted. `type` and `data` lie in the same block. */
struct message {
    atomic_uint refs;
    uint64_t sequence;
    int64_t timestamp;
    bool requires_ack;
    const char *channel; /* a constant of the journal's */
    const char *epoch;   /* in the same block too: a message may outlive its journal */
    struct span type;
    struct span data; /* JSON text of the `data` member, an object */
};

struct message *message_ref(struct message *message);
void message_unref(struct message **message);

struct journal_settings {
    uint64_t messages_max; /* at least 1 */
};

/* Reads where it stopped. Returns 0 or -errno with `why`. Blocks: at start only. The core loop is
 * where followers hear. */
MUST_CHECK int journal_open(struct store *store, struct loop *core,
                            const struct journal_settings *settings, struct journal **ret_journal,
                            struct buf *why);
/* Marks a clean end. Before store_close(); every follower has gone. Blocks. */
void journal_close(struct journal **journal);

/* Within a write transaction of the same store. `data` is copied. requires_ack is decided here:
 * type "event" with risk_score >= 80 or risk_level critical. Returns 0 or -errno; -EMSGSIZE over
 * JOURNAL_MESSAGE_MAX. ret_sequence may be NULL. */
MUST_CHECK int journal_append(struct journal *journal, struct store_tx *tx, const char *type,
                              const json_t *data, uint64_t *ret_sequence);

/* Convenience for one message alone: its own transaction, blocks until durable (workers only). */
MUST_CHECK int journal_append_now(struct journal *journal, const char *type, const json_t *data,
                                  uint64_t *ret_sequence);

struct journal_position {
    char epoch[IDS_EPOCH_SIZE];
    uint64_t last;   /* newest committed sequence, 0: none */
    uint64_t oldest; /* still readable; last + 1 when none is */
};

/* Any thread; a snapshot. */
void journal_position(const struct journal *journal, struct journal_position *ret_position);

/* Messages with sequence >= from, at most max, in order, newly counted, up to journal_position()'s
 * last. ret_messages has room for max. Blocks: workers only. Returns their number, or -errno. */
MUST_CHECK int journal_read(struct journal *journal, uint64_t from, size_t max,
                            struct message **ret_messages);

/* on_message is called on the core loop for each message committed after this call, in order. The
 * message is borrowed. */
typedef void journal_on_message(void *owner, struct message *message);
struct journal_follower {
    struct list node;
    journal_on_message *on_message;
    void *owner;
    uint64_t after; /* the journal's: the newest sequence when it began to follow */
};
/* Core loop, or before it runs. A follower may end itself or any other while it is called. */
void journal_follow(struct journal *journal, struct journal_follower *follower,
                    journal_on_message *on_message, void *owner);
void journal_unfollow(struct journal_follower *follower);

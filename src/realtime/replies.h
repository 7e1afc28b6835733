/* replies: what the server says to one client: the JSON of every message that is not from the
 * journal. Forms: docs/protocol.md. Each function appends one document. Pure; thread: any. */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "base/span.h"
#include "realtime/resume.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reply_connected {
    const char *connection_id, *session, *channel, *epoch, *version;
    uint64_t last_sequence, oldest_sequence;
    int64_t ping_interval_us;
    int64_t now;
};
void reply_connected(struct buf *out, const struct reply_connected *connected);

void reply_ping(struct buf *out, uint64_t last_sequence, const char *epoch, int64_t now);
void reply_pong(struct buf *out);

enum subscription_change { SUBSCRIPTION_SUBSCRIBED, SUBSCRIPTION_UNSUBSCRIBED };
void reply_subscription(struct buf *out, enum subscription_change change,
                        const struct span *patterns, size_t count);

struct reply_resync {
    struct span channel;
    const char *epoch;
    uint64_t asked;    /* the sequence the client named */
    uint64_t replayed; /* how many messages follow */
    uint64_t next;     /* the first of what follows */
    bool recovered;
    bool too_old; /* some are gone; `next` is the oldest there is */
};
void reply_resync(struct buf *out, const struct reply_resync *resync);

/* from..to will not come; both 0: cannot be numbered. `next` comes next. */
struct reply_gap {
    const char *channel, *epoch;
    uint64_t from, to, next;
    enum gap_reason reason;
};
void reply_gap(struct buf *out, const struct reply_gap *gap);

/* `details` is borrowed and may be NULL. `error` is what the seeds' clients read, `code` what a
 * program compares. */
struct reply_error {
    const char *error, *code, *message;
    const json_t *details;
};
void reply_error(struct buf *out, const struct reply_error *error);

void reply_shutdown(struct buf *out, const char *reason, int64_t retry_after_ms, int64_t now);

/* A close frame's reason: {"retry_after_ms":…}, with the position to resume from. */
void reply_retry(struct buf *out, int64_t retry_after_ms, const char *epoch, uint64_t sequence);

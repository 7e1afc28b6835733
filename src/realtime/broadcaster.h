/* broadcaster: EventBroadcaster. Follows the journal and gives every message to every net loop,
 * framed once.
 *
 * On each net loop a log of the last frames (at least 100) is kept; a client owns a position in it,
 * not a queue. Sending is "from my position to the head"; a slow socket keeps its position and goes
 * on when it drains; older positions are read from the journal by a worker. So replay, resume and
 * the slow reader are one mechanism.
 *
 * Thread: broadcaster_new() before the loops start; broadcaster_accept() on the exchange's net
 * loop; the rest as said. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "journal/journal.h"
#include "loop/lane.h"
#include "net/http/http.h"
#include "net/net.h"

#include <stdint.h>

struct broadcaster;

struct broadcaster_settings {
    int64_t ping_interval_us;   /* WEBSOCKET_PING_INTERVAL_SECONDS, 30 s */
    int64_t idle_timeout_us;    /* WEBSOCKET_IDLE_TIMEOUT_SECONDS, 300 s: no frame from the client,
                                   close 1000 */
    size_t message_max;         /* WEBSOCKET_MAX_MESSAGE_SIZE, 65,536 */
    size_t log_frames;          /* frames kept per net loop, at least 100; 1,024 */
    size_t replay_max;          /* REPLAY_MAX, 10,000 messages per resync; beyond: a gap frame */
    const char *const *origins; /* CORS_ORIGINS beside the host itself; NULL-terminated or NULL */
    int64_t stall_timeout_us;   /* no progress for this long: close 1013; 0 means 30 s */
    const char *version;        /* told in `connected`; NULL: "unknown" */
};

/* Reads the newest messages from the journal, so that replay works after a restart. Copies the
 * settings, borrows the rest. Returns 0 or -errno with `why`. */
MUST_CHECK int broadcaster_new(const struct broadcaster_settings *settings, struct journal *journal,
                               struct loop *core, struct lane *read_lane,
                               struct broadcaster **ret_broadcaster, struct buf *why);
/* Attaches to the net's loops; after net_new(), before net_start(). */
MUST_CHECK int broadcaster_attach(struct broadcaster *broadcaster, struct net *net);
/* After net_stop(), the end of the read lane and of the core loop; before net_free(). */
void broadcaster_free(struct broadcaster **broadcaster);

/* The handler of GET /ws/events: checks handshake and Origin, accepts, sends `connected` and the
 * first ping, goes on from ?resume=<epoch>~<sequence> where given. Takes the exchange over, also
 * when refusing. */
void broadcaster_accept(struct broadcaster *broadcaster, struct http_exchange **exchange);

/* The same door for one who may not come in: accepts, so that a browser can see why, and closes
 * with 1008 and the reason (at most 123 bytes). For the API's key check. Takes the exchange over.
 */
void broadcaster_refuse(struct broadcaster *broadcaster, struct http_exchange **exchange,
                        const char *reason);

/* Any thread: tells every client that the server goes: system.shutdown, then close 1012 in
 * random order within a second; newcomers are closed at once. stats.connections is 0 when all are
 * gone. */
void broadcaster_drain(struct broadcaster *broadcaster, const char *reason);

struct broadcaster_stats {
    unsigned connections;
    uint64_t connections_total;
    uint64_t messages;   /* that every net loop has heard of since the start */
    uint64_t deliveries; /* messages times the clients that got them */
    uint64_t bytes_sent; /* of these */
    uint64_t replays;    /* resyncs and resumes answered */
    uint64_t gaps, slow_closed, acks;
};
void broadcaster_stats(const struct broadcaster *broadcaster,
                       struct broadcaster_stats *ret_stats); /* any thread */

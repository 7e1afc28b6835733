/* The inside of the broadcaster on one net loop: a channel, its clients, and how they catch up.
 *
 *   channel.c   what comes from the core loop; the clients' clock; leaving
 *   client.c    one client: its greeting, its clock, its end
 *   commands.c  what it says, and what that does
 *   resync.c    the answer to "I have everything up to here"
 *   deliver.c   from a client's cursor to the head of the log
 *   catch_up.c  what lies before the log: read from the journal by a worker, chunk by chunk
 *
 * Everything in a channel belongs to its net loop. Two things are shared: the counters, and the
 * reference count, because a batch or a read under way may be handed over after the loop ended. */
#pragma once

#include "base/list.h"
#include "loop/timer.h"
#include "net/ws/ws.h"
#include "realtime/broadcaster.h"
#include "realtime/frame_log.h"
#include "realtime/protocol.h"
#include "realtime/replies.h"
#include "realtime/resume.h"
#include "realtime/subscriptions.h"
#include "realtime/wheel.h"

#include <stdatomic.h>

#define BACKLOG_MAX (64 * 1024)  /* of messages that wait in the socket's queue */
#define ANSWERS_MAX (256 * 1024) /* of anything that waits: who asks must read */
#define CLOSE_REASON_MAX 123
#define CHUNK_FIRST 16 /* messages of the first read behind the log */
#define CHUNK_MAX 64   /* and of the later ones */
#define DRAIN_WINDOW_US TIME_SECOND

/* Written by the net loop alone, read by anyone. */
struct channel_counters {
    atomic_uint connections;
    atomic_ullong connections_total, messages, deliveries, bytes_sent, replays, gaps, slow_closed;
};

struct channel {
    atomic_uint refs;
    struct broadcaster *broadcaster;
    const struct broadcaster_settings *settings;
    struct loop *loop;
    char epoch[IDS_EPOCH_SIZE];

    struct frame_log *log;
    struct subscriptions *subscriptions;
    struct list live;    /* clients that stand at the head */
    struct list waiting; /* clients that are behind it */
    struct wheel wheel;
    struct timer tick; /* runs while there are clients */
    int64_t tick_us;
    char *leaving; /* the reason, once broadcaster_drain() was called; NULL before */
    struct channel_counters counters;
};

enum client_state {
    CLIENT_LIVE,    /* at the head; in channel->live, the others in channel->waiting */
    CLIENT_BLOCKED, /* goes on when its socket drained */
    CLIENT_READING, /* goes on when the journal was read */
    CLIENT_CLOSING  /* close was sent: hears nothing more */
};

/* There may be thousands, so its size counts. */
struct client {
    struct list node; /* in channel->live or ->waiting */
    struct list due;  /* in channel->wheel */
    struct channel *channel;
    struct ws *ws;
    struct subscription *subscription; /* NULL: everything */
    struct catch_up *catch_up;         /* NULL: the log has all it needs */
    uint64_t next;                     /* the cursor: the sequence to send next */
    uint64_t replay_until;             /* up to here messages are marked as replays */
    uint64_t session;
    uint32_t heard;    /* when its last frame came, ms of the monotonic clock's low bits */
    uint32_t ping_due; /* when our next ping is due; while leaving: the close */
    uint32_t id;
    uint8_t state; /* enum client_state */
    bool tracked;  /* has acknowledged: the core loop knows its session */
};

/* ---- channel.c ---- */

/* What the core loop hands to a channel, once per turn. */
struct batch {
    struct channel *channel; /* counted */
    uint64_t head;           /* the newest sequence there is, which may lie beyond the frames */
    size_t count;
    struct frame *frames[]; /* counted */
};

struct channel *channel_new(struct broadcaster *broadcaster,
                            const struct broadcaster_settings *settings, struct loop *loop,
                            const char *epoch);
struct channel *channel_ref(struct channel *channel);
void channel_unref(struct channel **channel);
void channel_on_batch(void *batch);     /* a loop_call; takes the batch over */
void channel_on_drain(void *departure); /* a loop_call; takes a struct departure over */

struct departure {
    struct channel *channel; /* counted */
    char *reason;
};

void channel_add(struct channel *channel, struct client *client);
void channel_remove(struct channel *channel, struct client *client);

/* ---- client.c ---- */

void client_accept(struct channel *channel, struct http_exchange **exchange,
                   const char *subprotocol);
void client_set_state(struct client *client, enum client_state state);
void client_answer(struct client *client, const struct buf *json);
void client_answer_error(struct client *client, const struct reply_error *error);
void client_close(struct client *client, enum ws_close code, const char *reason);
void client_close_slow(struct client *client);
void client_on_due(struct client *client, int64_t now); /* its time in the wheel has come */
void client_check_stall(struct client *client, int64_t now);
void client_leave(struct client *client, const char *reason); /* tells it that the server goes */

/* ---- commands.c ---- */

void client_obey(struct client *client, const struct command *command);
void client_forget_acks(struct client *client); /* its session ends */

/* ---- resync.c ---- */

void resync_plan(const struct channel *channel, const struct position *asked,
                 struct resume_plan *ret_plan);
/* Answers a resync and moves the cursor; what follows is client_deliver()'s. `channel_name` is how
 * the client calls the channel. */
void client_resync(struct client *client, const struct position *asked, struct span channel_name);
/* Goes on counting for an answer that waits. False while it still waits. */
bool resync_continue(struct client *client);

/* ---- deliver.c ---- */

/* From the cursor to the head, as far as the socket and the journal let it. */
void client_deliver(struct client *client);
bool client_wants(const struct client *client, const struct frame *frame);
bool client_wants_logged(const struct client *client, uint64_t sequence);

/* ---- catch_up.c ---- */

/* A resync whose answer must name a number that only the journal knows. */
struct pending_resync {
    struct resume_plan plan;
    uint64_t asked;
    uint64_t at;      /* the next sequence to look at */
    uint64_t counted; /* messages the client wants, so far */
    char channel[COMMAND_TYPE_MAX + 1];
};

struct catch_up {
    struct read_job *job;           /* under way; NULL: none */
    struct pending_resync *pending; /* NULL: none */
    size_t ask;                     /* how many messages the next read asks for */
    uint64_t from;                  /* where the last read began; 0: there was none */
    size_t count;
    struct frame *frames[CHUNK_MAX]; /* what it gave, counted */
};

struct catch_up *client_catch_up(struct client *client); /* made when it is not there */
void catch_up_end(struct catch_up **catch_up);           /* freed, or kept until its read is back */
void catch_up_free(struct catch_up **catch_up);

/* The frame of a sequence before the log, borrowed. NULL: it is being read, and client_deliver() is
 * called when it is there; or it does not exist any more: *ret_next is then the first that does,
 * else 0. */
const struct frame *catch_up_frame(struct client *client, uint64_t sequence, uint64_t *ret_next);
/* The client is blocked at its cursor: what was read ahead is given back when it is much. */
void catch_up_pause(struct client *client);

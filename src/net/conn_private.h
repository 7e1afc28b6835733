/* conn: one accepted socket, whatever is spoken on it.
 *
 * It reads into its loop's scratch memory and hands the bytes up; what the protocol above does not
 * use it keeps itself. What is sent waits as references and leaves when the turn ends.
 * A conn lies in memory until the end of the turn in which it was closed.
 * Thread: its loop's. */
#pragma once

#include "base/bytes.h"
#include "base/list.h"
#include "base/span.h"
#include "net/net_private.h"
#include "net/outq_private.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* What a peer may still send after we have said our last, so that it reads our answer instead of
 * a reset. */
#define CONN_LINGER_BYTES_MAX (32u << 20)

struct conn_handlers {
    enum conn_clock send_clock; /* runs while the socket takes nothing; or CLOCK_NONE */
    void (*on_input)(struct conn *conn, struct span input); /* all of it is the callee's to use */
    void (*on_eof)(struct conn *conn);                      /* the peer will send no more */
    void (*on_sent)(struct conn *conn);                     /* nothing waits any more */
    void (*on_clock)(struct conn *conn, enum conn_clock clock);
    void (*on_closed)(struct conn *conn); /* last call; frees or buries what the owner is */
};

enum conn_state { CONN_OPEN, CONN_FINISHING, CONN_DOOMED, CONN_CLOSED };

struct conn {
    struct list node;       /* in net_loop.connections */
    struct list clock_node; /* in one of net_loop.clocks, or none */
    struct net_loop *home;
    const struct conn_handlers *handlers;
    void *owner;
    struct watch *watch;
    struct outq *out; /* NULL while nothing waits */
    int64_t deadline;
    int fd;
    uint32_t unsent;   /* place in net_loop.unsent, from 1; 0: none */
    uint32_t lingered; /* bytes thrown away while finishing */
    uint8_t clock;
    uint8_t state;
    uint8_t events; /* what the watch waits for */
    bool reading_paused;
    bool refused; /* over connections_max; counted apart */
    bool peer_is_loopback;
    char peer[]; /* text, as long as it is */
};

/* Takes fd over. Returns NULL (fd closed) when it cannot be watched. No handlers yet. */
struct conn *conn_new(struct net_loop *home, int fd, const struct sockaddr_storage *address,
                      bool refused);

void conn_set_handlers(struct conn *conn, const struct conn_handlers *handlers, void *owner);

/* At once; on_closed is called before it returns. Again: does nothing. */
void conn_close(struct conn *conn);

/* Closes when the turn ends: for callers that must not be called back now. Nothing is read or sent
 * any more. */
void conn_doom(struct conn *conn);

/* Sends what waits, says that no more comes, reads away for a while what the peer still sends, then
 * closes. The handlers are let go and hear nothing more. `clock` limits the sending. */
void conn_finish(struct conn *conn, enum conn_clock clock);

void conn_send(struct conn *conn, struct bytes **bytes); /* takes the reference over */
void conn_send_file(struct conn *conn, int fd, int64_t offset, size_t length); /* takes fd over */
void conn_pause_reading(struct conn *conn);
void conn_resume_reading(struct conn *conn);

bool conn_is_open(const struct conn *conn); /* neither finishing nor closed */
bool conn_is_stalled(const struct conn *conn);
size_t conn_backlog(const struct conn *conn);

/* For net_loop: the end of the turn, and the end of a wait. */
void conn_flush(struct conn *conn);
void conn_on_clock(struct conn *conn);

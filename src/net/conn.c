#include "net/conn_private.h"

#include "base/mem.h"
#include "base/own.h"
#include "net/address_private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void discard(struct conn *conn, struct span input)
{
    conn->lingered += (uint32_t)input.len;
    if (conn->lingered > CONN_LINGER_BYTES_MAX)
        conn_close(conn);
}

static void linger(struct conn *conn)
{
    shutdown(conn->fd, SHUT_WR);
    net_loop_set_clock(conn->home, conn, CLOCK_LINGER);
}

static void stop_waiting(struct conn *conn, enum conn_clock clock)
{
    conn_close(conn);
}

static void ignore_close(struct conn *conn)
{
}

/* A peer that has said its last still wants to read ours. */
static void finish_without_peer(struct conn *conn)
{
    if (conn->out)
        conn_pause_reading(conn);
    else
        conn_close(conn);
}

static const struct conn_handlers finishing = {
    .send_clock = CLOCK_SEND,
    .on_input = discard,
    .on_eof = finish_without_peer,
    .on_sent = linger,
    .on_clock = stop_waiting,
    .on_closed = ignore_close,
};

/* Its clock is set once, by conn_finish(): progress does not prolong it. */
static const struct conn_handlers finishing_soon = {
    .send_clock = CLOCK_NONE,
    .on_input = discard,
    .on_eof = finish_without_peer,
    .on_sent = linger,
    .on_clock = stop_waiting,
    .on_closed = ignore_close,
};

/* Waits for what makes sense now: input unless paused, room to send while stalled. */
static void update_watch(struct conn *conn)
{
    uint8_t events =
        (uint8_t)((conn->reading_paused ? 0 : EPOLLIN) | (conn_is_stalled(conn) ? EPOLLOUT : 0));
    if (events == conn->events || !conn->watch)
        return;
    conn->events = events;
    watch_change(conn->watch, events);
}

static void read_some(struct conn *conn)
{
    ssize_t got = recv(conn->fd, conn->home->scratch, NET_SCRATCH_SIZE, 0);
    if (got > 0)
        conn->handlers->on_input(conn, (struct span){conn->home->scratch, (size_t)got});
    else if (got == 0)
        conn->handlers->on_eof(conn);
    else if (errno != EAGAIN && errno != EINTR)
        conn_close(conn);
}

static void on_ready(void *owner, uint32_t events)
{
    struct conn *conn = owner;
    if (conn->state == CONN_DOOMED)
        return;
    if (events & EPOLLOUT)
        conn_flush(conn);
    if (conn->state == CONN_CLOSED || conn->state == CONN_DOOMED)
        return;
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !conn->reading_paused)
        read_some(conn);
    else if (events & (EPOLLHUP | EPOLLERR))
        conn_close(conn);
}

struct conn *conn_new(struct net_loop *home, int fd, const struct sockaddr_storage *address,
                      bool refused)
{
    char peer[ADDRESS_TEXT_SIZE];
    address_text(address, peer);
    size_t peer_size = strlen(peer) + 1;
    struct conn *conn = mem_alloc(sizeof(*conn) + peer_size);
    conn->home = home;
    conn->fd = fd;
    conn->events = EPOLLIN;
    conn->refused = refused;
    conn->peer_is_loopback = address_is_loopback(address);
    memcpy(conn->peer, peer, peer_size);
    list_init(&conn->node);
    list_init(&conn->clock_node);
    if (watch_start(home->loop, fd, conn->events, on_ready, conn, &conn->watch) < 0) {
        close(fd);
        mem_free(&conn);
        return NULL;
    }
    list_append(&home->connections, &conn->node);
    if (refused)
        home->refused++;
    else
        atomic_fetch_add(home->connections_open, 1);
    return conn;
}

void conn_set_handlers(struct conn *conn, const struct conn_handlers *handlers, void *owner)
{
    conn->handlers = handlers;
    conn->owner = owner;
}

void conn_close(struct conn *conn)
{
    if (conn->state == CONN_CLOSED)
        return;
    conn->state = CONN_CLOSED;
    watch_stop(&conn->watch);
    close(conn->fd);
    conn->fd = -1;
    list_remove(&conn->node);
    list_remove(&conn->clock_node);
    net_loop_flush_never(conn->home, conn);
    outq_free(&conn->out);
    if (conn->refused)
        conn->home->refused--;
    else
        atomic_fetch_sub(conn->home->connections_open, 1);
    net_loop_bury(conn->home, conn);
    conn->handlers->on_closed(conn);
}

void conn_doom(struct conn *conn)
{
    if (conn->state == CONN_CLOSED || conn->state == CONN_DOOMED)
        return;
    conn->state = CONN_DOOMED;
    outq_free(&conn->out);
    net_loop_flush_later(conn->home, conn);
}

void conn_finish(struct conn *conn, enum conn_clock clock)
{
    if (!conn_is_open(conn))
        return;
    conn->state = CONN_FINISHING;
    conn_set_handlers(conn, clock == CLOCK_SEND ? &finishing : &finishing_soon, NULL);
    net_loop_set_clock(conn->home, conn, clock);
    conn_resume_reading(conn);
    if (!conn_is_stalled(conn))
        net_loop_flush_later(conn->home, conn);
}

/* While the socket is full its readiness says when to go on, not the turn. */
static bool takes_output(struct conn *conn)
{
    if (!conn_is_open(conn))
        return false;
    if (!conn->out)
        conn->out = outq_new();
    if (!conn_is_stalled(conn))
        net_loop_flush_later(conn->home, conn);
    return true;
}

void conn_send(struct conn *conn, struct bytes **bytes)
{
    if (takes_output(conn))
        outq_add_bytes(conn->out, bytes);
    else
        bytes_unref(bytes);
}

void conn_send_file(struct conn *conn, int fd, int64_t offset, size_t length)
{
    if (takes_output(conn))
        outq_add_file(conn->out, fd, offset, length);
    else
        close(fd);
}

void conn_pause_reading(struct conn *conn)
{
    conn->reading_paused = true;
    update_watch(conn);
}

void conn_resume_reading(struct conn *conn)
{
    conn->reading_paused = false;
    update_watch(conn);
}

bool conn_is_open(const struct conn *conn)
{
    return conn->state == CONN_OPEN;
}

bool conn_is_stalled(const struct conn *conn)
{
    return conn->out && conn->out->stalled_since != 0;
}

size_t conn_backlog(const struct conn *conn)
{
    return conn->out ? conn->out->backlog : 0;
}

/* The socket is full: goes on when it is writable again. */
static void wait_for_room(struct conn *conn, size_t sent)
{
    bool first = conn->out->stalled_since == 0;
    if (first || sent > 0) {
        conn->out->stalled_since = loop_now(conn->home->loop);
        if (conn->handlers->send_clock != CLOCK_NONE)
            net_loop_set_clock(conn->home, conn, conn->handlers->send_clock);
    }
    update_watch(conn);
}

static void all_sent(struct conn *conn)
{
    outq_free(&conn->out);
    update_watch(conn);
    conn->handlers->on_sent(conn);
}

void conn_flush(struct conn *conn)
{
    if (conn->state == CONN_DOOMED) {
        conn_close(conn);
        return;
    }
    if (!conn->out) {
        conn->handlers->on_sent(conn);
        return;
    }
    size_t sent = 0;
    switch (outq_send(conn->out, conn->fd, &sent)) {
    case OUT_EMPTY:
        all_sent(conn);
        break;
    case OUT_BLOCKED:
    case OUT_UNFAIRLY:
        wait_for_room(conn, sent);
        break;
    case OUT_BROKEN:
        conn_close(conn);
        break;
    }
}

void conn_on_clock(struct conn *conn)
{
    enum conn_clock clock = conn->clock;
    net_loop_set_clock(conn->home, conn, CLOCK_NONE);
    if (conn->state == CONN_DOOMED)
        return;
    conn->handlers->on_clock(conn, clock);
}

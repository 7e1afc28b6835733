#include "main/tail_socket.h"

#include "base/digest.h"
#include "base/ids.h"
#include "base/mem.h"
#include "base/time.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_US (10 * TIME_SECOND) /* for connecting, for the handshake, for sending */
#define HEAD_MAX (16 * 1024)
#define READ_SIZE (64 * 1024)
#define SKIP_MAX (16 * TAIL_MESSAGE_MAX)

struct tail_socket {
    int fd;
    int interrupt;
    struct ws_decoder *decoder;
    struct buf in;     /* what was read */
    struct span ahead; /* the part of it that was not decoded yet */
};

/* ---- Where to ---- */

static int parse_place(struct span place, struct tail_target *target, struct buf *why)
{
    struct span host, port;

    if (span_starts_with(place, "[")) {
        place.at++;
        place.len--;
        host = span_cut(&place, ']');
        port = place;
        if (span_starts_with(port, ":")) {
            port.at++;
            port.len--;
        }
    } else {
        host = span_cut(&place, ':');
        port = place;
    }
    if (!host.len) {
        buf_setf(why, "the URL names no host");
        return -EINVAL;
    }
    target->host = mem_strndup(host.at, host.len);
    target->port = port.len ? mem_strndup(port.at, port.len) : mem_strdup("8000");
    return 0;
}

int tail_target_parse(const char *url, const char *channel, struct tail_target *ret_target,
                      struct buf *why)
{
    AUTO(tail_target_release) struct tail_target target = {NULL};
    struct span rest = span_of(url), place;
    const char *path;
    int error;

    if (span_starts_with(rest, "ws://") || span_starts_with(rest, "http://")) {
        span_cut(&rest, '/');
        span_cut(&rest, '/');
    } else {
        buf_setf(why, "'%s' is not a URL that begins with ws:// (TLS is the proxy's business)",
                 url);
        return -EINVAL;
    }
    place = span_cut(&rest, '/');
    error = parse_place(place, &target, why);
    if (error)
        return error;
    path = rest.len ? rest.at - 1 : NULL;
    target.path = path ? mem_strdup(path) : mem_printf("/ws/%s", channel);
    *ret_target = target;
    target = (struct tail_target){NULL};
    return 0;
}

void tail_target_release(struct tail_target *target)
{
    mem_free(&target->host);
    mem_free(&target->port);
    mem_free(&target->path);
}

/* ---- Waiting ---- */

/* 1 when the descriptor is ready, 0 when the time is over, -EINTR. fd may be -1. */
static int wait_for(int interrupt, int fd, short events, int64_t until)
{
    for (;;) {
        struct pollfd polled[] = {{interrupt, POLLIN, 0}, {fd, events, 0}};
        int64_t left = until - time_monotonic();
        int ready = poll(polled, 2, left > 0 ? (int)((left + TIME_MS - 1) / TIME_MS) : 0);

        if (polled[0].revents)
            return -EINTR;
        if (ready > 0)
            return 1;
        if (ready < 0 && errno != EINTR)
            return -errno;
        if (left <= 0)
            return 0;
    }
}

int tail_wait(int interrupt, int64_t duration_us)
{
    return wait_for(interrupt, -1, 0, time_monotonic() + duration_us);
}

/* ---- Bytes ---- */

static int send_all(const struct tail_socket *socket, struct span bytes)
{
    int64_t until = time_monotonic() + PATIENCE_US;

    while (bytes.len) {
        ssize_t sent = send(socket->fd, bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        int ready;

        if (sent > 0) {
            bytes.at += sent;
            bytes.len -= (size_t)sent;
            continue;
        }
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        ready = wait_for(socket->interrupt, socket->fd, POLLOUT, until);
        if (ready <= 0)
            return ready < 0 ? ready : -ETIMEDOUT;
    }
    return 0;
}

/* Appends what comes to socket->in: 1; 0 when the time is over; -ECONNRESET at the end. */
static int read_more(struct tail_socket *socket, int64_t until)
{
    int ready = wait_for(socket->interrupt, socket->fd, POLLIN, until);
    ssize_t got;

    if (ready <= 0)
        return ready;
    got = recv(socket->fd, buf_reserve(&socket->in, READ_SIZE), READ_SIZE, MSG_DONTWAIT);
    if (got == 0)
        return -ECONNRESET;
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? 1 : -errno;
    socket->in.len += (size_t)got;
    socket->in.data[socket->in.len] = '\0';
    return 1;
}

/* ---- Connecting ---- */

static int finish_connect(const struct tail_socket *tail)
{
    int error = 0, ready;
    socklen_t size = sizeof(error);

    ready = wait_for(tail->interrupt, tail->fd, POLLOUT, time_monotonic() + PATIENCE_US);
    if (ready <= 0)
        return ready < 0 ? ready : -ETIMEDOUT;
    if (getsockopt(tail->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    return -error;
}

static int connect_one(struct tail_socket *tail, const struct addrinfo *address)
{
    int error;

    tail->fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (tail->fd < 0)
        return -errno;
    error = connect(tail->fd, address->ai_addr, address->ai_addrlen) < 0 ? -errno : 0;
    if (error == -EINPROGRESS)
        error = finish_connect(tail);
    if (error) {
        close(tail->fd);
        tail->fd = -1;
    }
    return error;
}

static int connect_any(struct tail_socket *tail, const struct tail_target *target, struct buf *why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *addresses = NULL;
    int error = getaddrinfo(target->host, target->port, &hints, &addresses);

    if (error) {
        buf_setf(why, "%s: %s", target->host, gai_strerror(error));
        return -EHOSTUNREACH;
    }
    error = -EHOSTUNREACH;
    for (const struct addrinfo *at = addresses; at && error && error != -EINTR; at = at->ai_next)
        error = connect_one(tail, at);
    freeaddrinfo(addresses);
    if (error)
        buf_setf(why, "%s port %s: %s", target->host, target->port, strerror(-error));
    return error;
}

/* ---- The handshake ---- */

static void make_key(struct buf *key)
{
    char random[16];

    ids_random(random, sizeof(random));
    base64_encode(key, (struct span){random, sizeof(random)});
}

/* What the server must answer to a key (RFC 6455 §4.2.2). */
static void make_accept(struct buf *accept, const struct buf *key)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    unsigned char digest[20];

    buf_addf(&text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", buf_text(key));
    digest_sha1(buf_span(&text), digest);
    base64_encode(accept, (struct span){(const char *)digest, sizeof(digest)});
}

static int send_request(const struct tail_socket *socket, const struct tail_settings *settings,
                        const struct buf *key)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    const struct tail_target *target = settings->target;
    bool bare = !strchr(target->host, ':');

    buf_addf(&text, "GET %s%s%s HTTP/1.1\r\nHost: %s%s%s:%s\r\n", target->path,
             settings->query[0] ? (strchr(target->path, '?') ? "&" : "?") : "", settings->query,
             bare ? "" : "[", target->host, bare ? "" : "]", target->port);
    buf_addf(&text,
             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: %s\r\n",
             buf_text(key));
    if (settings->api_key)
        buf_addf(&text, "X-API-Key: %s\r\n", settings->api_key);
    buf_add_text(&text, "\r\n");
    return send_all(socket, buf_span(&text));
}

/* Reads up to the empty line; what follows it stays ahead. */
static int read_head(struct tail_socket *socket, struct span *ret_head)
{
    int64_t until = time_monotonic() + PATIENCE_US;
    const char *end = NULL;

    while (!end) {
        int got = read_more(socket, until);

        if (got <= 0)
            return got < 0 ? got : -ETIMEDOUT;
        end = memmem(socket->in.data, socket->in.len, "\r\n\r\n", 4);
        if (!end && socket->in.len > HEAD_MAX)
            return -EPROTO;
    }
    end += 4;
    *ret_head = (struct span){socket->in.data, (size_t)(end - socket->in.data)};
    socket->ahead = (struct span){end, socket->in.len - ret_head->len};
    return 0;
}

static bool head_accepts(struct span head, const struct buf *accept)
{
    while (head.at) {
        struct span line = span_trim(span_cut(&head, '\n'));
        struct span name = span_cut(&line, ':');

        if (span_is_nocase(name, "Sec-WebSocket-Accept"))
            return span_equal(span_trim(line), buf_span(accept));
    }
    return false;
}

/* 4xx will not change by asking again; anything else may. */
static int judge_head(struct span head, const struct buf *accept, struct buf *why)
{
    struct span rest = head, line = span_trim(span_cut(&rest, '\n'));
    long status = line.len > 12 ? strtol(line.at + 9, NULL, 10) : 0;

    if (!span_starts_with(line, "HTTP/1.1 ")) {
        buf_setf(why, "the server does not speak HTTP/1.1");
        return -EPROTO;
    }
    if (status != 101) {
        buf_setf(why, "the server answered %.*s", (int)line.len - 9, line.at + 9);
        return status >= 400 && status < 500 ? -EACCES : -EAGAIN;
    }
    if (!head_accepts(rest, accept)) {
        buf_setf(why, "the server's handshake is not an answer to ours");
        return -EPROTO;
    }
    return 0;
}

static int shake_hands(struct tail_socket *socket, const struct tail_settings *settings,
                       struct buf *why)
{
    AUTO(buf_release) struct buf key = BUF_INIT;
    AUTO(buf_release) struct buf accept = BUF_INIT;
    struct span head;
    int error;

    make_key(&key);
    make_accept(&accept, &key);
    error = send_request(socket, settings, &key);
    if (!error)
        error = read_head(socket, &head);
    if (error) {
        buf_setf(why, "no handshake: %s", strerror(-error));
        return error;
    }
    return judge_head(head, &accept, why);
}

int tail_socket_open(const struct tail_settings *settings, struct tail_socket **ret_socket,
                     struct buf *why)
{
    AUTO(tail_socket_close) struct tail_socket *socket = mem_alloc(sizeof(*socket));
    int error;

    socket->fd = -1;
    socket->interrupt = settings->interrupt;
    socket->decoder = ws_decoder_new(WS_ROLE_CLIENT, TAIL_MESSAGE_MAX, SKIP_MAX);
    error = connect_any(socket, settings->target, why);
    if (!error)
        error = shake_hands(socket, settings, why);
    if (!error)
        *ret_socket = TAKE(socket);
    return error;
}

void tail_socket_close(struct tail_socket **socket)
{
    if (!*socket)
        return;
    if ((*socket)->fd >= 0)
        close((*socket)->fd);
    ws_decoder_free(&(*socket)->decoder);
    buf_release(&(*socket)->in);
    mem_free(socket);
}

/* ---- Frames ---- */

static int send_frame(const struct tail_socket *socket, enum ws_opcode opcode, struct span payload)
{
    AUTO(buf_release) struct buf frame = BUF_INIT;
    unsigned char mask[4];

    ids_random(mask, sizeof(mask));
    ws_frame_add(&frame, opcode, true, payload, mask);
    return send_all(socket, buf_span(&frame));
}

int tail_socket_send_text(struct tail_socket *socket, struct span text)
{
    return send_frame(socket, WS_TEXT, text);
}

/* The RFC's duties: a ping is answered, a close is echoed. */
static int answer_control(const struct tail_socket *socket, const struct ws_event *event)
{
    unsigned char code[2] = {(unsigned char)(event->close_code >> 8),
                             (unsigned char)event->close_code};

    if (event->opcode == WS_PING)
        return send_frame(socket, WS_PONG, event->payload);
    if (event->opcode == WS_CLOSE)
        return send_frame(socket, WS_CLOSE,
                          (struct span){(const char *)code, event->close_code == 1005 ? 0 : 2});
    return 0;
}

int tail_socket_next(struct tail_socket *socket, int timeout_ms, struct ws_event *ret_event)
{
    int64_t until = time_monotonic() + timeout_ms * TIME_MS;

    for (;;) {
        int decoded = ws_decoder_next(socket->decoder, &socket->ahead, ret_event);
        int got;

        if (decoded > 0) {
            int error = answer_control(socket, ret_event);
            return error ? error : 1;
        }
        if (decoded < 0)
            return -EPROTO;
        buf_reset(&socket->in);
        got = read_more(socket, until);
        if (got <= 0)
            return got;
        socket->ahead = buf_span(&socket->in);
    }
}

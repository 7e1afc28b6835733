/* ws: the server side of RFC 6455.
 *
 * The handshake is checked and answered here; text arrives complete, unmasked and valid UTF-8.
 * Ping is answered, close is echoed, protocol violations close with the right code (1002 framing,
 * 1007 UTF-8, 1009 too big). Sending never copies shared bytes: frames wait as references until the
 * socket takes them, and all frames of one turn leave in one system call.
 *
 * Thread: the connection's net loop, for everything.
 * Limit: message_max per message; what waits for the peer is the owner's business: it asks
 *        ws_backlog() before it sends more, and is told by on_drained. */
#pragma once

#include "base/bytes.h"
#include "base/own.h"
#include "base/span.h"
#include "net/http/http.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ws;

enum ws_close {
    WS_CLOSE_NORMAL = 1000,
    WS_CLOSE_GOING_AWAY = 1001,
    WS_CLOSE_PROTOCOL = 1002,
    WS_CLOSE_UNSUPPORTED = 1003,
    WS_CLOSE_BAD_TEXT = 1007,
    WS_CLOSE_POLICY = 1008,
    WS_CLOSE_TOO_BIG = 1009,
    WS_CLOSE_INTERNAL = 1011,
    WS_CLOSE_RESTART = 1012,
    WS_CLOSE_TRY_LATER = 1013,
};

struct ws_handlers {
    void (*on_text)(void *owner, struct ws *ws, struct span text);
    void (*on_binary)(void *owner, struct ws *ws, struct span bytes); /* NULL: closed with 1003 */
    void (*on_oversize)(void *owner, struct ws *ws,
                        uint64_t size);             /* NULL: closed with 1009; else the message is
                                                       skipped (up to 16 x message_max) and this is called */
    void (*on_pong)(void *owner, struct ws *ws);    /* may be NULL */
    void (*on_drained)(void *owner, struct ws *ws); /* the backlog fell to 0 after it was not */
    void (*on_closed)(void *owner, struct ws *ws,
                      int code); /* last call, exactly once; 1006 when the peer just went.
                                    The ws is freed after it returns */
};

struct ws_settings {
    const struct ws_handlers *handlers;
    void *owner;             /* borrowed until on_closed */
    size_t message_max;      /* 65,536 */
    const char *subprotocol; /* echoed, or NULL: none */
};

/* Is this request a WebSocket handshake, and a good one? Returns 0; or the HTTP status to refuse it
 * with (400, 405, 426) and `why`. */
int ws_check_handshake(const struct http_request *request, struct buf *why);

/* The answer that refuses with that status: problem+json, and the headers that 405 and 426 ask for.
 */
struct http_response *ws_refusal(int status, const char *why, const struct http_request *request);

/* Answers 101 and takes the exchange over. On its net loop only, from on_request or later. Never
 * NULL: when the peer has gone meanwhile, on_closed follows at once, but not before this returns.
 */
struct ws *ws_accept(struct http_exchange **exchange, const struct ws_settings *settings);

/* A complete frame, header included (ws_frame()), by a reference of its own. Ordered with
 * everything else that is sent. What is sent after ws_close() or the peer's close is dropped. */
void ws_send_frame(struct ws *ws, struct bytes *frame);
void ws_send_text(struct ws *ws,
                  struct span text); /* framed and copied: for small personal answers */
void ws_send_ping(struct ws *ws, struct span payload);

/* Sends close and lets what waits go out first; closes the socket when the peer answers or after 5
 * s. From then on only on_closed is called, with the peer's code, or 1006 when it never answered.
 * The reason is cut at 123 bytes. */
void ws_close(struct ws *ws, enum ws_close code, const char *reason);

/* At once, no close frame. on_closed (1006) comes when the turn ends: no handler is ever called
 * from within a ws_ function. */
void ws_abort(struct ws *ws);

size_t ws_backlog(const struct ws *ws); /* bytes that wait for the peer */
int64_t ws_stalled_since(
    const struct ws *ws); /* monotonic µs since when nothing could be sent; 0 while flowing */
const char *ws_peer(const struct ws *ws);
struct loop *ws_loop(const struct ws *ws);

/* One unmasked text frame ready for ws_send_frame(), made once and shared. Any thread. */
struct bytes *ws_frame(struct span text);

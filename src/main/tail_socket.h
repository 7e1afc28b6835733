/* tail_socket: a WebSocket client that waits, for `vigil tail`.
 *
 * One connection, one thread. Every wait also watches `interrupt`, a descriptor (signalfd) that
 * becomes readable when the user has enough; then -EINTR is returned. ws:// only. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "base/span.h"
#include "net/ws/frame.h"

#include <stdint.h>

#define TAIL_MESSAGE_MAX (1024 * 1024) /* above JOURNAL_MESSAGE_MAX and its envelope */

/* Where to: parsed from a URL once. */
struct tail_target {
    char *host; /* a name or an address, no brackets */
    char *port;
    char *path; /* "/ws/events", or what the URL says */
};

/* "ws://host[:port][/path]"; http:// is taken for ws://, a missing port is 8000, a missing path is
 * the channel's. Returns 0, or -EINVAL with `why`. */
MUST_CHECK int tail_target_parse(const char *url, const char *channel,
                                 struct tail_target *ret_target, struct buf *why);
void tail_target_release(struct tail_target *target);

struct tail_socket;

struct tail_settings {
    const struct tail_target *target;
    const char *query;   /* "resume=…", or "" */
    const char *api_key; /* or NULL */
    int interrupt;
};

/* Connects and shakes hands, within 10 s. Returns 0; -EACCES when the server answered and refused
 * for good; -EINTR; another -errno when it is worth trying again. `why` says it to a person. */
MUST_CHECK int tail_socket_open(const struct tail_settings *settings,
                                struct tail_socket **ret_socket, struct buf *why);
void tail_socket_close(struct tail_socket **socket);

/* The next message or control frame: 1; 0 after timeout_ms without one; -EINTR; -ECONNRESET at the
 * end, -EPROTO when the server does not keep to RFC 6455. Pings are answered before they are
 * reported. */
MUST_CHECK int tail_socket_next(struct tail_socket *socket, int timeout_ms,
                                struct ws_event *ret_event);
MUST_CHECK int tail_socket_send_text(struct tail_socket *socket, struct span text);

/* Waits; -EINTR when interrupted. */
MUST_CHECK int tail_wait(int interrupt, int64_t duration_us);

/* A WebSocket client as a test needs it: blocking, and impatient after CALLER_TIMEOUT_S. */
#pragma once

#include "unit.h"

#include "base/ids.h"
#include "base/json.h"
#include "net/ws/frame.h"
#include "support/caller.h"

#include <inttypes.h>

struct listener {
    int fd;
    struct ws_decoder *decoder;
    struct buf in;
    struct span ahead;
    struct buf text; /* the last frame's */
    int close_code;  /* 0 while open; 1006 when the socket ended without a close frame */
    char reason[124];
    int status; /* of the handshake */
    struct buf head;
};

static inline void listener_shake_hands(struct listener *listener, const char *target,
                                        const char *headers)
{
    AUTO(buf_release) struct buf request = BUF_INIT;
    struct answer answer;

    buf_addf(&request,
             "GET %s HTTP/1.1\r\nHost: vigil.test:8000\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
             target, headers);
    caller_send(listener->fd, buf_text(&request));
    answer = caller_read_head(listener->fd);
    listener->status = answer.status;
    listener->head = answer.head;
}

/* receive_bytes: a small window, for readers that are to be slow; 0: the system's. */
static inline void listener_open_with(struct listener *listener, uint16_t port, const char *target,
                                      const char *headers, int receive_bytes)
{
    memset(listener, 0, sizeof(*listener));
    listener->fd = caller_connect_with(port, receive_bytes);
    listener->decoder = ws_decoder_new(WS_ROLE_CLIENT, 1024 * 1024, 1024 * 1024);
    listener_shake_hands(listener, target, headers);
}

static inline void listener_open(struct listener *listener, uint16_t port, const char *query)
{
    char target[200];

    snprintf(target, sizeof(target), "/ws/events%s", query);
    listener_open_with(listener, port, target, "", 0);
    assert_int_equal(listener->status, 101);
}

static inline void listener_close(struct listener *listener)
{
    if (listener->fd >= 0)
        close(listener->fd);
    listener->fd = -1;
    ws_decoder_free(&listener->decoder);
    buf_release(&listener->in);
    buf_release(&listener->text);
    buf_release(&listener->head);
}

static inline void listener_send_frame(struct listener *listener, enum ws_opcode opcode,
                                       struct span payload)
{
    AUTO(buf_release) struct buf frame = BUF_INIT;
    unsigned char mask[4];

    ids_random(mask, sizeof(mask));
    ws_frame_add(&frame, opcode, true, payload, mask);
    caller_send_bytes(listener->fd, frame.data, frame.len);
}

static inline void listener_say(struct listener *listener, const char *text)
{
    listener_send_frame(listener, WS_TEXT, span_of(text));
}

static inline void listener_on_close(struct listener *listener, const struct ws_event *event)
{
    listener->close_code = event->close_code;
    snprintf(listener->reason, sizeof(listener->reason), "%.*s", (int)event->payload.len,
             event->payload.at);
    listener_send_frame(listener, WS_CLOSE, (struct span){NULL, 0});
}

/* The next frame, of any kind; false at the end. Asserts that the server keeps to the protocol. */
static inline bool listener_next_event(struct listener *listener, struct ws_event *event)
{
    for (;;) {
        int got = ws_decoder_next(listener->decoder, &listener->ahead, event);

        assert_true(got >= 0);
        if (got)
            return true;
        buf_reset(&listener->in);
        if (!caller_read_some(listener->fd, &listener->in, 65536))
            return false;
        listener->ahead = buf_span(&listener->in);
    }
}

/* The next text frame as JSON (json_release), also in listener->text; NULL when it was closed. */
static inline json_t *listener_hear(struct listener *listener)
{
    struct ws_event event;
    json_t *document = NULL;

    while (!listener->close_code) {
        if (!listener_next_event(listener, &event)) {
            listener->close_code = 1006;
        } else if (event.opcode == WS_CLOSE) {
            listener_on_close(listener, &event);
        } else if (event.opcode == WS_TEXT) {
            buf_reset(&listener->text);
            buf_add_span(&listener->text, event.payload);
            assert_int_equal(json_parse(event.payload, &document, NULL), 0);
            return document;
        }
    }
    return NULL;
}

/* The next frame of that type; whatever comes before it is passed over. NULL when closed. */
static inline json_t *listener_hear_type(struct listener *listener, const char *type)
{
    json_t *frame;

    while ((frame = listener_hear(listener))) {
        const char *name = json_member_text(frame, "type");

        if (name && !strcmp(name, type))
            return frame;
        json_release(&frame);
    }
    return NULL;
}

/* The next journalled message. */
static inline json_t *listener_hear_message(struct listener *listener)
{
    json_t *frame;

    while ((frame = listener_hear(listener)) && !json_object_get(frame, "sequence"))
        json_release(&frame);
    return frame;
}

/* Opens and passes over `connected` and the first ping. */
static inline void listener_join(struct listener *listener, uint16_t port)
{
    json_t *frame;

    listener_open(listener, port, "");
    frame = listener_hear_type(listener, "connected");
    assert_non_null(frame);
    json_release(&frame);
    frame = listener_hear_type(listener, "ping");
    assert_non_null(frame);
    json_release(&frame);
}

static inline int64_t listener_hear_sequence(struct listener *listener)
{
    AUTO(json_release) json_t *message = listener_hear_message(listener);

    return message ? json_member_int(message, "sequence", -1) : -1;
}

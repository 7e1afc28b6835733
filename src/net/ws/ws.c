/* A ws owns no memory but itself while nothing happens: the decoder lives from the first byte of a
 * message to its last. Its life: OPEN; CLOSING once our close frame is queued; OVER once on_closed
 * was called, from where on the conn finishes without it. Whoever is over is buried, because its
 * own callbacks may still be on the stack. */
#include "net/ws/ws.h"

#include "base/mem.h"
#include "net/conn_private.h"
#include "net/http/connection_private.h"
#include "net/ws/frame.h"
#include "net/ws/handshake_private.h"

#include <assert.h>
#include <string.h>

#define SKIP_FACTOR 16
#define REASON_MAX 123
#define NO_CODE 1005
#define ABNORMAL 1006

/* Pongs that wait while the peer pings and does not read; further pings then get none. */
#define PONGS_WAITING_MAX 16

enum ws_state { WS_OPEN, WS_CLOSING, WS_OVER };

struct ws {
    struct conn *conn; /* NULL: the peer left before ws_accept() */
    struct net_loop *home;
    const struct ws_handlers *handlers;
    void *owner;
    struct ws_decoder *decoder; /* NULL while nothing is half-read */
    struct buf *early;          /* came together with the handshake; or NULL */
    uint32_t message_max;
    uint8_t state;
    uint8_t pongs_waiting;
};

/* With the loop's watch (56 bytes), this is all that an idle WebSocket costs in our memory. */
static_assert(sizeof(struct conn) <= 104 && sizeof(struct ws) <= 56,
              "an idle WebSocket must stay small");

/* ---- The end ---- */

/* Says goodbye to the owner; the conn is no longer ours. */
static void end(struct ws *ws, int code)
{
    if (ws->state == WS_OVER)
        return;
    ws->state = WS_OVER;
    ws->handlers->on_closed(ws->owner, ws, code);
    ws_decoder_free(&ws->decoder);
    if (ws->early)
        buf_release(ws->early);
    mem_free(&ws->early);
    net_loop_bury(ws->home, ws);
}

static struct bytes *make_frame(enum ws_opcode opcode, struct span payload)
{
    unsigned char header[10];
    size_t size = ws_frame_header(header, opcode, true, payload.len);
    struct bytes *frame = bytes_new(size + payload.len);
    memcpy(frame->at, header, size);
    if (payload.len > 0)
        memcpy(frame->at + size, payload.at, payload.len);
    return frame;
}

static void send_frame(struct ws *ws, enum ws_opcode opcode, struct span payload)
{
    struct bytes *frame = make_frame(opcode, payload);
    conn_send(ws->conn, &frame);
}

static void send_close(struct ws *ws, int code, struct span reason)
{
    char payload[2 + REASON_MAX];
    if (code == NO_CODE) {
        send_frame(ws, WS_CLOSE, (struct span){NULL, 0});
        return;
    }
    size_t length = reason.len < REASON_MAX ? reason.len : REASON_MAX;
    /* Not through the middle of a character. */
    while (length < reason.len && length > 0 && ((unsigned char)reason.at[length] & 0xc0) == 0x80)
        length--;
    payload[0] = (char)(code >> 8);
    payload[1] = (char)code;
    if (length > 0)
        memcpy(payload + 2, reason.at, length);
    send_frame(ws, WS_CLOSE, (struct span){payload, 2 + length});
}

/* Both have said close, or the peer has broken the protocol: what waits goes out, then the socket
 * closes. */
static void finish(struct ws *ws, int code)
{
    struct conn *conn = ws->conn;
    end(ws, code);
    conn_finish(conn, CLOCK_WS_CLOSE);
}

static void fail(struct ws *ws, int code)
{
    if (ws->state == WS_OPEN)
        send_close(ws, code, (struct span){NULL, 0});
    finish(ws, code);
}

void ws_close(struct ws *ws, enum ws_close code, const char *reason)
{
    if (ws->state != WS_OPEN)
        return;
    ws->state = WS_CLOSING;
    if (!ws->conn)
        return;
    send_close(ws, (int)code, span_of(reason));
    net_loop_set_clock(ws->home, ws->conn, CLOCK_WS_CLOSE);
}

void ws_abort(struct ws *ws)
{
    if (ws->state == WS_OVER)
        return;
    ws->state = WS_CLOSING;
    if (ws->conn)
        conn_doom(ws->conn);
}

/* ---- What arrives ---- */

static void answer_ping(struct ws *ws, struct span payload)
{
    if (ws->state != WS_OPEN)
        return;
    if (conn_is_stalled(ws->conn) && ws->pongs_waiting++ >= PONGS_WAITING_MAX) {
        ws->pongs_waiting = PONGS_WAITING_MAX;
        return;
    }
    send_frame(ws, WS_PONG, payload);
}

static void answer_close(struct ws *ws, const struct ws_event *event)
{
    if (ws->state == WS_OPEN)
        send_close(ws, event->close_code, (struct span){NULL, 0});
    finish(ws, event->close_code);
}

static void give_data(struct ws *ws, const struct ws_event *event)
{
    const struct ws_handlers *handlers = ws->handlers;
    if (event->oversize)
        handlers->on_oversize(ws->owner, ws, event->size);
    else if (event->opcode == WS_TEXT)
        handlers->on_text(ws->owner, ws, event->payload);
    else if (handlers->on_binary)
        handlers->on_binary(ws->owner, ws, event->payload);
    else
        fail(ws, WS_CLOSE_UNSUPPORTED);
}

static void handle(struct ws *ws, const struct ws_event *event)
{
    switch (event->opcode) {
    case WS_PING:
        answer_ping(ws, event->payload);
        break;
    case WS_CLOSE:
        answer_close(ws, event);
        break;
    case WS_PONG:
        if (ws->state == WS_OPEN && ws->handlers->on_pong)
            ws->handlers->on_pong(ws->owner, ws);
        break;
    default:
        if (ws->state == WS_OPEN)
            give_data(ws, event);
        break;
    }
}

static struct ws_decoder *decoder_of(struct ws *ws)
{
    uint64_t skip = ws->handlers->on_oversize ? (uint64_t)ws->message_max * SKIP_FACTOR : 0;
    if (!ws->decoder)
        ws->decoder = ws_decoder_new(WS_ROLE_SERVER, ws->message_max, skip);
    return ws->decoder;
}

static bool still_reads(const struct ws *ws)
{
    return ws->state != WS_OVER && conn_is_open(ws->conn);
}

static void decode(struct ws *ws, struct span input)
{
    struct ws_event event;
    int rc = 1;
    while (rc > 0 && still_reads(ws)) {
        rc = ws_decoder_next(decoder_of(ws), &input, &event);
        if (rc > 0)
            handle(ws, &event);
    }
    if (rc < 0)
        fail(ws, -rc);
    else if (ws->decoder && ws_decoder_is_idle(ws->decoder))
        ws_decoder_free(&ws->decoder);
}

static void decode_early(struct ws *ws)
{
    AUTO(mem_free) struct buf *early = TAKE(ws->early);
    if (!early)
        return;
    decode(ws, buf_span(early));
    buf_release(early);
}

/* ---- What the conn tells ---- */

static void on_input(struct conn *conn, struct span input)
{
    struct ws *ws = conn->owner;
    if (ws->early)
        buf_add_span(ws->early, input);
    else
        decode(ws, input);
}

static void on_eof(struct conn *conn)
{
    conn_close(conn);
}

static void on_sent(struct conn *conn)
{
    struct ws *ws = conn->owner;
    ws->pongs_waiting = 0;
    if (ws->state == WS_OPEN && ws->handlers->on_drained)
        ws->handlers->on_drained(ws->owner, ws);
    if (still_reads(ws))
        decode_early(ws);
}

static void on_clock(struct conn *conn, enum conn_clock clock)
{
    conn_close(conn);
}

static void on_closed(struct conn *conn)
{
    struct ws *ws = conn->owner;
    ws->conn = NULL;
    end(ws, ABNORMAL);
}

static const struct conn_handlers conn_handlers = {
    .send_clock = CLOCK_NONE,
    .on_input = on_input,
    .on_eof = on_eof,
    .on_sent = on_sent,
    .on_clock = on_clock,
    .on_closed = on_closed,
};

/* ---- The beginning ---- */

/* A ws whose peer left before it was accepted: told when the turn ends. */
struct stillborn {
    struct turn_end turn_end;
    struct ws *ws;
};

static void end_stillborn(void *owner)
{
    AUTO(mem_free) struct stillborn *stillborn = owner;
    end(stillborn->ws, ABNORMAL);
}

static void begin_stillborn(struct ws *ws)
{
    struct stillborn *stillborn = mem_alloc(sizeof(*stillborn));
    stillborn->ws = ws;
    turn_end_init(&stillborn->turn_end, end_stillborn, stillborn);
    turn_end_request(ws->home->loop, &stillborn->turn_end);
}

struct ws *ws_accept(struct http_exchange **exchange, const struct ws_settings *settings)
{
    struct ws *ws = mem_alloc(sizeof(*ws));
    AUTO(buf_release) struct buf unread = BUF_INIT;
    ws->home = (*exchange)->home;
    loop_assert_here(ws->home->loop);
    ws->handlers = settings->handlers;
    ws->owner = settings->owner;
    assert(settings->message_max <= UINT32_MAX);
    ws->message_max = (uint32_t)settings->message_max;
    struct http_response *agreement =
        ws_agreement(http_request_of(*exchange), settings->subprotocol);
    ws->conn = http_upgrade(exchange, &agreement, &unread);
    if (!ws->conn) {
        begin_stillborn(ws);
        return ws;
    }
    conn_set_handlers(ws->conn, &conn_handlers, ws);
    net_loop_set_clock(ws->home, ws->conn, CLOCK_NONE);
    conn_resume_reading(ws->conn);
    if (unread.len > 0) {
        ws->early = mem_alloc(sizeof(*ws->early));
        *ws->early = unread;
        unread = BUF_INIT;
    }
    return ws;
}

/* ---- Sending ---- */

void ws_send_frame(struct ws *ws, struct bytes *frame)
{
    if (ws->state != WS_OPEN || !ws->conn)
        return;
    struct bytes *mine = bytes_ref(frame);
    conn_send(ws->conn, &mine);
}

void ws_send_text(struct ws *ws, struct span text)
{
    if (ws->state == WS_OPEN && ws->conn)
        send_frame(ws, WS_TEXT, text);
}

void ws_send_ping(struct ws *ws, struct span payload)
{
    assert(payload.len <= 125);
    if (ws->state == WS_OPEN && ws->conn)
        send_frame(ws, WS_PING, payload);
}

size_t ws_backlog(const struct ws *ws)
{
    return ws->conn ? conn_backlog(ws->conn) : 0;
}

int64_t ws_stalled_since(const struct ws *ws)
{
    return ws->conn && ws->conn->out ? ws->conn->out->stalled_since : 0;
}

const char *ws_peer(const struct ws *ws)
{
    return ws->conn ? ws->conn->peer : "";
}

struct loop *ws_loop(const struct ws *ws)
{
    return ws->home->loop;
}

struct bytes *ws_frame(struct span text)
{
    return make_frame(WS_TEXT, text);
}

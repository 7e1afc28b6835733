/* Many clients at once, most of them rude: whatever they do and whenever they leave, every request
 * and every WebSocket comes to exactly one end, and nothing is left behind. */
#include "unit.h"

#include "base/buf.h"
#include "base/own.h"
#include "base/time.h"
#include "loop/lane.h"
#include "net/net.h"
#include "net/ws/frame.h"
#include "net/ws/ws.h"
#include "support/caller.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#define LOOPS 2
#define CLIENTS 4
#define CALLS 200
#define MESSAGE_MAX 20000
#define WAIT_US (60 * TIME_SECOND)

struct storm {
    struct net *net;
    struct lane *lane;
    struct bytes *shared;
    atomic_int opened;
    atomic_int closed;
};

struct client {
    struct storm *storm;
    pthread_t thread;
    uint32_t random;
};

/* ---- The server ---- */

static void answer(struct http_exchange *exchange)
{
    const struct http_request *request = http_request_of(exchange);
    struct http_response *response = NULL;

    if (span_is(request->path, "/file")) {
        int fd = memfd_create("test", MFD_CLOEXEC);
        if (ftruncate(fd, 300000) < 0)
            __builtin_trap();
        response = http_response_file(request, fd, "text/plain", NULL);
    } else {
        struct buf body = BUF_INIT;
        size_t length = span_is(request->path, "/big") ? 2000000 : 1500;
        memset(buf_reserve(&body, length), 'b', length);
        body.len = length;
        response = http_response_new(200);
        http_response_body(response, "text/plain", &body);
    }
    http_reply(&exchange, &response);
}

static void answer_on_lane(void *arg)
{
    answer(arg);
}

static void on_text(void *owner, struct ws *ws, struct span text)
{
    struct storm *storm = owner;

    switch (text.len % 5) {
    case 0:
        ws_close(ws, WS_CLOSE_POLICY, "enough");
        break;
    case 1:
        ws_abort(ws);
        break;
    case 2:
        for (int i = 0; i < 50; i++)
            ws_send_frame(ws, storm->shared);
        break;
    default:
        ws_send_text(ws, text);
        break;
    }
}

static void on_oversize(void *owner, struct ws *ws, uint64_t size)
{
    ws_send_ping(ws, span_of("smaller, please"));
}

static void on_drained(void *owner, struct ws *ws)
{
    if (ws_backlog(ws) != 0 || ws_stalled_since(ws) != 0)
        __builtin_trap();
}

static void on_closed(void *owner, struct ws *ws, int code)
{
    struct storm *storm = owner;

    atomic_fetch_add(&storm->closed, 1);
}

static const struct ws_handlers handlers = {
    .on_text = on_text,
    .on_oversize = on_oversize,
    .on_drained = on_drained,
    .on_closed = on_closed,
};

static void on_request(void *owner, struct http_exchange *exchange)
{
    struct storm *storm = owner;
    const struct ws_settings settings = {
        .handlers = &handlers, .owner = storm, .message_max = MESSAGE_MAX};

    if (ws_check_handshake(http_request_of(exchange), NULL) == 0) {
        atomic_fetch_add(&storm->opened, 1);
        ws_accept(&exchange, &settings);
    } else if (span_is(http_request_of(exchange)->query, "lane")) {
        if (lane_submit(storm->lane, answer_on_lane, exchange) < 0)
            answer(exchange);
    } else {
        answer(exchange);
    }
}

/* ---- The clients ---- */

static uint32_t any(struct client *client, uint32_t below)
{
    client->random ^= client->random << 13;
    client->random ^= client->random >> 17;
    client->random ^= client->random << 5;
    return client->random % below;
}

static void add_requests(struct client *client, struct buf *out)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
        "GET /?lane HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /big HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /big?lane HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
        "GET /file HTTP/1.1\r\nHost: a\r\nRange: bytes=5-\r\n\r\n",
        "HEAD /file?lane HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /?lane HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTT",
    };

    for (uint32_t i = any(client, 6); i > 0; i--)
        buf_add_text(out, requests[any(client, COUNT_OF(requests))]);
}

static void add_frames(struct client *client, struct buf *out)
{
    static const unsigned char mask[4] = {1, 2, 3, 4};
    static const char text[MESSAGE_MAX * 2];

    buf_add_text(out, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                      "Sec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    for (uint32_t i = any(client, 8); i > 0; i--) {
        static const enum ws_opcode opcodes[] = {WS_TEXT, WS_TEXT,  WS_TEXT,  WS_PING,
                                                 WS_PONG, WS_CLOSE, WS_BINARY};
        enum ws_opcode opcode = opcodes[any(client, COUNT_OF(opcodes))];
        size_t length = any(client, opcode >= WS_CLOSE ? 2 : any(client, 10) ? 200 : sizeof(text));
        ws_frame_add(out, opcode, true, (struct span){text, length}, mask);
    }
}

/* Says its part in pieces, listens for a while or not, and leaves politely or with a reset. */
static void call(struct client *client)
{
    AUTO(buf_release) struct buf out = BUF_INIT;
    AUTO(buf_release) struct buf in = BUF_INIT;
    int fd = caller_connect(net_port(client->storm->net));

    if (any(client, 2))
        add_frames(client, &out);
    else
        add_requests(client, &out);
    for (size_t sent = 0; sent < out.len;) {
        size_t piece = 1 + any(client, any(client, 3) ? 4000 : 30);
        piece = piece < out.len - sent ? piece : out.len - sent;
        caller_send_bytes(fd, out.data + sent, piece);
        sent += piece;
        if (any(client, 4) == 0)
            (void)recv(fd, buf_reserve(&in, 100000), 100000, MSG_DONTWAIT);
        if (any(client, 60) == 0)
            break;
    }
    if (any(client, 3) == 0)
        shutdown(fd, SHUT_WR);
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (any(client, 2))
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(fd);
}

static void *call_often(void *arg)
{
    struct client *client = arg;

    for (int i = 0; i < CALLS; i++)
        call(client);
    return NULL;
}

static void storm_start(struct storm *storm)
{
    static const char text[30000];
    struct net_settings settings = {
        .host = "127.0.0.1", .loops = LOOPS, .connections_max = 300, .http = http_settings_default};

    *storm = (struct storm){.shared = ws_frame((struct span){text, sizeof(text)})};
    settings.http.on_request = on_request;
    settings.http.owner = storm;
    settings.http.send_timeout_us = TIME_SECOND;
    settings.http.head_timeout_us = TIME_SECOND;
    settings.http.idle_timeout_us = TIME_SECOND;
    assert_int_equal(lane_new("storm", 2, 50, &storm->lane), 0);
    assert_int_equal(net_new(&settings, &storm->net, NULL), 0);
    assert_int_equal(net_start(storm->net), 0);
}

static void run_clients(struct storm *storm)
{
    struct client clients[CLIENTS];

    for (uint32_t i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.storm = storm, .random = 1 + i};
        assert_int_equal(pthread_create(&clients[i].thread, NULL, call_often, &clients[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i].thread, NULL);
}

static void storm_end(struct storm *storm)
{
    net_stop(storm->net);
    lane_free(&storm->lane);
    net_free(&storm->net);
    bytes_unref(&storm->shared);
    assert_int_equal(atomic_load(&storm->opened), atomic_load(&storm->closed));
    assert_true(atomic_load(&storm->opened) > 0);
}

static void everything_comes_to_one_end(void **state)
{
    struct storm storm;
    storm_start(&storm);

    run_clients(&storm);
    int64_t begin = time_monotonic();
    while (net_connections(storm.net) > 0) {
        assert_true(time_monotonic() - begin < WAIT_US);
        usleep(10000);
    }
    int fd = caller_connect(net_port(storm.net));
    caller_send(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    AUTO(answer_release) struct answer last = caller_read_answer(fd);
    assert_int_equal(last.status, 200);
    close(fd);
    storm_end(&storm);
}

static void the_server_may_end_in_the_middle(void **state)
{
    struct storm storm;
    storm_start(&storm);

    run_clients(&storm);
    storm_end(&storm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_to_one_end),
        cmocka_unit_test(the_server_may_end_in_the_middle),
    };

    return RUN_TESTS(tests);
}

#include "unit.h"

#include "base/buf.h"
#include "base/own.h"
#include "base/time.h"
#include "loop/latch.h"
#include "net/net.h"
#include "net/ws/frame.h"
#include "net/ws/ws.h"
#include "support/caller.h"

#include <stdatomic.h>

#define MESSAGE_MAX 65536
#define WAIT_US (20 * TIME_SECOND)

static const unsigned char mask[4] = {0xa1, 0x02, 0x73, 0xc4};

/* A server that does what the texts it gets say. */
struct server {
    struct net *net;
    struct ws *last;            /* the latest connection; its loop's */
    struct http_exchange *held; /* of /hold */
    struct latch holding;
    struct bytes *shared; /* a frame that all are sent */
    atomic_int opened;
    atomic_int closed;
    atomic_int close_code;
    atomic_int drained;
    atomic_int pongs;
    atomic_ullong oversize;
    atomic_size_t backlog;
    atomic_llong stalled_since;
};

static void flood(struct server *server, struct ws *ws)
{
    for (int i = 0; i < 400; i++)
        ws_send_frame(ws, server->shared);
    atomic_store(&server->backlog, ws_backlog(ws));
}

static void on_text(void *owner, struct ws *ws, struct span text)
{
    struct server *server = owner;

    if (span_is(text, "flood"))
        flood(server, ws);
    else if (span_is(text, "ping"))
        ws_send_ping(ws, span_of("are you there"));
    else if (span_is(text, "close"))
        ws_close(ws, WS_CLOSE_GOING_AWAY, "as you wish");
    else if (span_is(text, "abort"))
        ws_abort(ws);
    else if (span_is(text, "peer"))
        ws_send_text(ws, span_of(ws_peer(ws)));
    else if (span_is(text, "stalled?"))
        atomic_store(&server->stalled_since, ws_stalled_since(ws));
    else if (span_is(text, "three")) {
        ws_send_text(ws, span_of("one"));
        ws_send_frame(ws, server->shared);
        ws_send_text(ws, span_of("three"));
    } else
        ws_send_text(ws, text);
}

static void on_binary(void *owner, struct ws *ws, struct span bytes)
{
    AUTO(buf_release) struct buf frame = BUF_INIT;

    ws_frame_add(&frame, WS_BINARY, true, bytes, NULL);
    struct bytes *ready = bytes_from_span(buf_span(&frame));
    ws_send_frame(ws, ready);
    bytes_unref(&ready);
}

static void on_oversize(void *owner, struct ws *ws, uint64_t size)
{
    struct server *server = owner;

    atomic_store(&server->oversize, size);
}

static void on_pong(void *owner, struct ws *ws)
{
    struct server *server = owner;

    atomic_fetch_add(&server->pongs, 1);
}

static void on_drained(void *owner, struct ws *ws)
{
    struct server *server = owner;

    assert_int_equal(ws_backlog(ws), 0);
    atomic_fetch_add(&server->drained, 1);
}

static void on_closed(void *owner, struct ws *ws, int code)
{
    struct server *server = owner;

    atomic_store(&server->close_code, code);
    atomic_fetch_add(&server->closed, 1);
}

static const struct ws_handlers all = {
    .on_text = on_text,
    .on_binary = on_binary,
    .on_oversize = on_oversize,
    .on_pong = on_pong,
    .on_drained = on_drained,
    .on_closed = on_closed,
};

static const struct ws_handlers few = {
    .on_text = on_text,
    .on_closed = on_closed,
};

static void accept_on_loop(struct server *server, struct http_exchange *exchange)
{
    struct ws_settings settings = {.handlers = &all, .owner = server, .message_max = MESSAGE_MAX};

    if (span_is(http_request_of(exchange)->path, "/few"))
        settings.handlers = &few;
    if (span_is(http_request_of(exchange)->path, "/sub"))
        settings.subprotocol = "vigil.v1";
    server->last = ws_accept(&exchange, &settings);
    atomic_fetch_add(&server->opened, 1);
}

static void accept_held(void *arg)
{
    struct server *server = arg;

    accept_on_loop(server, server->held);
}

static void on_request(void *owner, struct http_exchange *exchange)
{
    struct server *server = owner;
    AUTO(buf_release) struct buf why = BUF_INIT;
    int status = ws_check_handshake(http_request_of(exchange), &why);

    if (status != 0) {
        struct http_response *response =
            ws_refusal(status, buf_text(&why), http_request_of(exchange));
        http_reply(&exchange, &response);
    } else if (span_is(http_request_of(exchange)->path, "/hold")) {
        server->held = exchange;
        latch_open(&server->holding);
    } else {
        accept_on_loop(server, exchange);
    }
}

static void server_start(struct server *server)
{
    struct net_settings settings = {
        .host = "127.0.0.1", .loops = 1, .connections_max = 3000, .http = http_settings_default};
    static char text[50000];

    *server = (struct server){0};
    latch_init(&server->holding);
    memset(text, 's', sizeof(text));
    server->shared = ws_frame((struct span){text, sizeof(text)});
    settings.http.on_request = on_request;
    settings.http.owner = server;
    assert_int_equal(net_new(&settings, &server->net, NULL), 0);
    assert_int_equal(net_start(server->net), 0);
}

static void server_end(struct server *server)
{
    net_stop(server->net);
    net_free(&server->net);
    bytes_unref(&server->shared);
    latch_release(&server->holding);
    assert_int_equal(atomic_load(&server->opened), atomic_load(&server->closed));
}

static void wait_for(atomic_int *number, int wanted)
{
    int64_t begin = time_monotonic();

    while (atomic_load(number) < wanted) {
        assert_true(time_monotonic() - begin < WAIT_US);
        usleep(1000);
    }
}

/* ---- The client ---- */

struct client {
    int fd;
    struct ws_decoder *decoder;
    struct buf in;
    size_t used;
};

static const char handshake[] = "GET %s HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
                                "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

static void client_ask(struct client *client, const struct server *server, const char *path)
{
    char text[512];

    *client = (struct client){.fd = caller_connect(net_port(server->net))};
    client->decoder = ws_decoder_new(WS_ROLE_CLIENT, 1 << 20, 0);
    snprintf(text, sizeof(text), handshake, path);
    caller_send(client->fd, text);
}

static void client_open(struct client *client, const struct server *server, const char *path)
{
    client_ask(client, server, path);
    AUTO(answer_release) struct answer answer = caller_read_head(client->fd);
    assert_int_equal(answer.status, 101);
    assert_string_equal(answer_header(&answer, "Sec-WebSocket-Accept"),
                        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_string_equal(answer_header(&answer, "Upgrade"), "websocket");
    assert_string_equal(answer_header(&answer, "Connection"), "Upgrade");
    assert_string_equal(answer_header(&answer, "X-Frame-Options"), "DENY");
    assert_int_equal(strlen(answer_header(&answer, "X-Request-ID")), 8);
}

static void client_end(struct client *client)
{
    close(client->fd);
    ws_decoder_free(&client->decoder);
    buf_release(&client->in);
}

static void client_send(struct client *client, enum ws_opcode opcode, struct span payload)
{
    AUTO(buf_release) struct buf frame = BUF_INIT;

    ws_frame_add(&frame, opcode, true, payload, mask);
    caller_send_bytes(client->fd, frame.data, frame.len);
}

static void client_say(struct client *client, const char *text)
{
    client_send(client, WS_TEXT, span_of(text));
}

/* The next event; false when the stream ends first. Payloads are valid until the next call. */
static bool client_hear(struct client *client, struct ws_event *event)
{
    for (;;) {
        struct span rest = {client->in.data + client->used, client->in.len - client->used};
        size_t before = rest.len;
        int rc = rest.len > 0 ? ws_decoder_next(client->decoder, &rest, event) : 0;
        assert_true(rc >= 0);
        client->used += before - rest.len;
        if (rc > 0)
            return true;
        buf_reset(&client->in);
        client->used = 0;
        if (!caller_read_some(client->fd, &client->in, 65536))
            return false;
    }
}

static void client_expect(struct client *client, enum ws_opcode opcode, const char *payload)
{
    struct ws_event event;

    assert_true(client_hear(client, &event));
    assert_int_equal(event.opcode, opcode);
    assert_true(span_is(event.payload, payload));
}

static void client_expect_close(struct client *client, int code)
{
    struct ws_event event;

    do
        assert_true(client_hear(client, &event));
    while (event.opcode != WS_CLOSE);
    assert_int_equal(event.close_code, code);
}

static void client_expect_end(struct client *client)
{
    struct ws_event event;

    assert_false(client_hear(client, &event));
}

/* ---- Tests ---- */

static void echoes_text_and_bytes(void **state)
{
    struct server server;
    struct client client;
    server_start(&server);
    client_open(&client, &server, "/");

    client_say(&client, "hello");
    client_expect(&client, WS_TEXT, "hello");
    client_send(&client, WS_BINARY, (struct span){"\x01\x00\xff", 3});
    struct ws_event event;
    assert_true(client_hear(&client, &event));
    assert_int_equal(event.opcode, WS_BINARY);
    assert_memory_equal(event.payload.at, "\x01\x00\xff", 3);
    client_say(&client, "peer");
    client_expect(&client, WS_TEXT, "127.0.0.1");
    client_end(&client);
    server_end(&server);
    assert_int_equal(atomic_load(&server.close_code), 1006);
}

static void takes_frames_that_come_with_the_handshake(void **state)
{
    struct server server;
    server_start(&server);
    AUTO(buf_release) struct buf text = BUF_INIT;
    struct client client = {.fd = caller_connect(net_port(server.net)),
                            .decoder = ws_decoder_new(WS_ROLE_CLIENT, 1000, 0)};

    buf_addf(&text, handshake, "/");
    ws_frame_add(&text, WS_TEXT, true, span_of("early"), mask);
    ws_frame_add(&text, WS_TEXT, true, span_of("bird"), mask);
    caller_send_bytes(client.fd, text.data, text.len - 1);
    AUTO(answer_release) struct answer answer = caller_read_head(client.fd);
    assert_int_equal(answer.status, 101);
    client_expect(&client, WS_TEXT, "early");
    caller_send_bytes(client.fd, text.data + text.len - 1, 1);
    client_expect(&client, WS_TEXT, "bird");
    client_end(&client);
    server_end(&server);
}

static void keeps_the_order_of_all_it_sends(void **state)
{
    struct server server;
    struct client client;
    struct ws_event event;
    server_start(&server);
    client_open(&client, &server, "/");

    client_say(&client, "three");
    client_expect(&client, WS_TEXT, "one");
    assert_true(client_hear(&client, &event));
    assert_int_equal(event.payload.len, 50000);
    client_expect(&client, WS_TEXT, "three");
    client_end(&client);
    server_end(&server);
}

static void echoes_the_subprotocol(void **state)
{
    struct server server;
    struct client client;
    server_start(&server);

    client_ask(&client, &server, "/sub");
    AUTO(answer_release) struct answer answer = caller_read_head(client.fd);
    assert_string_equal(answer_header(&answer, "Sec-WebSocket-Protocol"), "vigil.v1");
    client_end(&client);
    server_end(&server);
}

struct refusal {
    int status;
    const char *request;
};

#define REST "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static const struct refusal refusals[] = {
    {101, "GET / HTTP/1.1\r\n" REST "Sec-WebSocket-Version: 13\r\n" KEY "\r\n"},
    {405, "POST / HTTP/1.1\r\n" REST "Sec-WebSocket-Version: 13\r\n" KEY "\r\n"},
    {400, "GET / HTTP/1.0\r\n" REST "Sec-WebSocket-Version: 13\r\n" KEY "\r\n"},
    {426, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {426, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
          "Sec-WebSocket-Version: 13\r\n" KEY "\r\n"},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUpgrade: websocket\r\n"
          "Sec-WebSocket-Version: 13\r\n" KEY "\r\n"},
    {426, "GET / HTTP/1.1\r\n" REST "Sec-WebSocket-Version: 8\r\n" KEY "\r\n"},
    {426, "GET / HTTP/1.1\r\n" REST KEY "\r\n"},
    {400, "GET / HTTP/1.1\r\n" REST "Sec-WebSocket-Version: 13\r\n\r\n"},
    {400,
     "GET / HTTP/1.1\r\n" REST "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" REST
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25j====\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" REST
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhb*BsZSBub25jZQ==\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" REST "Sec-WebSocket-Version: 13\r\n" KEY KEY "\r\n"},
    {400,
     "GET / HTTP/1.1\r\n" REST "Sec-WebSocket-Version: 13\r\n" KEY "Content-Length: 2\r\n\r\nhi"},
};

static void judges_handshakes(void **state)
{
    struct server server;
    server_start(&server);

    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        int fd = caller_connect(net_port(server.net));
        caller_send(fd, refusals[i].request);
        AUTO(answer_release) struct answer answer = caller_read_answer(fd);
        if (answer.status != refusals[i].status)
            print_message("%s\n", refusals[i].request);
        assert_int_equal(answer.status, refusals[i].status);
        if (answer.status == 426)
            assert_string_equal(answer_header(&answer, "Sec-WebSocket-Version"), "13");
        if (answer.status == 405)
            assert_string_equal(answer_header(&answer, "Allow"), "GET");
        close(fd);
    }
    server_end(&server);
}

static void answers_pings_and_hears_pongs(void **state)
{
    struct server server;
    struct client client;
    server_start(&server);
    client_open(&client, &server, "/");

    for (int i = 0; i < 100; i++)
        client_send(&client, WS_PING, span_of("x"));
    for (int i = 0; i < 100; i++)
        client_expect(&client, WS_PONG, "x");
    client_say(&client, "ping");
    client_expect(&client, WS_PING, "are you there");
    client_send(&client, WS_PONG, span_of("are you there"));
    wait_for(&server.pongs, 1);
    client_end(&client);
    server_end(&server);
}

static void echoes_a_close(void **state)
{
    static const struct {
        int code;
        const char *payload;
    } cases[] = {{1000, "\x03\xe8 done"}, {1005, ""}, {4001, "\x0f\xa1"}};
    struct server server;
    server_start(&server);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct client client;
        client_open(&client, &server, "/");
        client_send(&client, WS_CLOSE, span_of(cases[i].payload));
        client_expect_close(&client, cases[i].code);
        client_expect_end(&client);
        wait_for(&server.closed, (int)i + 1);
        assert_int_equal(atomic_load(&server.close_code), cases[i].code);
        client_end(&client);
    }
    server_end(&server);
}

static void closes_and_waits_for_the_echo(void **state)
{
    struct server server;
    struct client client;
    struct ws_event event;
    server_start(&server);
    client_open(&client, &server, "/");

    client_say(&client, "close");
    assert_true(client_hear(&client, &event));
    assert_int_equal(event.opcode, WS_CLOSE);
    assert_int_equal(event.close_code, 1001);
    assert_true(span_is(event.payload, "as you wish"));
    client_say(&client, "still talking"); /* nobody listens any more */
    assert_int_equal(atomic_load(&server.closed), 0);
    client_send(&client, WS_CLOSE, (struct span){"\x03\xe9", 2});
    client_expect_end(&client);
    wait_for(&server.closed, 1);
    assert_int_equal(atomic_load(&server.close_code), 1001);
    client_end(&client);
    server_end(&server);
}

static void a_peer_that_never_echoes_is_closed(void **state)
{
    struct server server;
    struct client client;
    server_start(&server);
    client_open(&client, &server, "/");

    client_say(&client, "close");
    client_expect_close(&client, 1001);
    client_expect_end(&client); /* after 5 s */
    wait_for(&server.closed, 1);
    assert_int_equal(atomic_load(&server.close_code), 1006);
    client_end(&client);
    server_end(&server);
}

static void aborts_without_a_word(void **state)
{
    struct server server;
    struct client client;
    server_start(&server);
    client_open(&client, &server, "/");

    client_say(&client, "abort");
    client_expect_end(&client);
    wait_for(&server.closed, 1);
    assert_int_equal(atomic_load(&server.close_code), 1006);
    client_end(&client);
    server_end(&server);
}

static void violations_close_with_their_code(void **state)
{
    static const struct {
        int code;
        const char *path;
        enum ws_opcode opcode;
        const char *payload;
    } cases[] = {
        {1002, "/", WS_CONTINUATION, "x"}, {1002, "/", (enum ws_opcode)3, "x"},
        {1007, "/", WS_TEXT, "\xff"},      {1003, "/few", WS_BINARY, "x"},
        {1002, "/", WS_CLOSE, "\x01\x02"},
    };
    struct server server;
    server_start(&server);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct client client;
        client_open(&client, &server, cases[i].path);
        client_say(&client, "before");
        client_send(&client, cases[i].opcode, span_of(cases[i].payload));
        client_say(&client, "after");
        client_expect(&client, WS_TEXT, "before");
        client_expect_close(&client, cases[i].code);
        client_expect_end(&client);
        wait_for(&server.closed, (int)i + 1);
        assert_int_equal(atomic_load(&server.close_code), cases[i].code);
        client_end(&client);
    }
    server_end(&server);
}

static void tells_of_messages_that_are_too_large(void **state)
{
    static char large[MESSAGE_MAX * 2];
    struct server server;
    struct client told, closed;
    server_start(&server);
    memset(large, 'l', sizeof(large));

    client_open(&told, &server, "/");
    client_send(&told, WS_TEXT, (struct span){large, sizeof(large)});
    client_say(&told, "next");
    client_expect(&told, WS_TEXT, "next");
    assert_int_equal(atomic_load(&server.oversize), sizeof(large));
    client_end(&told);

    client_open(&closed, &server, "/few");
    client_send(&closed, WS_TEXT, (struct span){large, sizeof(large)});
    client_expect_close(&closed, 1009);
    client_end(&closed);
    server_end(&server);
}

static void a_slow_reader_gets_everything_in_the_end(void **state)
{
    struct server server;
    struct client client;
    struct ws_event event;
    server_start(&server);
    client_open(&client, &server, "/");

    client_say(&client, "flood");
    int64_t begin = time_monotonic();
    while (atomic_load(&server.backlog) == 0)
        assert_true(time_monotonic() - begin < WAIT_US);
    assert_true(atomic_load(&server.backlog) >= 400 * 50000);
    int drained = atomic_load(&server.drained);
    client_say(&client, "stalled?");
    while (atomic_load(&server.stalled_since) == 0) {
        assert_true(time_monotonic() - begin < WAIT_US);
        client_say(&client, "stalled?");
        usleep(1000);
    }
    for (int i = 0; i < 400; i++) {
        assert_true(client_hear(&client, &event));
        assert_int_equal(event.payload.len, 50000);
    }
    wait_for(&server.drained, drained + 1);
    client_say(&client, "hello");
    client_expect(&client, WS_TEXT, "hello");
    client_end(&client);
    server_end(&server);
}

static void a_handshake_may_be_agreed_to_later(void **state)
{
    struct server server;
    struct client client;
    server_start(&server);

    client_ask(&client, &server, "/hold");
    client_say(&client, "early");
    latch_wait(&server.holding);
    loop_post(net_loop(server.net, 0), accept_held, &server);
    AUTO(answer_release) struct answer answer = caller_read_head(client.fd);
    assert_int_equal(answer.status, 101);
    client_expect(&client, WS_TEXT, "early");
    client_end(&client);
    server_end(&server);
}

static void a_peer_that_left_before_the_agreement_is_closed(void **state)
{
    struct server server;
    struct client client;
    server_start(&server);

    client_ask(&client, &server, "/hold");
    latch_wait(&server.holding);
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    client_end(&client);
    int64_t begin = time_monotonic();
    while (net_connections(server.net) != 0)
        assert_true(time_monotonic() - begin < WAIT_US);
    loop_post(net_loop(server.net, 0), accept_held, &server);
    wait_for(&server.closed, 1);
    assert_int_equal(atomic_load(&server.close_code), 1006);
    server_end(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes_text_and_bytes),
        cmocka_unit_test(takes_frames_that_come_with_the_handshake),
        cmocka_unit_test(keeps_the_order_of_all_it_sends),
        cmocka_unit_test(echoes_the_subprotocol),
        cmocka_unit_test(judges_handshakes),
        cmocka_unit_test(answers_pings_and_hears_pongs),
        cmocka_unit_test(echoes_a_close),
        cmocka_unit_test(closes_and_waits_for_the_echo),
        cmocka_unit_test(a_peer_that_never_echoes_is_closed),
        cmocka_unit_test(aborts_without_a_word),
        cmocka_unit_test(violations_close_with_their_code),
        cmocka_unit_test(tells_of_messages_that_are_too_large),
        cmocka_unit_test(a_slow_reader_gets_everything_in_the_end),
        cmocka_unit_test(a_handshake_may_be_agreed_to_later),
        cmocka_unit_test(a_peer_that_left_before_the_agreement_is_closed),
    };

    return RUN_TESTS(tests);
}

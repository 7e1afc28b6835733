#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/own.h"
#include "base/time.h"
#include "loop/lane.h"
#include "loop/latch.h"
#include "net/net.h"
#include "support/caller.h"

#include <stdatomic.h>
#include <sys/mman.h>

#define LOOPS 2

/* A server whose paths say what it is to do. */
struct server {
    struct net *net;
    struct lane *lane;
    struct http_exchange *held; /* of /hold: answered when the test says so */
    struct latch holding;
    atomic_uint requests;
};

static void add_line(struct buf *body, const char *name, struct span value)
{
    buf_addf(body, "%s=%.*s\n", name, (int)value.len, value.at);
}

static void answer_text(struct http_exchange *exchange, struct buf *body)
{
    struct http_response *response = http_response_new(200);

    http_response_body(response, "text/plain", body);
    http_reply(&exchange, &response);
}

static void describe(struct http_exchange *exchange)
{
    const struct http_request *request = http_request_of(exchange);
    struct buf body = BUF_INIT;

    add_line(&body, "method", request->method_name);
    add_line(&body, "path", request->path);
    add_line(&body, "query", request->query);
    add_line(&body, "peer", span_of(request->peer));
    buf_addf(&body, "loopback=%d\n", request->peer_is_loopback);
    add_line(&body, "body", request->body);
    answer_text(exchange, &body);
}

static void describe_on_lane(void *arg)
{
    describe(arg);
}

static void send_big(struct http_exchange *exchange)
{
    struct buf body = BUF_INIT;
    size_t length = (size_t)atoll(http_request_of(exchange)->query.at);

    memset(buf_reserve(&body, length), 'b', length);
    body.len = length;
    struct http_response *response = http_response_new(200);
    http_response_body(response, "application/octet-stream", &body);
    http_reply(&exchange, &response);
}

static int make_file(size_t length)
{
    int fd = memfd_create("test", MFD_CLOEXEC);

    for (size_t i = 0; i < length; i++)
        if (write(fd, &"0123456789"[i % 10], 1) != 1)
            __builtin_trap();
    return fd;
}

static void send_file(struct http_exchange *exchange)
{
    const struct http_request *request = http_request_of(exchange);
    struct http_response *response =
        http_response_file(request, make_file(4000), "image/jpeg", "no-cache");

    http_reply(&exchange, &response);
}

static void hold(struct server *server, struct http_exchange *exchange)
{
    server->held = exchange;
    latch_open(&server->holding);
}

static void on_request(void *owner, struct http_exchange *exchange)
{
    struct server *server = owner;
    struct span path = http_request_of(exchange)->path;

    atomic_fetch_add(&server->requests, 1);
    if (span_is(path, "/lane"))
        assert_int_equal(lane_submit(server->lane, describe_on_lane, exchange), 0);
    else if (span_is(path, "/big"))
        send_big(exchange);
    else if (span_is(path, "/file"))
        send_file(exchange);
    else if (span_is(path, "/hold"))
        hold(server, exchange);
    else
        describe(exchange);
}

static void server_start_with(struct server *server, struct http_settings http, unsigned most)
{
    AUTO(buf_release) struct buf why = BUF_INIT;

    *server = (struct server){0};
    latch_init(&server->holding);
    assert_int_equal(lane_new("test", 2, 100, &server->lane), 0);
    http.on_request = on_request;
    http.owner = server;
    struct net_settings settings = {
        .host = "127.0.0.1", .loops = LOOPS, .connections_max = most, .http = http};
    assert_int_equal(net_new(&settings, &server->net, &why), 0);
    assert_int_equal(net_start(server->net), 0);
}

static void server_start(struct server *server)
{
    server_start_with(server, http_settings_default, 1000);
}

static void server_end(struct server *server)
{
    net_stop(server->net);
    lane_free(&server->lane);
    net_free(&server->net);
    latch_release(&server->holding);
}

static int server_call(const struct server *server)
{
    return caller_connect(net_port(server->net));
}

static void answers_and_keeps_the_connection(void **state)
{
    struct server server;
    server_start(&server);
    int fd = server_call(&server);

    for (int i = 0; i < 3; i++) {
        caller_send(fd, "GET /a%20b?x=1 HTTP/1.1\r\nHost: a\r\n\r\n");
        AUTO(answer_release) struct answer answer = caller_read_answer(fd);
        assert_int_equal(answer.status, 200);
        assert_string_equal(
            buf_text(&answer.body),
            "method=GET\npath=/a b\nquery=x=1\npeer=127.0.0.1\nloopback=1\nbody=\n");
        assert_string_equal(answer_header(&answer, "Connection"), "keep-alive");
    }
    assert_int_equal(net_connections(server.net), 1);
    close(fd);
    server_end(&server);
}

static void every_answer_carries_the_headers(void **state)
{
    struct server server;
    server_start(&server);
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: req-1\r\nX-Correlation-ID: cor-1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: req-1\r\nX-Correlation-ID: cor-1\r\n"
        "Content-Length: x\r\n\r\n",
    };

    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        int fd = server_call(&server);
        caller_send(fd, requests[i]);
        AUTO(answer_release) struct answer answer = caller_read_answer(fd);
        assert_int_equal(answer.status, i == 0 ? 200 : 400);
        assert_string_equal(answer_header(&answer, "X-Content-Type-Options"), "nosniff");
        assert_string_equal(answer_header(&answer, "X-Frame-Options"), "DENY");
        assert_string_equal(answer_header(&answer, "X-XSS-Protection"), "1; mode=block");
        assert_string_equal(answer_header(&answer, "Referrer-Policy"),
                            "strict-origin-when-cross-origin");
        assert_non_null(strstr(answer_header(&answer, "Content-Security-Policy"), "'self'"));
        assert_non_null(strstr(answer_header(&answer, "Date"), " GMT"));
        double ms = -1;
        assert_int_equal(sscanf(answer_header(&answer, "X-Response-Time"), "%lfms", &ms), 1);
        assert_true(ms >= 0);
        if (i == 0) {
            assert_string_equal(answer_header(&answer, "X-Request-ID"), "req-1");
            assert_string_equal(answer_header(&answer, "X-Correlation-ID"), "cor-1");
        } else {
            assert_string_equal(answer_header(&answer, "Content-Type"), "application/problem+json");
            assert_string_equal(answer_header(&answer, "Connection"), "close");
            assert_non_null(strstr(buf_text(&answer.body), "\"title\":\"Bad Request\""));
        }
        close(fd);
    }
    server_end(&server);
}

static void makes_ids_when_the_peer_has_none(void **state)
{
    struct server server;
    server_start(&server);
    int fd = server_call(&server);

    caller_send(fd, "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: two words\r\n\r\n");
    AUTO(answer_release) struct answer answer = caller_read_answer(fd);
    assert_int_equal(strlen(answer_header(&answer, "X-Request-ID")), 8);
    assert_int_equal(strlen(answer_header(&answer, "X-Correlation-ID")), 36);
    close(fd);
    server_end(&server);
}

/* Answers in order, though the first ones are made elsewhere and take longer. */
static void answers_pipelined_requests_in_order(void **state)
{
    struct server server;
    server_start(&server);
    int fd = server_call(&server);
    AUTO(buf_release) struct buf requests = BUF_INIT;

    for (int i = 0; i < 500; i++)
        buf_addf(&requests, "POST /%s?%d HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
                 i % 3 == 0 ? "lane" : "here", i);
    caller_send_bytes(fd, requests.data, requests.len);
    for (int i = 0; i < 500; i++) {
        char wanted[32];
        snprintf(wanted, sizeof(wanted), "query=%d\n", i);
        AUTO(answer_release) struct answer answer = caller_read_answer(fd);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(buf_text(&answer.body), wanted));
        assert_non_null(strstr(buf_text(&answer.body), "body=abc\n"));
    }
    close(fd);
    server_end(&server);
}

static void answers_what_was_asked_before_the_peer_stopped_talking(void **state)
{
    struct server server;
    server_start(&server);
    int fd = server_call(&server);

    caller_send(fd, "GET /lane HTTP/1.1\r\nHost: a\r\n\r\nGET /here HTTP/1.1\r\nHost: a\r\n\r\n"
                    "GET /lane HTTP/1.1\r\nHost: a\r\n\r\n");
    shutdown(fd, SHUT_WR);
    for (int i = 0; i < 3; i++) {
        AUTO(answer_release) struct answer answer = caller_read_answer(fd);
        assert_int_equal(answer.status, 200);
    }
    AUTO(buf_release) struct buf rest = BUF_INIT;
    assert_false(caller_read_some(fd, &rest, 1));
    close(fd);
    server_end(&server);
}

static void reads_a_chunked_body(void **state)
{
    struct server server;
    server_start(&server);
    int fd = server_call(&server);

    caller_send(fd, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    caller_send(fd, "5\r\nhello\r\n1\r\n,\r\n");
    caller_send(fd, "6\r\n world\r\n0\r\n\r\n");
    AUTO(answer_release) struct answer answer = caller_read_answer(fd);
    assert_non_null(strstr(buf_text(&answer.body), "body=hello, world\n"));
    close(fd);
    server_end(&server);
}

static void says_continue_before_the_body(void **state)
{
    struct server server;
    server_start(&server);
    int fd = server_call(&server);

    caller_send(fd,
                "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    AUTO(answer_release) struct answer interim = caller_read_head(fd);
    assert_string_equal(buf_text(&interim.head), "HTTP/1.1 100 Continue\r\n\r\n");
    caller_send(fd, "hi");
    AUTO(answer_release) struct answer answer = caller_read_answer(fd);
    assert_non_null(strstr(buf_text(&answer.body), "body=hi\n"));
    close(fd);
    server_end(&server);
}

static void a_head_answer_has_a_length_and_no_body(void **state)
{
    struct server server;
    server_start(&server);
    int fd = server_call(&server);

    caller_send(fd,
                "HEAD /big?5000 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /file HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    AUTO(answer_release) struct answer big = caller_read_answer_to(fd, "HEAD");
    AUTO(answer_release) struct answer file = caller_read_answer_to(fd, "HEAD");
    AUTO(answer_release) struct answer next = caller_read_answer(fd);
    assert_string_equal(answer_header(&big, "Content-Length"), "5000");
    assert_string_equal(answer_header(&file, "Content-Length"), "4000");
    assert_int_equal(next.status, 200);
    assert_non_null(strstr(buf_text(&next.body), "path=/x\n"));
    close(fd);
    server_end(&server);
}

static void sends_more_than_the_socket_takes(void **state)
{
    const size_t length = 40u << 20;
    struct server server;
    server_start(&server);
    int fd = server_call(&server);

    /* Two at once: the second waits until the first is on its way. */
    caller_send(fd, "GET /big?41943040 HTTP/1.1\r\nHost: a\r\n\r\n"
                    "GET /big?41943040 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 2; i++) {
        AUTO(answer_release) struct answer answer = caller_read_answer(fd);
        assert_int_equal(answer.status, 200);
        assert_int_equal(answer.body.len, length);
    }
    AUTO(buf_release) struct buf rest = BUF_INIT;
    assert_false(caller_read_some(fd, &rest, 1));
    close(fd);
    server_end(&server);
}

static void sends_files_and_parts_of_them(void **state)
{
    struct server server;
    server_start(&server);
    int fd = server_call(&server);

    caller_send(fd, "GET /file HTTP/1.1\r\nHost: a\r\n\r\n"
                    "GET /file HTTP/1.1\r\nHost: a\r\nRange: bytes=3995-\r\n\r\n");
    AUTO(answer_release) struct answer whole = caller_read_answer(fd);
    AUTO(answer_release) struct answer part = caller_read_answer(fd);
    assert_int_equal(whole.status, 200);
    assert_int_equal(whole.body.len, 4000);
    assert_memory_equal(whole.body.data + 3990, "0123456789", 10);
    assert_int_equal(part.status, 206);
    assert_string_equal(buf_text(&part.body), "56789");
    assert_string_equal(answer_header(&part, "Content-Range"), "bytes 3995-3999/4000");
    close(fd);
    server_end(&server);
}

static void a_refusal_is_read_although_more_was_sent(void **state)
{
    struct http_settings settings = http_settings_default;
    struct server server;
    settings.body_max = 1000;
    server_start_with(&server, settings, 1000);
    int fd = server_call(&server);
    AUTO(buf_release) struct buf body = BUF_INIT;

    caller_send(fd, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
    memset(buf_reserve(&body, 3000000), 'x', 3000000);
    body.len = 3000000;
    caller_send_bytes(fd, body.data, body.len);
    AUTO(answer_release) struct answer answer = caller_read_answer(fd);
    assert_int_equal(answer.status, 413);
    AUTO(buf_release) struct buf rest = BUF_INIT;
    assert_false(caller_read_some(fd, &rest, 1));
    assert_int_equal(atomic_load(&server.requests), 0);
    close(fd);
    server_end(&server);
}

static struct http_settings impatient(void)
{
    struct http_settings settings = http_settings_default;

    settings.head_timeout_us = 200 * TIME_MS;
    settings.body_timeout_us = 200 * TIME_MS;
    settings.idle_timeout_us = 200 * TIME_MS;
    settings.send_timeout_us = 200 * TIME_MS;
    return settings;
}

static void slow_requests_are_told_so(void **state)
{
    static const char *const beginnings[] = {
        "G",
        "GET / HTTP/1.1\r\nHost: a\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab",
    };
    struct server server;
    server_start_with(&server, impatient(), 1000);

    for (size_t i = 0; i < COUNT_OF(beginnings); i++) {
        int fd = server_call(&server);
        caller_send(fd, beginnings[i]);
        AUTO(answer_release) struct answer answer = caller_read_answer(fd);
        assert_int_equal(answer.status, 408);
        close(fd);
    }
    server_end(&server);
}

static void a_trickle_does_not_prolong_the_head(void **state)
{
    struct server server;
    server_start_with(&server, impatient(), 1000);
    int fd = server_call(&server);
    int64_t begin = time_monotonic();
    AUTO(buf_release) struct buf in = BUF_INIT;

    caller_send(fd, "GET / HTTP/1.1\r\nX: ");
    struct timeval tick = {.tv_usec = 20000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof(tick));
    ssize_t got = -1;
    while (got < 0 && time_monotonic() - begin < 20 * TIME_SECOND) {
        caller_send(fd, "y");
        got = recv(fd, buf_reserve(&in, 100), 100, 0);
    }
    assert_true(got > 12);
    assert_memory_equal(in.data, "HTTP/1.1 408", 12);
    close(fd);
    server_end(&server);
}

static void an_idle_connection_is_closed_without_a_word(void **state)
{
    struct server server;
    server_start_with(&server, impatient(), 1000);
    AUTO(buf_release) struct buf in = BUF_INIT;
    int silent = server_call(&server);
    int served = server_call(&server);

    caller_send(served, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    AUTO(answer_release) struct answer answer = caller_read_answer(served);
    assert_int_equal(answer.status, 200);
    caller_read_all(silent, &in);
    caller_read_all(served, &in);
    assert_int_equal(in.len, 0);
    close(silent);
    close(served);
    server_end(&server);
}

static void a_reader_that_stops_is_closed(void **state)
{
    struct server server;
    server_start_with(&server, impatient(), 1000);
    int fd = server_call(&server);

    caller_send(fd, "GET /big?80000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    int64_t begin = time_monotonic();
    while (net_connections(server.net) != 0 || atomic_load(&server.requests) == 0) {
        assert_true(time_monotonic() - begin < 20 * TIME_SECOND);
        usleep(10000);
    }
    AUTO(answer_release) struct answer answer = caller_read_answer(fd);
    assert_int_equal(answer.status, -1);
    close(fd);
    server_end(&server);
}

static void a_peer_may_leave_before_its_answer(void **state)
{
    struct server server;
    server_start(&server);
    int fd = server_call(&server);

    caller_send(fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    latch_wait(&server.holding);
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(fd);
    int64_t begin = time_monotonic();
    while (net_connections(server.net) != 0) {
        assert_true(time_monotonic() - begin < 20 * TIME_SECOND);
        usleep(1000);
    }
    describe(server.held); /* from this thread, to nobody */
    server_end(&server);
}

static void the_server_may_end_before_an_answer(void **state)
{
    struct server server;
    server_start(&server);
    int fd = server_call(&server);

    caller_send(fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    latch_wait(&server.holding);
    net_stop(server.net);
    describe(server.held);
    AUTO(answer_release) struct answer answer = caller_read_answer(fd);
    assert_int_equal(answer.status, 0);
    close(fd);
    server_end(&server);
}

static void stops_accepting_and_serves_on(void **state)
{
    struct server server;
    server_start(&server);
    int fd = server_call(&server);

    caller_send(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    AUTO(answer_release) struct answer before = caller_read_answer(fd);
    assert_string_equal(answer_header(&before, "Connection"), "keep-alive");
    net_stop_accepting(server.net);
    caller_send(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    AUTO(answer_release) struct answer after = caller_read_answer(fd);
    assert_int_equal(after.status, 200);
    close(fd);
    server_end(&server);
}

static int post(const struct server *server, const char *path, size_t length)
{
    AUTO(buf_release) struct buf request = BUF_INIT;
    int fd = server_call(server);

    buf_addf(&request, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", path, length);
    memset(buf_reserve(&request, length), 'b', length);
    request.len += length;
    caller_send_bytes(fd, request.data, request.len);
    return fd;
}

static int post_status(const struct server *server, size_t length)
{
    int fd = post(server, "/", length);
    AUTO(answer_release) struct answer answer = caller_read_answer(fd);

    if (answer.status == 503)
        assert_string_equal(answer_header(&answer, "Retry-After"), "1");
    close(fd);
    return answer.status;
}

static void all_bodies_together_have_a_limit(void **state)
{
    struct http_settings settings = http_settings_default;
    struct server server;
    settings.bodies_max = 1000;
    server_start_with(&server, settings, 1000);
    int fd = post(&server, "/hold", HTTP_BODY_FREE + 1000);
    latch_wait(&server.holding);

    assert_int_equal(post_status(&server, HTTP_BODY_FREE + 1), 503);
    assert_int_equal(post_status(&server, HTTP_BODY_FREE), 200);
    AUTO(buf_release) struct buf nothing = BUF_INIT;
    answer_text(server.held, &nothing);
    AUTO(answer_release) struct answer answer = caller_read_answer(fd);
    assert_int_equal(answer.status, 200);
    assert_int_equal(post_status(&server, HTTP_BODY_FREE + 1000), 200);
    assert_int_equal(post_status(&server, HTTP_BODY_FREE + 1001), 503);
    close(fd);
    server_end(&server);
}

static void one_connection_too_many_is_told_so(void **state)
{
    struct server server;
    server_start_with(&server, http_settings_default, 2);
    int fds[2];

    for (int i = 0; i < 2; i++) {
        fds[i] = server_call(&server);
        caller_send(fds[i], "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        AUTO(answer_release) struct answer answer = caller_read_answer(fds[i]);
        assert_int_equal(answer.status, 200);
    }
    int extra = server_call(&server);
    caller_send(extra, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    AUTO(answer_release) struct answer refused = caller_read_answer(extra);
    assert_int_equal(refused.status, 503);
    assert_string_equal(answer_header(&refused, "Retry-After"), "1");
    assert_string_equal(answer_header(&refused, "X-Frame-Options"), "DENY");
    AUTO(buf_release) struct buf rest = BUF_INIT;
    assert_false(caller_read_some(extra, &rest, 1));
    close(extra);
    close(fds[0]);
    close(fds[1]);
    server_end(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_and_keeps_the_connection),
        cmocka_unit_test(every_answer_carries_the_headers),
        cmocka_unit_test(makes_ids_when_the_peer_has_none),
        cmocka_unit_test(answers_pipelined_requests_in_order),
        cmocka_unit_test(answers_what_was_asked_before_the_peer_stopped_talking),
        cmocka_unit_test(reads_a_chunked_body),
        cmocka_unit_test(says_continue_before_the_body),
        cmocka_unit_test(a_head_answer_has_a_length_and_no_body),
        cmocka_unit_test(sends_more_than_the_socket_takes),
        cmocka_unit_test(sends_files_and_parts_of_them),
        cmocka_unit_test(a_refusal_is_read_although_more_was_sent),
        cmocka_unit_test(slow_requests_are_told_so),
        cmocka_unit_test(a_trickle_does_not_prolong_the_head),
        cmocka_unit_test(an_idle_connection_is_closed_without_a_word),
        cmocka_unit_test(a_reader_that_stops_is_closed),
        cmocka_unit_test(a_peer_may_leave_before_its_answer),
        cmocka_unit_test(the_server_may_end_before_an_answer),
        cmocka_unit_test(stops_accepting_and_serves_on),
        cmocka_unit_test(all_bodies_together_have_a_limit),
        cmocka_unit_test(one_connection_too_many_is_told_so),
    };

    return RUN_TESTS(tests);
}

#include "unit.h"

#include "base/buf.h"
#include "base/own.h"
#include "base/time.h"
#include "net/net.h"
#include "support/caller.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/resource.h>

#define CALLS 200
#define CALLERS 20 /* of those who come when no descriptor is left */

/* A server that says who called, and notes on which loop. */
struct server {
    struct net *net;
    atomic_int on_loop[4];
};

static void on_request(void *owner, struct http_exchange *exchange)
{
    struct server *server = owner;
    struct buf body = BUF_INIT;

    for (unsigned i = 0; i < net_loops(server->net); i++)
        if (net_loop(server->net, i) == http_loop_of(exchange))
            atomic_fetch_add(&server->on_loop[i], 1);
    buf_addf(&body, "%s %d", http_request_of(exchange)->peer,
             http_request_of(exchange)->peer_is_loopback);
    struct http_response *response = http_response_new(200);
    http_response_body(response, "text/plain", &body);
    http_reply(&exchange, &response);
}

static int server_open_with(struct server *server, const char *host, uint16_t port, unsigned loops,
                            struct buf *why)
{
    struct net_settings settings = {.host = host,
                                    .port = port,
                                    .loops = loops,
                                    .connections_max = 1000,
                                    .http = http_settings_default};

    *server = (struct server){0};
    settings.http.on_request = on_request;
    settings.http.owner = server;
    return net_new(&settings, &server->net, why);
}

static int server_open(struct server *server, const char *host, uint16_t port, struct buf *why)
{
    return server_open_with(server, host, port, 3, why);
}

static void server_start(struct server *server)
{
    assert_int_equal(server_open(server, "127.0.0.1", 0, NULL), 0);
    assert_int_equal(net_start(server->net), 0);
}

static void spreads_connections_over_its_loops(void **state)
{
    struct server server;
    int fds[CALLS];
    server_start(&server);

    for (int i = 0; i < CALLS; i++) {
        fds[i] = caller_connect(net_port(server.net));
        caller_send(fds[i], "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    for (int i = 0; i < CALLS; i++) {
        AUTO(answer_release) struct answer answer = caller_read_answer(fds[i]);
        assert_string_equal(buf_text(&answer.body), "127.0.0.1 1");
    }
    assert_int_equal(net_connections(server.net), CALLS);
    for (int i = 0; i < 3; i++)
        assert_true(atomic_load(&server.on_loop[i]) > 0);
    for (int i = 0; i < CALLS; i++)
        close(fds[i]);
    net_free(&server.net);
}

static void a_port_in_use_is_told(void **state)
{
    struct server first, second;
    AUTO(buf_release) struct buf why = BUF_INIT;
    char wanted[64];
    server_start(&first);

    snprintf(wanted, sizeof(wanted), "port %u is in use: set API_PORT", net_port(first.net));
    assert_int_equal(server_open(&second, "127.0.0.1", net_port(first.net), &why), -EADDRINUSE);
    assert_string_equal(buf_text(&why), wanted);
    uint16_t port = net_port(first.net);
    net_free(&first.net);
    /* And it is free again at once, although there were connections. */
    assert_int_equal(server_open(&second, "127.0.0.1", port, &why), 0);
    net_free(&second.net);
}

static void a_bad_address_is_told(void **state)
{
    struct server server;
    AUTO(buf_release) struct buf why = BUF_INIT;

    assert_int_equal(server_open(&server, "192.0.2.1", 0, &why), -EADDRNOTAVAIL);
    assert_string_equal(buf_text(&why),
                        "192.0.2.1 is not an address of this machine: set API_HOST");
    assert_int_equal(server_open(&server, "no such host.", 0, &why), -EADDRNOTAVAIL);
    assert_non_null(strstr(buf_text(&why), "cannot be resolved"));
}

static void serves_both_families(void **state)
{
    struct server server;
    if (server_open(&server, "::", 0, NULL) < 0)
        skip(); /* a machine without IPv6 */
    assert_int_equal(net_start(server.net), 0);

    int four = caller_connect(net_port(server.net));
    caller_send(four, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    AUTO(answer_release) struct answer mapped = caller_read_answer(four);
    assert_string_equal(buf_text(&mapped.body), "127.0.0.1 1");
    close(four);

    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_port = htons(net_port(server.net)),
                                   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int six = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(six, (struct sockaddr *)&address, sizeof(address)) == 0) {
        caller_send(six, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        AUTO(answer_release) struct answer answer = caller_read_answer(six);
        assert_string_equal(buf_text(&answer.body), "::1 1");
    }
    close(six);
    net_free(&server.net);
}

static double cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
           (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
}

static void call_all(const struct server *server, const int *callers)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(net_port(server->net)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    for (int i = 0; i < CALLERS; i++) {
        assert_int_equal(connect(callers[i], (struct sockaddr *)&address, sizeof(address)), 0);
        caller_send(callers[i], "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
}

/* With no descriptor left callers are turned away or wait, no loop spins, and all is well as soon
 * as there are some again. The sockets of the callers exist before. */
static void runs_out_of_descriptors(unsigned loops)
{
    struct server server;
    struct rlimit before, tight;
    int callers[CALLERS];

    assert_int_equal(server_open_with(&server, "127.0.0.1", 0, loops, NULL), 0);
    assert_int_equal(net_start(server.net), 0);
    for (int i = 0; i < CALLERS; i++)
        callers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int next = dup(0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)next;
    close(next);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    call_all(&server, callers);
    double cpu = cpu_seconds();
    usleep(300000);
    double used = cpu_seconds() - cpu;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(used < 0.15);

    int served = 0;
    for (int i = 0; i < CALLERS; i++) {
        AUTO(answer_release) struct answer answer = caller_read_answer(callers[i]);
        assert_true(answer.status == 200 || answer.status == 0);
        served += answer.status == 200;
        close(callers[i]);
    }
    if (loops == 1) /* nobody else could take the one in reserve */
        assert_int_equal(served, 0);
    int fd = caller_connect(net_port(server.net));
    caller_send(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    AUTO(answer_release) struct answer answer = caller_read_answer(fd);
    assert_int_equal(answer.status, 200);
    close(fd);
    net_free(&server.net);
}

static void survives_without_descriptors(void **state)
{
    runs_out_of_descriptors(1);
    runs_out_of_descriptors(3);
}

static void ends_without_having_started(void **state)
{
    struct server server;

    assert_int_equal(server_open(&server, "127.0.0.1", 0, NULL), 0);
    assert_true(net_port(server.net) > 0);
    net_stop_accepting(server.net);
    net_free(&server.net);
    assert_null(server.net);
    net_free(&server.net);
}

static void stops_listening_at_once(void **state)
{
    struct server server;
    server_start(&server);
    uint16_t port = net_port(server.net);
    int64_t begin = time_monotonic();

    net_stop_accepting(server.net);
    for (;;) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons(port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int rc = connect(fd, (struct sockaddr *)&address, sizeof(address));
        close(fd);
        if (rc < 0)
            break;
        assert_true(time_monotonic() - begin < 20 * TIME_SECOND);
    }
    net_stop(server.net);
    net_stop(server.net);
    net_free(&server.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spreads_connections_over_its_loops),
        cmocka_unit_test(a_port_in_use_is_told),
        cmocka_unit_test(a_bad_address_is_told),
        cmocka_unit_test(serves_both_families),
        cmocka_unit_test(survives_without_descriptors),
        cmocka_unit_test(ends_without_having_started),
        cmocka_unit_test(stops_listening_at_once),
    };

    return RUN_TESTS(tests);
}

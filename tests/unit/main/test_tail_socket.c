#include "unit.h"

#include "base/digest.h"
#include "main/tail_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Where to ---- */

static void assert_target(const char *url, const char *host, const char *port, const char *path)
{
    AUTO(tail_target_release) struct tail_target target = {NULL};

    assert_int_equal(tail_target_parse(url, "events", &target, NULL), 0);
    assert_string_equal(target.host, host);
    assert_string_equal(target.port, port);
    assert_string_equal(target.path, path);
}

static void urls_are_taken_apart(void **state)
{
    assert_target("ws://127.0.0.1:8000", "127.0.0.1", "8000", "/ws/events");
    assert_target("ws://home.example", "home.example", "8000", "/ws/events");
    assert_target("http://home.example:80/", "home.example", "80", "/ws/events");
    assert_target("ws://[::1]:9000", "::1", "9000", "/ws/events");
    assert_target("ws://[::1]", "::1", "8000", "/ws/events");
    assert_target("ws://h:1/vigil/ws/events?x=1", "h", "1", "/vigil/ws/events?x=1");
}

static void other_urls_are_refused(void **state)
{
    static const char *const bad[] = {"", "home.example", "wss://home.example", "ws://",
                                      "ws://:80"};

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO(buf_release) struct buf why = BUF_INIT;
        AUTO(tail_target_release) struct tail_target target = {NULL};

        assert_int_equal(tail_target_parse(bad[i], "events", &target, &why), -EINVAL);
        assert_true(why.len > 0);
        assert_null(target.host);
    }
}

/* ---- A server that says what it is told to say ---- */

struct script {
    int listener;
    char port[8];
    const char *answer;
    bool good_accept; /* the answer's head is ours to make */
    struct span more; /* sent behind the head */
    pthread_t thread;
};

static void script_open(struct script *script)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    script->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(script->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(script->listener, 1), 0);
    getsockname(script->listener, (struct sockaddr *)&address, &size);
    snprintf(script->port, sizeof(script->port), "%u", ntohs(address.sin_port));
}

static void read_request(int fd, char *request, size_t size)
{
    size_t got = 0;

    while (got < size - 1 && !memmem(request, got, "\r\n\r\n", 4)) {
        ssize_t more = recv(fd, request + got, size - 1 - got, 0);
        if (more <= 0)
            break;
        got += (size_t)more;
    }
    request[got] = '\0';
}

static void add_accept(struct buf *head, const char *request)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    const char *key = strstr(request, "Sec-WebSocket-Key: ") + strlen("Sec-WebSocket-Key: ");
    unsigned char digest[20];

    buf_addf(&text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    digest_sha1(buf_span(&text), digest);
    buf_add_text(head, "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: ");
    base64_encode(head, (struct span){(const char *)digest, sizeof(digest)});
    buf_add_text(head, "\r\n\r\n");
}

static void *script_run(void *arg)
{
    struct script *script = arg;
    AUTO(buf_release) struct buf head = BUF_INIT;
    char request[2048];
    int fd = accept(script->listener, NULL, NULL);

    read_request(fd, request, sizeof(request));
    if (script->good_accept)
        add_accept(&head, request);
    else
        buf_add_text(&head, script->answer);
    buf_add_span(&head, script->more);
    if (send(fd, head.data, head.len, MSG_NOSIGNAL) < 0)
        __builtin_trap();
    shutdown(fd, SHUT_WR);
    while (recv(fd, request, sizeof(request), 0) > 0)
        ;
    close(fd);
    return NULL;
}

static int open_against(struct script *script, struct tail_socket **ret_socket, struct buf *why)
{
    struct tail_target target = {(char *)"127.0.0.1", script->port, (char *)"/ws/events"};
    struct tail_settings settings = {
        .target = &target, .query = "", .interrupt = eventfd(0, EFD_CLOEXEC)};
    int result;

    script_open(script);
    pthread_create(&script->thread, NULL, script_run, script);
    result = tail_socket_open(&settings, ret_socket, why);
    close(script->listener);
    /* The interrupt stays open: the socket goes on watching it. */
    return result;
}

static void assert_answer(const char *answer, int expected)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(tail_socket_close) struct tail_socket *socket = NULL;
    struct script script = {.answer = answer};

    assert_int_equal(open_against(&script, &socket, &why), expected);
    assert_null(socket);
    assert_true(why.len > 0);
    pthread_join(script.thread, NULL);
}

static void refusals_are_told_apart(void **state)
{
    assert_answer("HTTP/1.1 401 Unauthorized\r\n\r\n", -EACCES);
    assert_answer("HTTP/1.1 404 Not Found\r\n\r\n", -EACCES);
    assert_answer("HTTP/1.1 503 Service Unavailable\r\n\r\n", -EAGAIN);
    assert_answer("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n\r\n", -EPROTO);
    assert_answer("HTTP/1.1 101 Switching Protocols\r\n\r\n", -EPROTO);
    assert_answer("SSH-2.0-OpenSSH\r\n\r\n", -EPROTO);
    assert_answer("HTTP/1.1\r\n\r\n", -EPROTO);
    assert_answer("", -ECONNRESET);
}

static void what_comes_with_the_handshake_is_heard(void **state)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(tail_socket_close) struct tail_socket *socket = NULL;
    struct script script = {.good_accept = true,
                            .more = SPAN_LITERAL("\x81\x02hi\x81\x01!\x89\x01p")};
    struct ws_event event;

    assert_int_equal(open_against(&script, &socket, &why), 0);
    assert_int_equal(tail_socket_next(socket, 30000, &event), 1);
    assert_true(span_is(event.payload, "hi"));
    assert_int_equal(tail_socket_next(socket, 30000, &event), 1);
    assert_true(span_is(event.payload, "!"));
    assert_int_equal(tail_socket_next(socket, 30000, &event), 1);
    assert_int_equal(event.opcode, WS_PING);
    assert_int_equal(tail_socket_next(socket, 30000, &event), -ECONNRESET);
    tail_socket_close(&socket);
    pthread_join(script.thread, NULL);
}

static void broken_frames_end_it(void **state)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(tail_socket_close) struct tail_socket *socket = NULL;
    struct script script = {.good_accept = true, .more = SPAN_LITERAL("\xf1\x02hi")};
    struct ws_event event;

    assert_int_equal(open_against(&script, &socket, &why), 0);
    assert_int_equal(tail_socket_next(socket, 30000, &event), -EPROTO);
    tail_socket_close(&socket);
    pthread_join(script.thread, NULL);
}

static void nobody_there_and_enough_are_told(void **state)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct tail_socket *socket = NULL;
    struct script script = {.answer = ""};
    int interrupt = eventfd(0, EFD_CLOEXEC);
    struct tail_target target = {(char *)"127.0.0.1", script.port, (char *)"/"};
    struct tail_settings settings = {.target = &target, .query = "", .interrupt = interrupt};

    script_open(&script);
    close(script.listener);
    assert_int_equal(tail_socket_open(&settings, &socket, &why), -ECONNREFUSED);
    assert_int_equal(tail_wait(interrupt, 1000), 0);
    assert_int_equal(eventfd_write(interrupt, 1), 0);
    assert_int_equal(tail_wait(interrupt, INT64_C(3600000000)), -EINTR);
    close(interrupt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_taken_apart),
        cmocka_unit_test(other_urls_are_refused),
        cmocka_unit_test(refusals_are_told_apart),
        cmocka_unit_test(what_comes_with_the_handshake_is_heard),
        cmocka_unit_test(broken_frames_end_it),
        cmocka_unit_test(nobody_there_and_enough_are_told),
    };

    return RUN_TESTS(tests);
}

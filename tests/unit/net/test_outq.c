#include "unit.h"

#include "base/buf.h"
#include "base/own.h"
#include "net/outq_private.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct pipe {
    int near, far;
};

static struct pipe pipe_open(void)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    return (struct pipe){pair[0], pair[1]};
}

static void pipe_close(struct pipe *pipe)
{
    close(pipe->near);
    close(pipe->far);
}

static void read_what_is_there(int fd, struct buf *in)
{
    ssize_t got;

    while ((got = read(fd, buf_reserve(in, 65536), 65536)) > 0)
        in->len += (size_t)got;
    buf_text(in);
}

static void add_text(struct outq *outq, struct buf *expected, const char *text)
{
    struct bytes *bytes = bytes_from_span(span_of(text));

    buf_add_text(expected, text);
    outq_add_bytes(outq, &bytes);
    assert_null(bytes);
}

static int file_of(const char *text)
{
    int fd = memfd_create("test", MFD_CLOEXEC);

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    return fd;
}

static void sends_bytes_and_files_in_order(void **state)
{
    struct pipe pipe = pipe_open();
    struct outq *outq = outq_new();
    AUTO(buf_release) struct buf expected = BUF_INIT;
    AUTO(buf_release) struct buf in = BUF_INIT;
    size_t sent = 0;

    for (int i = 0; i < 200; i++) { /* more than one vector holds */
        char text[16];
        snprintf(text, sizeof(text), "%d,", i);
        add_text(outq, &expected, text);
    }
    outq_add_file(outq, file_of("0123456789"), 3, 4);
    buf_add_text(&expected, "3456");
    outq_add_file(outq, file_of("x"), 0, 0);
    add_text(outq, &expected, "");
    add_text(outq, &expected, "end");
    assert_int_equal(outq->backlog, expected.len);
    assert_int_equal(outq_send(outq, pipe.near, &sent), OUT_EMPTY);
    assert_int_equal(sent, expected.len);
    assert_int_equal(outq->backlog, 0);
    read_what_is_there(pipe.far, &in);
    assert_string_equal(buf_text(&in), buf_text(&expected));
    outq_free(&outq);
    pipe_close(&pipe);
}

/* Every byte arrives once, whatever the socket takes at a time. */
static void goes_on_where_the_socket_stopped(void **state)
{
    struct pipe pipe = pipe_open();
    struct outq *outq = outq_new();
    AUTO(buf_release) struct buf expected = BUF_INIT;
    AUTO(buf_release) struct buf in = BUF_INIT;
    enum out_result result;
    size_t sent = 0;
    int blocked = 0;

    for (int i = 0; i < 300; i++) {
        char text[3000];
        memset(text, 'a' + i % 26, sizeof(text));
        text[2000 + i] = '\0';
        add_text(outq, &expected, text);
        if (i % 7 == 0) {
            outq_add_file(outq, file_of(text), 0, strlen(text));
            buf_add_text(&expected, text);
        }
    }
    while ((result = outq_send(outq, pipe.near, &sent)) == OUT_BLOCKED) {
        blocked++;
        assert_int_equal(outq->backlog, expected.len - sent);
        read_what_is_there(pipe.far, &in);
    }
    read_what_is_there(pipe.far, &in);
    assert_int_equal(result, OUT_EMPTY);
    assert_true(blocked > 0);
    assert_int_equal(in.len, expected.len);
    assert_memory_equal(in.data, expected.data, in.len);
    outq_free(&outq);
    pipe_close(&pipe);
}

static void says_that_the_peer_is_gone(void **state)
{
    struct pipe pipe = pipe_open();
    struct outq *outq = outq_new();
    AUTO(buf_release) struct buf expected = BUF_INIT;
    size_t sent = 0;

    close(pipe.far);
    add_text(outq, &expected, "hello");
    outq_add_file(outq, file_of("x"), 0, 1); /* given back with the rest */
    assert_int_equal(outq_send(outq, pipe.near, &sent), OUT_BROKEN);
    outq_free(&outq);
    close(pipe.near);
}

static void says_that_a_file_was_cut(void **state)
{
    struct pipe pipe = pipe_open();
    struct outq *outq = outq_new();
    size_t sent = 0;

    outq_add_file(outq, file_of("0123"), 0, 10);
    assert_int_equal(outq_send(outq, pipe.near, &sent), OUT_BROKEN);
    assert_int_equal(sent, 4);
    outq_free(&outq);
    pipe_close(&pipe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_bytes_and_files_in_order),
        cmocka_unit_test(goes_on_where_the_socket_stopped),
        cmocka_unit_test(says_that_the_peer_is_gone),
        cmocka_unit_test(says_that_a_file_was_cut),
    };

    return RUN_TESTS(tests);
}

/* A plain HTTP/1.1 client for tests: one connection for each request, bytes as they are, so that
 * what no library would send can be sent. Blocks, at most HTTP_CLIENT_SECONDS for each read. */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define HTTP_CLIENT_SECONDS 60

struct http_answer {
    int status;      /* 0: the peer closed without one */
    struct buf head; /* status line and headers, with the blank line */
    struct buf body;
};

static inline void http_answer_release(struct http_answer *answer)
{
    buf_release(&answer->head);
    buf_release(&answer->body);
    answer->status = 0;
}

static inline int http_connect(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = HTTP_CLIENT_SECONDS};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        __builtin_trap();
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
}

/* Short when the peer closed: an answer may be waiting all the same. */
static inline void http_write(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes = (struct span){bytes.at + sent, bytes.len - (size_t)sent};
    }
}

/* The value, trimmed; empty with at == NULL when absent. */
static inline struct span http_answer_header(const struct http_answer *answer, const char *name)
{
    struct span rest = buf_span(&answer->head);
    while (rest.at) {
        struct span line = span_cut(&rest, '\n');
        struct span value = line;
        struct span key = span_cut(&value, ':');
        if (value.at && span_is_nocase(key, name))
            return span_trim(value);
    }
    return (struct span){NULL, 0};
}

/* Reads until the peer closes. */
static inline void http_read_answer(int fd, struct http_answer *ret_answer)
{
    AUTO(buf_release) struct buf all = BUF_INIT;
    ssize_t got;

    do {
        got = recv(fd, buf_reserve(&all, 65536), 65536, 0);
        if (got > 0)
            all.len += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
    const char *end = all.len ? memmem(all.data, all.len, "\r\n\r\n", 4) : NULL;
    if (!end)
        return;
    size_t head = (size_t)(end - all.data) + 4;
    buf_add(&ret_answer->head, all.data, head);
    buf_add(&ret_answer->body, all.data + head, all.len - head);
    ret_answer->status = atoi(buf_text(&ret_answer->head) + sizeof("HTTP/1.1 ") - 1);
}

/* headers: ready lines, each with its \r\n; "" for none. body.at NULL: no body, no Content-Length.
 */
static inline void http_ask(uint16_t port, const char *method, const char *target,
                            const char *headers, struct span body, struct http_answer *ret_answer)
{
    AUTO(buf_release) struct buf request = BUF_INIT;
    int fd = http_connect(port);

    http_answer_release(ret_answer);
    buf_addf(&request, "%s %s HTTP/1.1\r\n", method, target);
    if (!strcasestr(headers, "Host:"))
        buf_addf(&request, "Host: 127.0.0.1:%u\r\n", port);
    buf_addf(&request, "Connection: close\r\n%s", headers);
    if (body.at)
        buf_addf(&request, "Content-Length: %zu\r\n", body.len);
    buf_add_text(&request, "\r\n");
    http_write(fd, buf_span(&request));
    http_write(fd, body);
    http_read_answer(fd, ret_answer);
    close(fd);
}

static inline void http_get(uint16_t port, const char *target, struct http_answer *ret_answer)
{
    http_ask(port, "GET", target, "", (struct span){NULL, 0}, ret_answer);
}

static inline void http_send_json(uint16_t port, const char *method, const char *target,
                                  const char *json, struct http_answer *ret_answer)
{
    http_ask(port, method, target, "Content-Type: application/json\r\n", span_of(json), ret_answer);
}

/* The body as JSON; NULL when it is none. New reference. */
static inline json_t *http_answer_json(const struct http_answer *answer)
{
    json_t *value = NULL;
    return json_parse(buf_span(&answer->body), &value, NULL) == 0 ? value : NULL;
}

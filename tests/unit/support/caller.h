/* A client of the net layer, as blunt as a test needs it: a blocking socket on the loopback. */
#pragma once

#include "base/buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define CALLER_TIMEOUT_S 30

/* receive_bytes: the receive buffer's size; 0: the system's. */
static inline int caller_connect_with(uint16_t port, int receive_bytes)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval timeout = {.tv_sec = CALLER_TIMEOUT_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    if (receive_bytes)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes));
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        __builtin_trap();
    return fd;
}

static inline int caller_connect(uint16_t port)
{
    return caller_connect_with(port, 0);
}

static inline void caller_send_bytes(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t sent = send(fd, at, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the server has closed: the test sees it when it reads */
        at += sent;
        length -= (size_t)sent;
    }
}

static inline void caller_send(int fd, const char *text)
{
    caller_send_bytes(fd, text, strlen(text));
}

/* What comes, at most `most` bytes. False at the end of the stream (or after a reset). */
static inline bool caller_read_some(int fd, struct buf *in, size_t most)
{
    ssize_t got = recv(fd, buf_reserve(in, most), most, 0);

    if (got < 0 && errno == EAGAIN)
        __builtin_trap(); /* nothing came for CALLER_TIMEOUT_S */
    if (got <= 0)
        return false;
    in->len += (size_t)got;
    in->data[in->len] = '\0';
    return true;
}

static inline bool caller_read_exactly(int fd, struct buf *in, size_t length)
{
    while (in->len < length)
        if (!caller_read_some(fd, in, length - in->len))
            return false;
    return true;
}

static inline void caller_read_all(int fd, struct buf *in)
{
    while (caller_read_some(fd, in, 65536))
        ;
}

/* ---- Answers of HTTP ---- */

struct answer {
    int status; /* 0: the connection ended without one */
    struct buf head;
    struct buf body;
};

static inline void answer_release(struct answer *answer)
{
    buf_release(&answer->head);
    buf_release(&answer->body);
}

/* The header's value; "" when absent. Valid until the next call. */
static inline const char *answer_header(const struct answer *answer, const char *name)
{
    static char value[1024];
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "\r\n%s: ", name);
    const char *found = strcasestr(buf_text(&answer->head), wanted);
    value[0] = '\0';
    if (found)
        sscanf(found + strlen(wanted), "%1023[^\r]", value);
    return value;
}

/* Reads one head, byte by byte so that nothing behind it is taken. */
static inline struct answer caller_read_head(int fd)
{
    struct answer answer = {0};

    while (answer.head.len < 4 ||
           memcmp(answer.head.data + answer.head.len - 4, "\r\n\r\n", 4) != 0)
        if (!caller_read_some(fd, &answer.head, 1))
            return answer;
    answer.status = atoi(answer.head.data + 9);
    return answer;
}

/* One whole answer to a request of that method. */
static inline struct answer caller_read_answer_to(int fd, const char *method)
{
    struct answer answer = caller_read_head(fd);
    size_t length = (size_t)atoll(answer_header(&answer, "Content-Length"));

    if (strcmp(method, "HEAD") != 0 && !caller_read_exactly(fd, &answer.body, length))
        answer.status = -1; /* cut off */
    return answer;
}

static inline struct answer caller_read_answer(int fd)
{
    return caller_read_answer_to(fd, "GET");
}

#include "crowd.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX 4096
#define READ_SIZE 65536
#define EVENTS 512
#define PATIENCE_MS 10000

struct member {
    int fd;
    uint64_t next; /* the n it waits for */
    size_t kept;   /* bytes of a frame that is not complete */
    unsigned char frame[FRAME_MAX];
};

struct crowd {
    int epoll;
    size_t clients;
    uint64_t heard, lost, doubled, disordered;
    uint64_t messages_max;
    uint64_t *latencies; /* of every reception */
    uint64_t *last;      /* by n: the latest reception's latency */
    struct member members[];
};

static void give_up(const char *what)
{
    fprintf(stderr, "fanout: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- Connecting ---- */

static void shake_hands(int fd)
{
    static const char request[] =
        "GET /ws/events HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    char head[2048];
    size_t got = 0;

    if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
        give_up("the handshake cannot be sent");
    while (got < 4 || memcmp(head + got - 4, "\r\n\r\n", 4) != 0)
        if (got == sizeof(head) || recv(fd, head + got++, 1, 0) != 1)
            give_up("the handshake is not answered");
    if (memcmp(head, "HTTP/1.1 101", 12) != 0)
        give_up("the handshake is refused");
}

static int connect_one(uint16_t port, int handshake)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        give_up("a client cannot connect");
    if (handshake)
        shake_hands(fd);
    return fd;
}

struct crowd *crowd_new(uint16_t port, size_t clients, int handshake, uint64_t messages_max)
{
    struct crowd *crowd = mem_alloc(sizeof(*crowd) + clients * sizeof(struct member));

    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    crowd->clients = clients;
    crowd->messages_max = messages_max;
    crowd->latencies = mem_alloc_array(clients * messages_max, sizeof(uint64_t));
    crowd->last = mem_alloc_array(messages_max, sizeof(uint64_t));
    for (size_t i = 0; i < clients; i++) {
        struct member *member = &crowd->members[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = member};

        member->fd = connect_one(port, handshake);
        if (epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, member->fd, &event) < 0)
            give_up("epoll");
    }
    return crowd;
}

void crowd_free(struct crowd **crowd)
{
    for (size_t i = 0; i < (*crowd)->clients; i++)
        close((*crowd)->members[i].fd);
    close((*crowd)->epoll);
    mem_free(&(*crowd)->latencies);
    mem_free(&(*crowd)->last);
    mem_free(crowd);
}

/* ---- Listening ---- */

static uint64_t number_after(const unsigned char *text, size_t len, const char *name)
{
    const char *at = memmem(text, len, name, strlen(name));

    return at ? strtoull(at + strlen(name), NULL, 10) : UINT64_MAX;
}

static void take_message(struct crowd *crowd, struct member *member, const unsigned char *text,
                         size_t len)
{
    uint64_t n = number_after(text, len, "\"n\":"), t = number_after(text, len, "\"t\":");
    uint64_t latency = now_ns() - t;

    if (n >= crowd->messages_max)
        return; /* a greeting or a ping */
    if (n < member->next)
        crowd->doubled++;
    else if (n > member->next)
        crowd->lost += n - member->next;
    if (n + 1 < member->next)
        crowd->disordered++;
    member->next = n + 1;
    if (crowd->heard < crowd->clients * crowd->messages_max)
        crowd->latencies[crowd->heard] = latency;
    if (latency > crowd->last[n])
        crowd->last[n] = latency;
    crowd->heard++;
}

/* One frame at the front of the bytes: its length in all, or 0 when it is not complete. */
static size_t take_frame(struct crowd *crowd, struct member *member, const unsigned char *bytes,
                         size_t len)
{
    size_t header = 2, payload;

    if (len < 2)
        return 0;
    payload = bytes[1] & 0x7f;
    if (payload == 126) {
        if (len < 4)
            return 0;
        payload = (size_t)bytes[2] << 8 | bytes[3];
        header = 4;
    }
    if (payload > FRAME_MAX - 4)
        give_up("a frame is larger than any of this bench");
    if (len < header + payload)
        return 0;
    if ((bytes[0] & 0x0f) == 1)
        take_message(crowd, member, bytes + header, payload);
    return header + payload;
}

static void take_bytes(struct crowd *crowd, struct member *member, const unsigned char *bytes,
                       size_t len)
{
    size_t at = 0, used;

    while ((used = take_frame(crowd, member, bytes + at, len - at)))
        at += used;
    member->kept = len - at;
    memcpy(member->frame, bytes + at, member->kept);
}

static void hear(struct crowd *crowd, struct member *member)
{
    static unsigned char bytes[FRAME_MAX + READ_SIZE + 1];
    ssize_t got;

    memcpy(bytes, member->frame, member->kept);
    got = recv(member->fd, bytes + member->kept, READ_SIZE, MSG_DONTWAIT);
    if (got == 0)
        give_up("the server closed a connection");
    if (got < 0)
        return;
    bytes[member->kept + (size_t)got] = '\0';
    take_bytes(crowd, member, bytes, member->kept + (size_t)got);
}

void crowd_listen(struct crowd *crowd, uint64_t each)
{
    struct epoll_event events[EVENTS];

    while (crowd->heard < each * crowd->clients) {
        int ready = epoll_wait(crowd->epoll, events, EVENTS, PATIENCE_MS);

        if (ready == 0)
            return;
        for (int i = 0; i < ready; i++)
            hear(crowd, events[i].data.ptr);
    }
}

/* ---- Counting ---- */

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

static uint64_t percentile(uint64_t *values, size_t count, double share)
{
    size_t at = (size_t)((double)count * share);

    if (!count)
        return 0;
    return values[at < count ? at : count - 1];
}

void crowd_count(struct crowd *crowd, struct crowd_count *ret_count)
{
    size_t heard = crowd->heard;
    uint64_t missing = 0;

    for (size_t i = 0; i < crowd->clients; i++)
        missing += crowd->messages_max - crowd->members[i].next;
    if (heard > crowd->clients * crowd->messages_max)
        heard = crowd->clients * crowd->messages_max;
    qsort(crowd->latencies, heard, sizeof(uint64_t), compare);
    qsort(crowd->last, crowd->messages_max, sizeof(uint64_t), compare);
    *ret_count = (struct crowd_count){
        .heard = crowd->heard,
        .lost = crowd->lost + missing,
        .doubled = crowd->doubled,
        .disordered = crowd->disordered,
        .latency_p50_ns = percentile(crowd->latencies, heard, 0.50),
        .latency_p99_ns = percentile(crowd->latencies, heard, 0.99),
        .latency_max_ns = percentile(crowd->latencies, heard, 1.0),
        .last_p50_ns = percentile(crowd->last, crowd->messages_max, 0.50),
        .last_p99_ns = percentile(crowd->last, crowd->messages_max, 0.99),
    };
}

#include "net/listener_private.h"

#include "base/mem.h"
#include "base/time.h"
#include "net/conn_private.h"
#include "net/http/connection_private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define LISTEN_BACKLOG 1024
#define ACCEPT_BATCH 64
#define REFUSED_MAX 64 /* at once, per loop: beyond it a connection is closed without a word */
#define PAUSE_US (100 * TIME_MS)

struct listener {
    struct net_loop *home;
    struct watch *watch;
    struct timer pause;
    int socket;
    int reserve; /* given up for a moment when the process has no descriptor left; or -1 */
};

static int say(struct buf *why, int rc, const char *host, uint16_t port)
{
    if (rc == -EADDRINUSE)
        buf_setf(why, "port %u is in use: set API_PORT", port);
    else if (rc == -EACCES)
        buf_setf(why, "port %u needs a privilege this process lacks: set API_PORT to 1024 or more",
                 port);
    else if (rc == -EADDRNOTAVAIL)
        buf_setf(why, "%s is not an address of this machine: set API_HOST", host);
    else
        buf_setf(why, "cannot listen on %s port %u: %s", host, port, strerror(-rc));
    return rc;
}

/* A name may have several addresses; IPv4 goes first because that is what "localhost" means to
 * most of those who type it. */
static int resolve(const char *host, uint16_t port, struct sockaddr_storage *ret_address,
                   socklen_t *ret_length, struct buf *why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[8];
    snprintf(service, sizeof(service), "%u", port);
    int rc = getaddrinfo(host, service, &hints, &found);
    if (rc != 0) {
        buf_setf(why, "%s cannot be resolved (%s): set API_HOST", host, gai_strerror(rc));
        return -EADDRNOTAVAIL;
    }
    const struct addrinfo *chosen = found;
    for (const struct addrinfo *at = found; at; at = at->ai_next)
        if (at->ai_family == AF_INET) {
            chosen = at;
            break;
        }
    assert(chosen); /* getaddrinfo() succeeded */
    memcpy(ret_address, chosen->ai_addr, chosen->ai_addrlen);
    *ret_length = chosen->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

static int set_option(int socket, int level, int name, int value)
{
    return setsockopt(socket, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int bind_socket(int socket, const struct sockaddr_storage *address, socklen_t length,
                       bool shared)
{
    int rc = set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
    if (rc == 0 && address->ss_family == AF_INET6)
        rc = set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (rc == 0 && shared)
        rc = set_option(socket, SOL_SOCKET, SO_REUSEPORT, 1);
    if (rc == 0 && bind(socket, (const struct sockaddr *)address, length) < 0)
        rc = -errno;
    return rc;
}

/* The first socket binds alone, so that a port of somebody else's is noticed although that one
 * shares it as we do; it is opened for sharing afterwards, for our other loops. */
static int open_one(const struct sockaddr_storage *address, socklen_t length, bool first,
                    int *ret_socket)
{
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int rc = bind_socket(fd, address, length, !first);
    if (rc == 0 && first)
        rc = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (rc == 0 && listen(fd, LISTEN_BACKLOG) < 0)
        rc = -errno;
    if (rc < 0) {
        close(fd);
        return rc;
    }
    *ret_socket = fd;
    return 0;
}

static uint16_t port_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)address)->sin_port);
    return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
}

int listener_open(const char *host, uint16_t port, unsigned count, int *ret_sockets,
                  uint16_t *ret_port, struct buf *why)
{
    struct sockaddr_storage address;
    socklen_t length;
    int rc = resolve(host, port, &address, &length, why);
    if (rc < 0)
        return rc;
    for (unsigned i = 0; i < count; i++) {
        rc = open_one(&address, length, i == 0, &ret_sockets[i]);
        if (rc == 0 && i == 0 &&
            getsockname(ret_sockets[0], (struct sockaddr *)&address, &length) < 0)
            rc = -errno;
        if (rc == 0)
            continue;
        while (i-- > 0) {
            close(ret_sockets[i]);
            ret_sockets[i] = -1;
        }
        return say(why, rc, host, port);
    }
    *ret_port = port_of(&address);
    return 0;
}

static int open_reserve(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptor left: the one in reserve takes the caller off the queue, who is then closed. When
 * another thread was quicker to take it, accepting pauses; else the listening socket would stay
 * ready and the loop would spin. */
static void drop_one(struct listener *listener)
{
    if (listener->reserve >= 0)
        close(listener->reserve);
    int fd = accept4(listener->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    listener->reserve = open_reserve();
    if (listener->reserve >= 0)
        return;
    watch_change(listener->watch, 0);
    timer_start(&listener->pause, PAUSE_US);
}

static void accept_again(void *owner)
{
    struct listener *listener = owner;
    if (listener->reserve < 0)
        listener->reserve = open_reserve();
    watch_change(listener->watch, EPOLLIN);
}

static void welcome(struct net_loop *home, int fd, const struct sockaddr_storage *address)
{
    bool refused = atomic_load(home->connections_open) >= home->connections_max;
    if (refused && home->refused >= REFUSED_MAX) {
        close(fd);
        return;
    }
    (void)set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    struct conn *conn = conn_new(home, fd, address, refused);
    if (!conn)
        return;
    if (refused)
        http_refuse(conn, NULL, 503, "Too many connections are open.");
    else
        http_start(conn);
}

static void on_ready(void *owner, uint32_t events)
{
    struct listener *listener = owner;
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        struct sockaddr_storage address = {0};
        socklen_t length = sizeof(address);
        int fd = accept4(listener->socket, (struct sockaddr *)&address, &length,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            welcome(listener->home, fd, &address);
        } else if (errno == EMFILE || errno == ENFILE) {
            drop_one(listener);
            return;
        } else if (errno == EAGAIN) {
            return;
        }
        /* Everything else is the end of that one caller (ECONNABORTED, network errors). */
    }
}

int listener_start(struct net_loop *home, int socket, struct listener **ret_listener)
{
    struct listener *listener = mem_alloc(sizeof(*listener));
    listener->home = home;
    listener->socket = socket;
    int rc = watch_start(home->loop, socket, EPOLLIN, on_ready, listener, &listener->watch);
    if (rc < 0) {
        close(socket);
        mem_free(&listener);
        return rc;
    }
    timer_init(&listener->pause, home->loop, accept_again, listener);
    listener->reserve = open_reserve();
    *ret_listener = listener;
    return 0;
}

void listener_stop(struct listener **listener)
{
    if (!*listener)
        return;
    timer_stop(&(*listener)->pause);
    watch_stop(&(*listener)->watch);
    close((*listener)->socket);
    if ((*listener)->reserve >= 0)
        close((*listener)->reserve);
    mem_free(listener);
}

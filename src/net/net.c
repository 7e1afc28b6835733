#include "net/net.h"

#include "base/mem.h"
#include "net/listener_private.h"
#include "net/net_private.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

struct net {
    struct http_settings http;
    struct net_loop **homes;
    int *sockets; /* -1 once a listener has it */
    unsigned loops;
    unsigned started;
    uint16_t port;
    atomic_uint connections_open;
    atomic_size_t bodies_held;
};

static int make_loops(struct net *net, unsigned connections_max, struct buf *why)
{
    for (unsigned i = 0; i < net->loops; i++) {
        char name[16];
        snprintf(name, sizeof(name), "net%u", i);
        int rc = net_loop_new(name, &net->http, &net->connections_open, connections_max,
                              &net->bodies_held, &net->homes[i]);
        if (rc < 0) {
            buf_setf(why, "cannot make net loop %u of %u", i + 1, net->loops);
            return rc;
        }
    }
    return 0;
}

int net_new(const struct net_settings *settings, struct net **ret_net, struct buf *why)
{
    assert(settings->loops > 0 && settings->http.on_request);
    AUTO(net_free) struct net *net = mem_alloc(sizeof(*net));
    net->http = settings->http;
    net->loops = settings->loops;
    net->homes = mem_alloc_array(net->loops, sizeof(struct net_loop *));
    net->sockets = mem_alloc_array(net->loops, sizeof(int));
    for (unsigned i = 0; i < net->loops; i++)
        net->sockets[i] = -1;
    int rc =
        listener_open(settings->host, settings->port, net->loops, net->sockets, &net->port, why);
    if (rc < 0)
        return rc;
    rc = make_loops(net, settings->connections_max, why);
    if (rc < 0)
        return rc;
    *ret_net = TAKE(net);
    return 0;
}

/* sendfile() has no MSG_NOSIGNAL: a peer that leaves while a file is sent would end the process. */
static void block_sigpipe(void *arg)
{
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
}

int net_start(struct net *net)
{
    for (unsigned i = 0; i < net->loops; i++) {
        struct net_loop *home = net->homes[i];
        int socket = net->sockets[i];
        net->sockets[i] = -1;
        loop_post(home->loop, block_sigpipe, NULL); /* made before anything is sent */
        int rc = listener_start(home, socket, &home->listener);
        if (rc == 0)
            rc = loop_start(home->loop);
        if (rc < 0) {
            listener_stop(&home->listener);
            return rc;
        }
        net->started++;
    }
    return 0;
}

static void stop_accepting(void *arg)
{
    struct net_loop *home = arg;
    home->stopping = true;
    listener_stop(&home->listener);
}

void net_stop_accepting(struct net *net)
{
    for (unsigned i = 0; i < net->started; i++)
        loop_post(net->homes[i]->loop, stop_accepting, net->homes[i]);
}

static void stop_here(void *arg)
{
    struct net_loop *home = arg;
    stop_accepting(home);
    net_loop_close_all(home);
}

void net_stop(struct net *net)
{
    for (unsigned i = 0; i < net->started; i++) {
        loop_post(net->homes[i]->loop, stop_here, net->homes[i]);
        loop_stop(net->homes[i]->loop);
    }
    for (unsigned i = 0; i < net->started; i++)
        loop_join(net->homes[i]->loop);
    net->started = 0;
}

void net_free(struct net **net)
{
    if (!*net)
        return;
    net_stop(*net);
    for (unsigned i = 0; i < (*net)->loops; i++) {
        if ((*net)->sockets[i] >= 0)
            close((*net)->sockets[i]);
        net_loop_free(&(*net)->homes[i]);
    }
    mem_free(&(*net)->homes);
    mem_free(&(*net)->sockets);
    mem_free(net);
}

uint16_t net_port(const struct net *net)
{
    return net->port;
}

unsigned net_loops(const struct net *net)
{
    return net->loops;
}

struct loop *net_loop(const struct net *net, unsigned index)
{
    assert(index < net->loops);
    return net->homes[index]->loop;
}

unsigned net_connections(const struct net *net)
{
    return atomic_load(&net->connections_open);
}

#include "loop/loop.h"

#include "base/mem.h"
#include "loop/loop_private.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>

struct watch {
    struct loop *loop;
    int fd; /* borrowed */
    uint32_t events;
    watch_on_ready *on_ready; /* NULL: ended */
    void *owner;
    struct list node; /* in loop->ended */
};

int watch_start(struct loop *loop, int fd, uint32_t events, watch_on_ready *on_ready, void *owner,
                struct watch **ret_watch)
{
    loop_assert_here(loop);
    AUTO(mem_free) struct watch *watch = mem_alloc(sizeof(*watch));
    struct epoll_event interest = {.events = events, .data.ptr = watch};

    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &interest) < 0)
        return -errno;
    watch->loop = loop;
    watch->fd = fd;
    watch->events = events;
    watch->on_ready = on_ready;
    watch->owner = owner;
    list_init(&watch->node);
    loop->watch_count++;
    *ret_watch = TAKE(watch);
    return 0;
}

void watch_change(struct watch *watch, uint32_t events)
{
    struct epoll_event interest = {.events = events, .data.ptr = watch};

    loop_assert_here(watch->loop);
    if (watch->events == events)
        return;
    watch->events = events;
    int r = epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &interest);
    assert(r == 0);
    (void)r;
}

void watch_stop(struct watch **watch)
{
    struct watch *ended = *watch;

    *watch = NULL;
    if (!ended)
        return;
    loop_assert_here(ended->loop);
    int r = epoll_ctl(ended->loop->epoll_fd, EPOLL_CTL_DEL, ended->fd, NULL);
    assert(r == 0); /* else the fd was closed first, and its number may be another's by now */
    (void)r;
    ended->on_ready = NULL;
    ended->loop->watch_count--;
    list_append(&ended->loop->ended, &ended->node);
}

void watches_call(struct loop *loop, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++) {
        struct watch *watch = events[i].data.ptr;
        if (!watch) {
            mailbox_woken(&loop->mailbox);
            continue;
        }
        /* An earlier callback of this turn may have ended it, or lost interest for it. */
        uint32_t ready = events[i].events & (watch->events | EPOLLERR | EPOLLHUP);
        if (watch->on_ready && ready)
            watch->on_ready(watch->owner, ready);
    }
}

void watches_bury(struct loop *loop)
{
    for (struct list *node; (node = list_take_first(&loop->ended));) {
        struct watch *watch = CONTAINER_OF(node, struct watch, node);
        mem_free(&watch);
    }
}

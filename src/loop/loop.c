/* A turn: wait; what is ready; what was posted; what is due; the turn's end; then the watches that
 * ended in this turn are freed, when nothing can hold them any more. */
#include "loop/loop.h"

#include "base/mem.h"
#include "base/time.h"
#include "loop/loop_private.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_PER_TURN 256

static int open_fds(struct loop *loop)
{
    struct epoll_event wake = {.events = EPOLLIN, .data.ptr = NULL};

    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0)
        return -errno;
    int r = mailbox_init(&loop->mailbox);
    if (r == 0 && epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->mailbox.wake_fd, &wake) < 0) {
        r = -errno;
        mailbox_release(&loop->mailbox);
    }
    if (r < 0)
        close(loop->epoll_fd);
    return r;
}

int loop_new(const char *name, struct loop **ret_loop)
{
    struct loop *loop = mem_alloc(sizeof(*loop));
    int r = open_fds(loop);

    if (r < 0) {
        mem_free(&loop);
        return r;
    }
    snprintf(loop->name, sizeof(loop->name), "%s", name);
    loop->now = time_monotonic();
    list_init(&loop->ended);
    list_init(&loop->turn_ends);
    *ret_loop = loop;
    return 0;
}

static void call_posts(struct post_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        batch->posts[i].call(batch->posts[i].arg);
    batch->count = 0;
}

void loop_free(struct loop **loop)
{
    struct loop *dead = *loop;

    *loop = NULL;
    if (!dead)
        return;
    assert(atomic_load(&dead->here) == 0 && !dead->started);
    /* A call may post again; whatever was handed over arrives. */
    do {
        mailbox_take(&dead->mailbox, &dead->taken);
        call_posts(&dead->taken);
    } while (!mailbox_may_sleep(&dead->mailbox));
    watches_bury(dead);
    assert(dead->watch_count == 0);
    while (list_take_first(&dead->turn_ends))
        ;
    mailbox_release(&dead->mailbox);
    close(dead->epoll_fd);
    mem_free(&dead->taken.posts);
    mem_free(&dead->timers);
    mem_free(&dead);
}

static void call_turn_ends(struct loop *loop)
{
    struct list ends;

    /* What is asked for meanwhile belongs to the next turn, which then does not wait. */
    list_init(&ends);
    list_splice(&ends, &loop->turn_ends);
    for (struct list *node; (node = list_take_first(&ends));) {
        struct turn_end *end = CONTAINER_OF(node, struct turn_end, node);
        end->call(end->owner);
    }
}

/* Milliseconds for epoll: rounded up, so that a timer is due when the loop wakes for it. */
static int turn_wait(struct loop *loop)
{
    int64_t wait = timers_wait(loop);

    if (wait == 0 || !list_is_empty(&loop->turn_ends) || !mailbox_may_sleep(&loop->mailbox))
        return 0;
    if (wait < 0)
        return -1;
    int64_t ms = (wait + TIME_MS - 1) / TIME_MS;
    return ms < 3600000 ? (int)ms : 3600000;
}

/* False after the last turn. */
static bool turn(struct loop *loop)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_PER_TURN, turn_wait(loop));

    assert(count >= 0 || errno == EINTR);
    loop->now = time_monotonic();
    watches_call(loop, events, count);
    bool stop = mailbox_take(&loop->mailbox, &loop->taken);
    call_posts(&loop->taken);
    timers_call(loop);
    call_turn_ends(loop);
    watches_bury(loop);
    return !stop;
}

void loop_run(struct loop *loop)
{
    assert(atomic_load(&loop->here) == 0);
    /* The main thread keeps the program's name, which is what people look for. */
    if (gettid() != getpid())
        pthread_setname_np(pthread_self(), loop->name);
    atomic_store(&loop->here, pthread_self());
    while (turn(loop))
        ;
    atomic_store(&loop->here, 0);
}

static void *run_on_thread(void *arg)
{
    loop_run(arg);
    return NULL;
}

int loop_start(struct loop *loop)
{
    int r = pthread_create(&loop->thread, NULL, run_on_thread, loop);

    loop->started = r == 0;
    return -r;
}

void loop_join(struct loop *loop)
{
    if (!loop->started)
        return;
    pthread_join(loop->thread, NULL);
    loop->started = false;
}

void loop_stop(struct loop *loop)
{
    mailbox_stop(&loop->mailbox);
}

void loop_post(struct loop *loop, loop_call *call, void *arg)
{
    mailbox_add(&loop->mailbox, (struct post){call, arg});
}

bool loop_is_here(const struct loop *loop)
{
    return atomic_load(&loop->here) == pthread_self();
}

void loop_assert_here(const struct loop *loop)
{
    unsigned long here = atomic_load(&loop->here);

    assert(here == 0 || here == pthread_self());
    (void)here;
}

int64_t loop_now(const struct loop *loop)
{
    return loop->now;
}

void turn_end_init(struct turn_end *end, loop_call *call, void *owner)
{
    list_init(&end->node);
    end->call = call;
    end->owner = owner;
}

void turn_end_request(struct loop *loop, struct turn_end *end)
{
    loop_assert_here(loop);
    if (list_is_empty(&end->node))
        list_append(&loop->turn_ends, &end->node);
}

void turn_end_cancel(struct turn_end *end)
{
    list_remove(&end->node);
}

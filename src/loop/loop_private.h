/* The inside of a loop, shared by loop.c, watch.c, timer.c and mailbox.c. */
#pragma once

#include "base/list.h"
#include "loop/loop.h"
#include "loop/timer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct epoll_event;

struct post {
    loop_call *call;
    void *arg;
};

struct post_batch {
    struct post *posts; /* owned */
    size_t count, cap;
};

/* What other threads may touch; everything below the mutex is guarded by it. */
struct mailbox {
    int wake_fd; /* eventfd, readable when the loop must wake */
    pthread_mutex_t mutex;
    struct post_batch waiting;
    bool asleep; /* the loop waits in epoll: whoever posts now must wake it */
    bool stop;
};

int mailbox_init(struct mailbox *mailbox); /* 0 or -errno */
void mailbox_release(struct mailbox *mailbox);
void mailbox_add(struct mailbox *mailbox, struct post post);
void mailbox_stop(struct mailbox *mailbox);
bool mailbox_may_sleep(struct mailbox *mailbox); /* true: from now on a post wakes */
void mailbox_woken(struct mailbox *mailbox);     /* wake_fd is ready */

/* Swaps what waits into `taken` (empty). True when the loop was told to stop: everything posted
 * before that has been taken. */
bool mailbox_take(struct mailbox *mailbox, struct post_batch *taken);

struct loop {
    char name[16];
    int epoll_fd;
    atomic_ulong here; /* the pthread_t of the thread in loop_run(); 0 while none */
    int64_t now;
    struct mailbox mailbox;
    struct post_batch taken; /* kept between turns for its memory */

    size_t watch_count;
    struct list ended; /* watches that are stopped but may still be in this turn's events */

    struct timer **timers; /* a binary heap, the earliest first */
    size_t timer_count, timer_cap;
    int64_t horizon; /* the timers up to here have been called */

    struct list turn_ends;
    pthread_t thread; /* of loop_start() */
    bool started;
};

void watches_call(struct loop *loop, const struct epoll_event *events, int count);
void watches_bury(struct loop *loop); /* frees those that ended */

int64_t timers_wait(const struct loop *loop); /* µs until the next one is due; below 0: none */
void timers_call(struct loop *loop);

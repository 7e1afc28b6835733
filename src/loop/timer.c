#include "loop/timer.h"

#include "base/mem.h"
#include "base/time.h"
#include "loop/loop_private.h"

#define TIMERS_MIN 16

void timer_init(struct timer *timer, struct loop *loop, loop_call *on_due, void *owner)
{
    *timer = (struct timer){loop, on_due, owner, 0, TIMER_IDLE};
}

bool timer_is_running(const struct timer *timer)
{
    return timer->place != TIMER_IDLE;
}

static void put(struct loop *loop, size_t place, struct timer *timer)
{
    loop->timers[place] = timer;
    timer->place = place;
}

static void sift_up(struct loop *loop, size_t place, struct timer *timer)
{
    while (place > 0) {
        size_t parent = (place - 1) / 2;
        if (loop->timers[parent]->due <= timer->due)
            break;
        put(loop, place, loop->timers[parent]);
        place = parent;
    }
    put(loop, place, timer);
}

static void sift_down(struct loop *loop, size_t place, struct timer *timer)
{
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= loop->timer_count)
            break;
        if (child + 1 < loop->timer_count &&
            loop->timers[child + 1]->due < loop->timers[child]->due)
            child++;
        if (timer->due <= loop->timers[child]->due)
            break;
        put(loop, place, loop->timers[child]);
        place = child;
    }
    put(loop, place, timer);
}

void timer_stop(struct timer *timer)
{
    struct loop *loop = timer->loop;

    if (!timer_is_running(timer))
        return;
    loop_assert_here(loop);
    size_t place = timer->place;
    timer->place = TIMER_IDLE;
    struct timer *last = loop->timers[--loop->timer_count];
    if (last == timer)
        return;
    sift_down(loop, place, last);
    sift_up(loop, last->place, last);
}

void timer_start(struct timer *timer, int64_t delay_us)
{
    struct loop *loop = timer->loop;
    int64_t due;

    loop_assert_here(loop);
    timer_stop(timer);
    if (__builtin_add_overflow(time_monotonic(), delay_us > 0 ? delay_us : 0, &due))
        due = INT64_MAX;
    /* Started by a timer's callback, it waits for the next turn: no turn lasts for ever. */
    timer->due = due > loop->horizon ? due : loop->horizon + 1;
    if (loop->timer_count == loop->timer_cap) {
        loop->timer_cap = loop->timer_cap ? loop->timer_cap * 2 : TIMERS_MIN;
        loop->timers = mem_resize(loop->timers, loop->timer_cap * sizeof(struct timer *));
    }
    sift_up(loop, loop->timer_count++, timer);
}

int64_t timers_wait(const struct loop *loop)
{
    if (!loop->timer_count)
        return -1;
    int64_t wait = loop->timers[0]->due - time_monotonic();
    return wait > 0 ? wait : 0;
}

void timers_call(struct loop *loop)
{
    if (!loop->timer_count)
        return;
    loop->horizon = time_monotonic();
    while (loop->timer_count && loop->timers[0]->due <= loop->horizon) {
        struct timer *timer = loop->timers[0];
        timer_stop(timer);
        timer->on_due(timer->owner);
    }
}

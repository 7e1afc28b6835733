/* timer: call me later, on the loop's thread. Embedded in its owner; nothing is allocated per
 * start. Order: timers due in the same turn run in the order of their times. Thread: the loop's. */
#pragma once

#include "loop/loop.h"

#include <stddef.h>
#include <stdint.h>

struct timer {
    struct loop *loop;
    loop_call *on_due;
    void *owner;
    int64_t due;  /* monotonic µs */
    size_t place; /* in the loop's heap; TIMER_IDLE when not started */
};

#define TIMER_IDLE ((size_t)-1)

void timer_init(struct timer *timer, struct loop *loop, loop_call *on_due, void *owner);
void timer_start(struct timer *timer, int64_t delay_us); /* again: moves it */
void timer_stop(struct timer *timer);                    /* idle: does nothing */
bool timer_is_running(const struct timer *timer);

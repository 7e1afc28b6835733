/* wheel: thousands of coarse deadlines without a timer each.
 *
 * A ring of slots, one tick apart; whoever waits lies in the slot of its time. A deadline farther
 * away than the ring is long comes up early, and so may any other: the owner looks at its own clock
 * and adds itself again. Thread: one, its owner's. */
#pragma once

#include "base/list.h"

#include <stdint.h>

#define WHEEL_SLOTS 512

struct wheel {
    int64_t tick_us;
    int64_t done; /* ticks up to this one were handled */
    struct list slots[WHEEL_SLOTS];
};

void wheel_init(struct wheel *wheel, int64_t tick_us, int64_t now);

/* The node (initialised, in no list) comes up at the first advance at or after `due`. */
void wheel_add(struct wheel *wheel, struct list *node, int64_t due);

/* Moves all that came up to the end of `due` (a list head). */
void wheel_advance(struct wheel *wheel, int64_t now, struct list *due);

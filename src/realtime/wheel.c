#include "realtime/wheel.h"

void wheel_init(struct wheel *wheel, int64_t tick_us, int64_t now)
{
    wheel->tick_us = tick_us;
    wheel->done = now / tick_us;
    for (int i = 0; i < WHEEL_SLOTS; i++)
        list_init(&wheel->slots[i]);
}

void wheel_add(struct wheel *wheel, struct list *node, int64_t due)
{
    int64_t tick = (due + wheel->tick_us - 1) / wheel->tick_us;

    if (tick <= wheel->done)
        tick = wheel->done + 1;
    if (tick > wheel->done + WHEEL_SLOTS)
        tick = wheel->done + WHEEL_SLOTS;
    list_append(&wheel->slots[tick % WHEEL_SLOTS], node);
}

void wheel_advance(struct wheel *wheel, int64_t now, struct list *due)
{
    int64_t until = now / wheel->tick_us;

    /* After a long sleep every slot is visited once, not once per missed round. */
    if (until > wheel->done + WHEEL_SLOTS)
        wheel->done = until - WHEEL_SLOTS;
    while (wheel->done < until) {
        wheel->done++;
        list_splice(due, &wheel->slots[wheel->done % WHEEL_SLOTS]);
    }
}

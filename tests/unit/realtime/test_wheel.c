#include "unit.h"

#include "base/own.h"
#include "realtime/wheel.h"

#include <stdbool.h>

static struct wheel wheel;
static struct list due;

struct waiter {
    struct list node;
    int64_t due;
};

static bool comes_up(struct waiter *waiter, int64_t now)
{
    list_init(&due);
    wheel_advance(&wheel, now, &due);
    return list_take_first(&due) == &waiter->node;
}

static void wait_until(struct waiter *waiter, int64_t when)
{
    list_init(&waiter->node);
    waiter->due = when;
    wheel_add(&wheel, &waiter->node, when);
}

static void a_deadline_comes_up_at_the_next_tick(void **state)
{
    struct waiter waiter;

    wheel_init(&wheel, 100, 1000);
    wait_until(&waiter, 1250);
    assert_false(comes_up(&waiter, 1200));
    assert_false(comes_up(&waiter, 1299));
    assert_true(comes_up(&waiter, 1300));
    assert_false(comes_up(&waiter, 100000));
}

static void the_past_comes_up_soon(void **state)
{
    struct waiter waiter;

    wheel_init(&wheel, 100, 1000);
    wait_until(&waiter, 5);
    assert_false(comes_up(&waiter, 1050));
    assert_true(comes_up(&waiter, 1100));
}

static void far_deadlines_come_up_early_and_are_added_again(void **state)
{
    struct waiter waiter;
    int64_t now = 1000, target = 1000 + 3 * WHEEL_SLOTS * 100;
    int early = 0;

    wheel_init(&wheel, 100, now);
    wait_until(&waiter, target);
    while (!comes_up(&waiter, now += 100) || now < target) {
        if (waiter.node.next != &waiter.node)
            continue;
        early++;
        wheel_add(&wheel, &waiter.node, target);
    }
    assert_int_equal(now, target);
    assert_in_range(early, 1, 3);
}

static void a_long_sleep_brings_up_everything_once(void **state)
{
    struct waiter waiters[50];
    int count = 0;

    wheel_init(&wheel, 100, 0);
    for (int i = 0; i < 50; i++)
        wait_until(&waiters[i], i * 777);
    list_init(&due);
    wheel_advance(&wheel, INT64_C(1000000000000), &due);
    while (list_take_first(&due))
        count++;
    assert_int_equal(count, 50);
}

static void who_leaves_does_not_come_up(void **state)
{
    struct waiter waiter;

    wheel_init(&wheel, 100, 0);
    wait_until(&waiter, 500);
    list_remove(&waiter.node);
    assert_false(comes_up(&waiter, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deadline_comes_up_at_the_next_tick),
        cmocka_unit_test(the_past_comes_up_soon),
        cmocka_unit_test(far_deadlines_come_up_early_and_are_added_again),
        cmocka_unit_test(a_long_sleep_brings_up_everything_once),
        cmocka_unit_test(who_leaves_does_not_come_up),
    };

    return RUN_TESTS(tests);
}

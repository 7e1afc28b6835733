#include "unit.h"

#include "base/own.h"
#include "loop/latch.h"

#include <pthread.h>

static void open_ones_do_not_hold(void **state)
{
    AUTO(latch_release) struct latch latch;

    latch_init(&latch);
    latch_open(&latch);
    latch_wait(&latch);
    latch_wait(&latch);
}

struct door {
    struct latch latch;
    int behind; /* plain: the latch orders it, which TSan sees */
};

static void *put_and_open(void *arg)
{
    struct door *door = arg;

    door->behind = 42;
    latch_open(&door->latch);
    return NULL;
}

/* The waiter releases the latch as soon as it may: the opener must be through with it. */
static void what_was_done_before_is_seen(void **state)
{
    for (int i = 0; i < 300; i++) {
        struct door door = {.behind = 0};
        pthread_t thread;
        latch_init(&door.latch);
        assert_int_equal(pthread_create(&thread, NULL, put_and_open, &door), 0);
        latch_wait(&door.latch);
        assert_int_equal(door.behind, 42);
        latch_release(&door.latch);
        pthread_join(thread, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_ones_do_not_hold),
        cmocka_unit_test(what_was_done_before_is_seen),
    };
    return RUN_TESTS(tests);
}

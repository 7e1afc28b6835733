#include "unit.h"

#include "base/own.h"
#include "base/time.h"
#include "loop/due.h"

#include <pthread.h>
#include <stdatomic.h>

#define LONG_US (600 * TIME_SECOND)
#define MANY 1000

static int64_t take(struct due *due)
{
    int64_t number = -1;

    return due_take(due, 0, LONG_US, &number) ? number : -1;
}

static void assert_counts(struct due *due, size_t waiting, size_t taken)
{
    size_t now_waiting, now_taken;

    due_counts(due, &now_waiting, &now_taken);
    assert_int_equal(now_waiting, waiting);
    assert_int_equal(now_taken, taken);
}

static void the_smallest_due_number_comes_first(void **state)
{
    AUTO(due_free) struct due *due = due_new();

    assert_int_equal(take(due), -1);
    due_set(due, 5, 0);
    due_set(due, 3, 0);
    due_set(due, 4, INT64_MAX);
    due_set(due, 9, time_monotonic());
    assert_counts(due, 4, 0);
    assert_int_equal(take(due), 3);
    assert_int_equal(take(due), 5);
    assert_int_equal(take(due), 9);
    assert_int_equal(take(due), -1);
    assert_counts(due, 1, 3);
}

static void one_taken_is_due_again_after_its_lease(void **state)
{
    AUTO(due_free) struct due *due = due_new();
    int64_t number = -1;

    due_set(due, 7, 0);
    assert_true(due_take(due, 0, 1000, &number));
    assert_counts(due, 0, 1);
    number = -1;
    assert_true(due_take(due, LONG_US, LONG_US, &number));
    assert_int_equal(number, 7);
    assert_counts(due, 0, 1);
    due_set(due, 7, 0);
    assert_counts(due, 1, 0);
    assert_true(due_remove(due, 7));
    assert_false(due_remove(due, 7));
    assert_counts(due, 0, 0);
}

static void a_wait_ends_when_the_first_becomes_due(void **state)
{
    AUTO(due_free) struct due *due = due_new();
    int64_t start = time_monotonic(), number = -1;

    due_set(due, 1, start + LONG_US);
    due_set(due, 2, start + 20 * TIME_MS);
    assert_true(due_take(due, LONG_US, LONG_US, &number));
    assert_int_equal(number, 2);
    assert_true(time_monotonic() - start >= 20 * TIME_MS);
}

static void nothing_is_taken_during_a_pause(void **state)
{
    AUTO(due_free) struct due *due = due_new();
    int64_t until = time_monotonic() + 20 * TIME_MS, number = -1;

    due_set(due, 1, 0);
    due_pause(due, until);
    assert_true(due_take(due, LONG_US, LONG_US, &number));
    assert_true(time_monotonic() >= until);
}

/* Against a plain array: numbers come and go at both ends and in the middle. */
static void stays_in_order_however_it_changes(void **state)
{
    AUTO(due_free) struct due *due = due_new();
    static bool present[MANY];
    unsigned random = 12345;
    size_t count = 0;

    for (int i = 0; i < 20 * MANY; i++) {
        int64_t number;

        random = random * 1664525u + 1013904223u;
        number = (random >> 8) % MANY;
        if (random >> 31) {
            count += !present[number];
            present[number] = true;
            due_set(due, number, 0);
        } else {
            assert_int_equal(due_remove(due, number), present[number]);
            count -= present[number];
            present[number] = false;
        }
    }
    assert_counts(due, count, 0);
    for (int64_t number = 0; number < MANY; number++)
        if (present[number])
            assert_int_equal(take(due), number);
    assert_int_equal(take(due), -1);
}

struct crowd {
    struct due *due;
    atomic_int times_taken[MANY];
    atomic_int left;
};

static void *take_all(void *arg)
{
    struct crowd *crowd = arg;
    int64_t number;

    while (due_take(crowd->due, INT64_MAX, LONG_US, &number)) {
        atomic_fetch_add(&crowd->times_taken[number], 1);
        due_remove(crowd->due, number);
        if (atomic_fetch_sub(&crowd->left, 1) == 1)
            due_stop(crowd->due);
    }
    return NULL;
}

static void each_goes_to_one_of_many_who_wait(void **state)
{
    static struct crowd crowd;
    pthread_t threads[4];

    crowd.due = due_new();
    atomic_store(&crowd.left, MANY);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_all, &crowd), 0);
    for (int64_t number = 0; number < MANY; number++)
        due_set(crowd.due, number, time_monotonic() + number);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(atomic_load(&crowd.times_taken[i]), 1);
    assert_counts(crowd.due, 0, 0);
    due_free(&crowd.due);
    assert_null(crowd.due);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_due_number_comes_first),
        cmocka_unit_test(one_taken_is_due_again_after_its_lease),
        cmocka_unit_test(a_wait_ends_when_the_first_becomes_due),
        cmocka_unit_test(nothing_is_taken_during_a_pause),
        cmocka_unit_test(stays_in_order_however_it_changes),
        cmocka_unit_test(each_goes_to_one_of_many_who_wait),
    };

    return RUN_TESTS(tests);
}

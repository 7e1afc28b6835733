#include "unit.h"

#include "base/own.h"
#include "resilience/rate.h"

#include <stdio.h>

#define WINDOW 1000
#define A SPAN_LITERAL("192.0.2.1")
#define B SPAN_LITERAL("192.0.2.2")

static void limit_and_burst_pass(void **state)
{
    AUTO(rate_free) struct rate *rate = rate_new(3, 2, WINDOW, 10);

    for (int i = 0; i < 5; i++)
        assert_true(rate_allow(rate, A, i));
    assert_false(rate_allow(rate, A, 5));
    assert_true(rate_allow(rate, B, 5));
}

static void the_window_slides(void **state)
{
    AUTO(rate_free) struct rate *rate = rate_new(2, 0, WINDOW, 10);

    assert_true(rate_allow(rate, A, 0));
    assert_true(rate_allow(rate, A, 600));
    assert_true(rate_allow(rate, A, 1000)); /* the first has just left */
    assert_false(rate_allow(rate, A, 1001));
}

static void hammering_prolongs_the_block(void **state)
{
    AUTO(rate_free) struct rate *rate = rate_new(2, 0, WINDOW, 10);
    int64_t now = 0;

    rate_allow(rate, A, now);
    rate_allow(rate, A, now);
    for (int i = 0; i < 50; i++)
        assert_false(rate_allow(rate, A, now += WINDOW / 4));
    assert_true(rate_allow(rate, A, now += WINDOW));
}

/* Against the definition: count all events of the last window, this one apart. */
static void agrees_with_counting(void **state)
{
    AUTO(rate_free) struct rate *rate = rate_new(20, 3, WINDOW, 10);
    static int64_t times[5000];
    unsigned random = 3;
    int64_t now = 0;

    for (int i = 0; i < 5000; i++) {
        int before = 0;
        random = random * 1664525 + 1013904223;
        now += (random >> 16) % ((i / 500) % 2 ? 120 : 40);
        times[i] = now;
        for (int j = 0; j < i; j++)
            before += times[j] > now - WINDOW;
        assert_int_equal(rate_allow(rate, A, now), before < 23);
    }
}

static void the_key_seen_longest_ago_is_forgotten(void **state)
{
    AUTO(rate_free) struct rate *rate = rate_new(1, 0, WINDOW, 2);

    assert_true(rate_allow(rate, A, 0));
    assert_true(rate_allow(rate, B, 1));
    assert_false(rate_allow(rate, A, 2));
    assert_true(rate_allow(rate, SPAN_LITERAL("192.0.2.3"), 3)); /* B goes */
    assert_false(rate_allow(rate, A, 4));
    assert_true(rate_allow(rate, B, 5));
}

static void endless_keys_are_no_harm(void **state)
{
    AUTO(rate_free) struct rate *rate = rate_new(60, 10, WINDOW, 100);
    char key[32];

    for (int i = 0; i < 20000; i++) {
        int len = snprintf(key, sizeof(key), "2001:db8::%x", i);
        assert_true(rate_allow(rate, (struct span){key, (size_t)len}, i));
    }
    assert_true(rate_allow(rate, (struct span){NULL, 0}, 0));
}

static void zero_allows_nothing(void **state)
{
    AUTO(rate_free) struct rate *rate = rate_new(0, 0, WINDOW, 1);

    assert_false(rate_allow(rate, A, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limit_and_burst_pass),
        cmocka_unit_test(the_window_slides),
        cmocka_unit_test(hammering_prolongs_the_block),
        cmocka_unit_test(agrees_with_counting),
        cmocka_unit_test(the_key_seen_longest_ago_is_forgotten),
        cmocka_unit_test(endless_keys_are_no_harm),
        cmocka_unit_test(zero_allows_nothing),
    };
    return RUN_TESTS(tests);
}

#include "unit.h"

#include "base/own.h"
#include "resilience/breaker.h"

#define RECOVERY 1000

static struct breaker make(void)
{
    struct breaker breaker;

    breaker_init(&breaker, (struct breaker_settings){5, RECOVERY, 3, 2});
    return breaker;
}

static void fail_times(struct breaker *breaker, int times, int64_t now)
{
    for (int i = 0; i < times; i++) {
        assert_true(breaker_allow(breaker, now));
        breaker_failure(breaker, now);
    }
}

static void opens_at_the_threshold(void **state)
{
    struct breaker breaker = make();

    fail_times(&breaker, 4, 10);
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    assert_int_equal(breaker_wait(&breaker, 10), 0);
    fail_times(&breaker, 1, 20);
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_false(breaker_allow(&breaker, 20));
    assert_false(breaker_allow(&breaker, 20 + RECOVERY - 1));
    assert_int_equal(breaker_wait(&breaker, 20), RECOVERY);
    assert_int_equal(breaker_wait(&breaker, 20 + RECOVERY), 0);
    assert_int_equal(breaker.calls, 5);
    assert_int_equal(breaker.rejected, 2);
}

static void only_failures_in_a_row_count(void **state)
{
    struct breaker breaker = make();

    for (int i = 0; i < 10; i++) {
        fail_times(&breaker, 4, i);
        assert_true(breaker_allow(&breaker, i));
        breaker_success(&breaker);
    }
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void half_open_lets_a_few_pass(void **state)
{
    struct breaker breaker = make();

    fail_times(&breaker, 5, 0);
    for (int i = 0; i < 3; i++)
        assert_true(breaker_allow(&breaker, RECOVERY));
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
    assert_false(breaker_allow(&breaker, RECOVERY));
    breaker_success(&breaker);
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
    assert_true(breaker_allow(&breaker, RECOVERY));
    breaker_success(&breaker);
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    /* The two still under way fail: two failures in a row, not five. */
    breaker_failure(&breaker, RECOVERY);
    breaker_failure(&breaker, RECOVERY);
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    assert_int_equal(breaker.in_flight, 0);
}

static void half_open_closes_again_on_one_failure(void **state)
{
    struct breaker breaker = make();

    fail_times(&breaker, 5, 0);
    assert_true(breaker_allow(&breaker, RECOVERY));
    assert_true(breaker_allow(&breaker, RECOVERY));
    breaker_failure(&breaker, RECOVERY + 5);
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_int_equal(breaker_wait(&breaker, RECOVERY + 5), RECOVERY);
    breaker_success(&breaker); /* late: does not close it */
    assert_int_equal(breaker.state, BREAKER_OPEN);
}

/* The whole of each half-open time starts from nothing. */
static void successes_do_not_add_up_over_openings(void **state)
{
    struct breaker breaker = make();
    int64_t now = 0;

    fail_times(&breaker, 5, now);
    for (int i = 0; i < 4; i++) {
        now += RECOVERY;
        assert_true(breaker_allow(&breaker, now));
        breaker_success(&breaker);
        assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
        assert_true(breaker_allow(&breaker, now));
        breaker_failure(&breaker, now);
        assert_int_equal(breaker.state, BREAKER_OPEN);
    }
}

static void late_failures_do_not_prolong(void **state)
{
    struct breaker breaker = make();

    assert_true(breaker_allow(&breaker, 0));
    fail_times(&breaker, 5, 0);
    breaker_failure(&breaker, 500);
    assert_int_equal(breaker_wait(&breaker, 500), 500);
}

static void states_have_names(void **state)
{
    assert_string_equal(breaker_state_name(BREAKER_CLOSED), "closed");
    assert_string_equal(breaker_state_name(BREAKER_OPEN), "open");
    assert_string_equal(breaker_state_name(BREAKER_HALF_OPEN), "half_open");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_at_the_threshold),
        cmocka_unit_test(only_failures_in_a_row_count),
        cmocka_unit_test(half_open_lets_a_few_pass),
        cmocka_unit_test(half_open_closes_again_on_one_failure),
        cmocka_unit_test(successes_do_not_add_up_over_openings),
        cmocka_unit_test(late_failures_do_not_prolong),
        cmocka_unit_test(states_have_names),
    };
    return RUN_TESTS(tests);
}

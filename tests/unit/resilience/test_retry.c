#include "unit.h"

#include "base/time.h"
#include "resilience/retry.h"

#include <limits.h>

static void three_tries(void **state)
{
    assert_true(retry_allowed(&retry_default, 1));
    assert_true(retry_allowed(&retry_default, 2));
    assert_false(retry_allowed(&retry_default, 3));
    assert_false(retry_allowed(&retry_default, UINT_MAX));
}

static void doubles_up_to_the_cap(void **state)
{
    static const int64_t seconds[] = {1, 2, 4, 8, 16, 30, 30};

    for (unsigned i = 0; i < COUNT_OF(seconds); i++)
        assert_int_equal(retry_delay(&retry_default, i + 1, 0), seconds[i] * TIME_SECOND);
    assert_int_equal(retry_delay(&retry_default, 0, 0), TIME_SECOND);
    assert_int_equal(retry_delay(&retry_default, UINT_MAX, 0), 30 * TIME_SECOND);
}

static void jitter_is_a_share(void **state)
{
    struct retry_policy policy = {5, 1000, 100000, 0.1, 0.3};

    assert_int_equal(retry_delay(&policy, 1, 0), 1100);
    assert_int_equal(retry_delay(&policy, 1, 1), 1300);
    assert_int_equal(retry_delay(&policy, 2, 0.5), 2400);
}

static void extremes_do_not_overflow(void **state)
{
    struct retry_policy policy = {5, INT64_MAX / 4, INT64_MAX / 2, 0, 0.25};

    assert_true(retry_delay(&policy, 100, 1) > 0);
    policy = (struct retry_policy){5, 0, 100, 0, 0};
    assert_int_equal(retry_delay(&policy, UINT_MAX, 1), 0);
    policy = (struct retry_policy){5, 500, 100, 0, 0};
    assert_int_equal(retry_delay(&policy, 1, 1), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_tries),
        cmocka_unit_test(doubles_up_to_the_cap),
        cmocka_unit_test(jitter_is_a_share),
        cmocka_unit_test(extremes_do_not_overflow),
    };
    return RUN_TESTS(tests);
}

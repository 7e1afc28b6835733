#include "unit.h"

#include "main/limits.h"

#include <sys/resource.h>

static void set_limit(rlim_t soft)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = soft;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static rlim_t soft_limit(void)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    return limit.rlim_cur;
}

static void the_soft_limit_is_raised(void **state)
{
    set_limit(64);
    assert_int_equal(limits_connections(100), 100);
    assert_int_equal(soft_limit(), 456);
    assert_int_equal(limits_connections(10), 10);
    assert_int_equal(soft_limit(), 456); /* never lowered */
}

static void the_hard_limit_leaves_the_program_its_files(void **state)
{
    struct rlimit hard = {1024, 1024};

    if (setrlimit(RLIMIT_NOFILE, &hard) < 0)
        skip();
    assert_int_equal(limits_connections(10000), 384);
    assert_int_equal(soft_limit(), 1024);
    hard = (struct rlimit){100, 100};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &hard), 0);
    assert_int_equal(limits_connections(10), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_soft_limit_is_raised),
        cmocka_unit_test(the_hard_limit_leaves_the_program_its_files),
    };
    return RUN_TESTS(tests);
}

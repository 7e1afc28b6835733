#include "api/number_private.h"

#include "unit.h"

#include <errno.h>

static void test_whole_numbers(void **state)
{
    static const struct {
        const char *text;
        int64_t number;
    } good[] = {{"0", 0},
                {"7", 7},
                {"-3", -3},
                {"0012", 12},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    static const char *const bad[] = {"",
                                      "12abc",
                                      " 1",
                                      "1 ",
                                      "+1",
                                      "1.0",
                                      "0x10",
                                      "--1",
                                      "1-",
                                      "-",
                                      "1e3",
                                      "\t1",
                                      "½",
                                      "9223372036854775808",
                                      "111111111111111111111111111111111111111111111"};
    int64_t number;

    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(number_parse_int(span_of(good[i].text), &number), 0);
        assert_int_equal(number, good[i].number);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(number_parse_int(span_of(bad[i]), &number), -EINVAL);
    assert_int_equal(number_parse_int((struct span){"1\0", 2}, &number), -EINVAL);
}

static void test_fractions(void **state)
{
    static const char *const good[] = {"0.5", "1", "-0.25", "5e-1", ".5", "+1"};
    static const char *const bad[] = {"",    "nan", "inf", "0x1p3", "1e999", "0,5",
                                      "1..", "e",   "1e",  " 0.5",  "-"};
    double number;

    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_int_equal(number_parse_double(span_of(good[i]), &number), 0);
    assert_int_equal(number_parse_double(SPAN_LITERAL("0.875"), &number), 0);
    assert_true(number == 0.875);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(number_parse_double(span_of(bad[i]), &number), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_numbers),
        cmocka_unit_test(test_fractions),
    };
    return RUN_TESTS(tests);
}

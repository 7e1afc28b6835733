#include "unit.h"

#include "base/time.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void formats(void **state)
{
    char text[TIME_TEXT_SIZE];

    assert_string_equal(time_format(0, text), "1970-01-01T00:00:00Z");
    assert_string_equal(time_format(1, text), "1970-01-01T00:00:00.000001Z");
    assert_string_equal(time_format(-1, text), "1969-12-31T23:59:59.999999Z");
    assert_string_equal(time_format(1763720130123456, text), "2025-11-21T10:15:30.123456Z");
    /* The ends of the range fit too. */
    time_format(INT64_MAX, text);
    assert_string_equal(text, "294247-01-10T04:00:54.775807Z");
    time_format(INT64_MIN, text);
    assert_true(strlen(text) < TIME_TEXT_SIZE);
}

static void parses(void **state)
{
    static const struct {
        const char *text, *means;
        int date_only;
    } cases[] = {
        {"2026-11-21", "2026-11-21T00:00:00Z", 1},
        {"2026-11-21T10:15:30Z", "2026-11-21T10:15:30Z", 0},
        {"2026-11-21t10:15:30z", "2026-11-21T10:15:30Z", 0},
        {"2026-11-21 10:15:30", "2026-11-21T10:15:30Z", 0},
        {"2026-11-21T10:15", "2026-11-21T10:15:00Z", 0},
        {"2026-11-21T10:15:30.5Z", "2026-11-21T10:15:30.500000Z", 0},
        {"2026-11-21T10:15:30.123456789Z", "2026-11-21T10:15:30.123456Z", 0},
        {"2026-11-21T00:15:30+01:00", "2026-11-20T23:15:30Z", 0},
        {"2026-11-21T23:15:30-05:30", "2026-11-22T04:45:30Z", 0},
        {"2024-02-29", "2024-02-29T00:00:00Z", 1},
        {"2000-02-29", "2000-02-29T00:00:00Z", 1},
        {"0001-01-01", "0001-01-01T00:00:00Z", 1},
        {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[TIME_TEXT_SIZE];
        int64_t instant;
        int date_only;
        assert_int_equal(time_parse(span_of(cases[i].text), &instant, &date_only), 0);
        assert_string_equal(time_format(instant, text), cases[i].means);
        assert_int_equal(date_only, cases[i].date_only);
    }
}

static void refuses(void **state)
{
    static const char *const wrong[] = {"",
                                        "2026",
                                        "2026-13-01",
                                        "2026-00-01",
                                        "2026-02-29",
                                        "1900-02-29",
                                        "2026-04-31",
                                        "2026-01-00",
                                        "0000-01-01",
                                        "26-01-01",
                                        "2026-1-1",
                                        "2026-01-01T",
                                        "2026-01-01T24:00:00",
                                        "2026-01-01T10:60:00",
                                        "2026-01-01T10:00:60",
                                        "2026-01-01T10",
                                        "2026-01-01T10:00:00.",
                                        "2026-01-01T10:00:00.Z",
                                        "2026-01-01T10:00:00+1:00",
                                        "2026-01-01T10:00:00+24:00",
                                        "2026-01-01T10:00:00+01:60",
                                        "2026-01-01T10:00:00Zx",
                                        "2026-01-01x10:00:00",
                                        "+026-01-01",
                                        "2026-01-01T10:00:-1",
                                        " 2026-01-01",
                                        "2026-01-01 ",
                                        "yesterday"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        int64_t instant = 42;
        assert_int_equal(time_parse(span_of(wrong[i]), &instant, NULL), -EINVAL);
        assert_int_equal(instant, 42);
    }
}

/* Against the C library, over four centuries in steps that meet every day of a week and month. */
static void agrees_with_the_c_library(void **state)
{
    for (int64_t seconds = -6000000000; seconds < 6000000000; seconds += 12345678) {
        char ours[TIME_TEXT_SIZE], theirs[TIME_TEXT_SIZE];
        time_t at = (time_t)seconds;
        struct tm parts;
        int64_t back;
        gmtime_r(&at, &parts);
        strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%SZ", &parts);
        assert_string_equal(time_format(seconds * TIME_SECOND, ours), theirs);
        assert_int_equal(time_parse(span_of(ours), &back, NULL), 0);
        assert_true(back == seconds * TIME_SECOND);
    }
}

static void local_hour_and_weekday(void **state)
{
    int hour, weekday;

    setenv("TZ", "EST5", 1);
    tzset();
    time_local(1763720130LL * TIME_SECOND, &hour, &weekday); /* Friday 10:15 UTC */
    assert_int_equal(hour, 5);
    assert_int_equal(weekday, 4);
    time_local(-1, &hour, &weekday); /* Wednesday 1969-12-31, 18:59 */
    assert_int_equal(hour, 18);
    assert_int_equal(weekday, 2);
}

static void clocks_go_forward(void **state)
{
    int64_t before = time_monotonic();

    assert_true(time_monotonic() >= before);
    assert_true(time_now() > 1700000000LL * TIME_SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(parses),
        cmocka_unit_test(refuses),
        cmocka_unit_test(agrees_with_the_c_library),
        cmocka_unit_test(local_hour_and_weekday),
        cmocka_unit_test(clocks_go_forward),
    };
    return RUN_TESTS(tests);
}

#include "unit.h"

#include "base/own.h"
#include "realtime/subscriptions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct subscriptions *table;

static int start(void **state)
{
    table = subscriptions_new();
    return 0;
}

static int finish(void **state)
{
    assert_int_equal(subscriptions_count(table), 0);
    subscriptions_free(&table);
    return 0;
}

/* base and one more pattern; gives base back. */
static void add_filtered(struct subscription **set, const char *pattern,
                         const struct subscription_filter *filter)
{
    struct span span = span_of(pattern);
    struct subscription *grown;

    assert_int_equal(subscriptions_add(table, *set, &span, 1, filter, &grown), 0);
    subscriptions_unref(table, set);
    *set = grown;
}

static void add(struct subscription **set, const char *pattern)
{
    struct subscription_filter none = SUBSCRIPTION_FILTER_NONE;

    add_filtered(set, pattern, &none);
}

static void take_away(struct subscription **set, const char *pattern)
{
    struct span span = span_of(pattern);
    struct subscription *rest = subscriptions_remove(table, *set, &span, 1);

    subscriptions_unref(table, set);
    *set = rest;
}

static enum interest interest_in(struct subscription *set, unsigned number, const char *type)
{
    struct kind kind = {number, span_of(type), {NULL, 0}};

    return subscription_interest(set, &kind);
}

static void nobody_who_never_asked_is_left_out(void **state)
{
    assert_int_equal(interest_in(NULL, 1, "anything"), INTEREST_ALL);
}

static void patterns_add_up(void **state)
{
    struct subscription *set = NULL;

    add(&set, "alert.*");
    assert_int_equal(interest_in(set, 1, "alert_created"), INTEREST_ALL);
    assert_int_equal(interest_in(set, 2, "event"), INTEREST_NONE);
    add(&set, "event");
    assert_int_equal(interest_in(set, 2, "event"), INTEREST_ALL);
    assert_int_equal(interest_in(set, 1, "alert_created"), INTEREST_ALL);
    assert_int_equal(subscription_patterns(set), 2);
    add(&set, "event");
    assert_int_equal(subscription_patterns(set), 2);
    subscriptions_unref(table, &set);
}

static void without_the_last_pattern_nothing_is_heard(void **state)
{
    struct subscription *set = NULL;

    add(&set, "event");
    take_away(&set, "never.asked");
    assert_int_equal(interest_in(set, 1, "event"), INTEREST_ALL);
    take_away(&set, "event");
    assert_non_null(set);
    assert_int_equal(subscription_patterns(set), 0);
    assert_int_equal(interest_in(set, 1, "event"), INTEREST_NONE);
    add(&set, "*");
    assert_int_equal(interest_in(set, 1, "event"), INTEREST_ALL);
    subscriptions_unref(table, &set);
}

static void who_hears_everything_has_no_pattern_to_give_up(void **state)
{
    struct span pattern = SPAN_LITERAL("event");

    assert_null(subscriptions_remove(table, NULL, &pattern, 1));
}

static void the_same_wish_is_one_cohort(void **state)
{
    struct subscription *a = NULL, *b = NULL, *c = NULL;

    add(&a, "event");
    add(&a, "alert.*");
    add(&b, "alert.*");
    add(&b, "event");
    add(&c, "event");
    assert_ptr_equal(a, b);
    assert_ptr_not_equal(a, c);
    assert_int_equal(subscriptions_count(table), 2);
    subscriptions_unref(table, &a);
    assert_int_equal(subscription_patterns(b), 2);
    subscriptions_unref(table, &b);
    subscriptions_unref(table, &c);
}

/* What is remembered must be what a close look says, for every kind. */
static void the_bits_remember_each_kind(void **state)
{
    struct subscription *set = NULL;
    char type[32];

    add(&set, "*7");
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < KINDS_MAX; i++) {
            snprintf(type, sizeof(type), "kind.%u", i);
            assert_int_equal(interest_in(set, i, type), i % 10 == 7 ? INTEREST_ALL : INTEREST_NONE);
        }
    }
    /* Unlisted kinds share a number and are looked at each time. */
    assert_int_equal(interest_in(set, KIND_UNLISTED, "a7"), INTEREST_ALL);
    assert_int_equal(interest_in(set, KIND_UNLISTED, "a8"), INTEREST_NONE);
    subscriptions_unref(table, &set);
}

static void the_limit_is_64_patterns(void **state)
{
    struct subscription_filter none = SUBSCRIPTION_FILTER_NONE;
    struct subscription *set = NULL, *grown = NULL;
    struct span one_more = SPAN_LITERAL("one.more"), known = SPAN_LITERAL("p1");
    char pattern[16];

    for (int i = 0; i < SUBSCRIPTION_PATTERNS_MAX; i++) {
        snprintf(pattern, sizeof(pattern), "p%d", i);
        add(&set, pattern);
    }
    assert_int_equal(subscriptions_add(table, set, &one_more, 1, &none, &grown), -ENOSPC);
    assert_null(grown);
    assert_int_equal(subscriptions_add(table, set, &known, 1, &none, &grown), 0);
    assert_ptr_equal(grown, set);
    subscriptions_unref(table, &grown);
    subscriptions_unref(table, &set);
}

static bool passes(const struct subscription *set, const char *type, const char *camera,
                   double risk)
{
    struct kind kind = {1, span_of(type), {NULL, 0}};
    struct facts facts = {span_of(camera), risk};

    return subscription_passes(set, &kind, &facts);
}

static void filters_look_into_the_data(void **state)
{
    struct subscription_filter filter = SUBSCRIPTION_FILTER_NONE;
    struct subscription *set = NULL;

    filter.camera_ids[filter.camera_count++] = SPAN_LITERAL("porch");
    filter.camera_ids[filter.camera_count++] = SPAN_LITERAL("drive");
    filter.risk_min = 60;
    add_filtered(&set, "event", &filter);
    add(&set, "camera_status");
    assert_int_equal(interest_in(set, 1, "event"), INTEREST_FILTERED);
    assert_int_equal(interest_in(set, 1, "event"), INTEREST_FILTERED);
    assert_int_equal(interest_in(set, 2, "camera_status"), INTEREST_ALL);
    assert_int_equal(interest_in(set, 3, "alert_created"), INTEREST_NONE);
    assert_true(passes(set, "event", "porch", 60));
    assert_true(passes(set, "event", "drive", 99));
    assert_false(passes(set, "event", "porch", 59));
    assert_false(passes(set, "event", "porc", 80));
    assert_false(passes(set, "event", NULL, 80));
    assert_false(passes(set, "event", "porch", -1));
    subscriptions_unref(table, &set);
}

static void a_pattern_takes_the_last_filter(void **state)
{
    struct subscription_filter filter = SUBSCRIPTION_FILTER_NONE;
    struct subscription *set = NULL;

    filter.risk_min = 0;
    add_filtered(&set, "event", &filter);
    assert_int_equal(interest_in(set, 1, "event"), INTEREST_FILTERED);
    assert_true(passes(set, "event", NULL, 0));
    assert_false(passes(set, "event", NULL, -1));
    add(&set, "event");
    assert_int_equal(interest_in(set, 1, "event"), INTEREST_ALL);
    subscriptions_unref(table, &set);
}

static void equal_filters_are_one_cohort_whatever_their_order(void **state)
{
    struct subscription_filter one = SUBSCRIPTION_FILTER_NONE, two = SUBSCRIPTION_FILTER_NONE;
    struct subscription *a = NULL, *b = NULL;

    one.camera_ids[one.camera_count++] = SPAN_LITERAL("a");
    one.camera_ids[one.camera_count++] = SPAN_LITERAL("bc");
    two.camera_ids[two.camera_count++] = SPAN_LITERAL("bc");
    two.camera_ids[two.camera_count++] = SPAN_LITERAL("a");
    add_filtered(&a, "event", &one);
    add_filtered(&b, "event", &two);
    assert_ptr_equal(a, b);
    subscriptions_unref(table, &b);
    two.camera_ids[0] = SPAN_LITERAL("b");
    two.camera_ids[1] = SPAN_LITERAL("ca");
    add_filtered(&b, "event", &two);
    assert_ptr_not_equal(a, b);
    subscriptions_unref(table, &a);
    subscriptions_unref(table, &b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_who_never_asked_is_left_out),
        TEST(patterns_add_up),
        TEST(without_the_last_pattern_nothing_is_heard),
        TEST(who_hears_everything_has_no_pattern_to_give_up),
        TEST(the_same_wish_is_one_cohort),
        TEST(the_bits_remember_each_kind),
        TEST(the_limit_is_64_patterns),
        TEST(filters_look_into_the_data),
        TEST(a_pattern_takes_the_last_filter),
        TEST(equal_filters_are_one_cohort_whatever_their_order),
    };

    return RUN_TESTS(tests);
}

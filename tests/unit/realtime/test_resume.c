#include "unit.h"

#include "base/own.h"
#include "realtime/resume.h"

#include <errno.h>
#include <string.h>

static const char *const epoch = "AAAAAAAAAAA";

static struct resume_plan plan_for(const char *token, uint64_t oldest, uint64_t head,
                                   uint64_t newest, size_t replay_max)
{
    struct resume_state state = {epoch, oldest, head, newest, replay_max};
    struct position asked;
    struct resume_plan plan;

    assert_int_equal(position_parse(span_of(token), &asked), 0);
    resume_plan(&asked, &state, &plan);
    return plan;
}

static void tokens_are_read(void **state)
{
    struct position position;

    assert_int_equal(position_parse(SPAN_LITERAL("abc-_123XYZ~42"), &position), 0);
    assert_string_equal(position.epoch, "abc-_123XYZ");
    assert_int_equal(position.sequence, 42);
    assert_int_equal(position_parse(SPAN_LITERAL("~7"), &position), 0);
    assert_string_equal(position.epoch, "");
    assert_int_equal(position_parse(SPAN_LITERAL("9007199254740991"), &position), 0);
    assert_true(position.sequence == SEQUENCE_MAX);
}

static void bad_tokens_are_refused_and_change_nothing(void **state)
{
    static const char *const bad[] = {
        "",       "~",       "abc", "abc~",           "abc~-1",           "abc~1x",
        "a b~1",  "abc~1~2", "-1",  "abcdefghijkl~1", "9007199254740992", "99999999999999999999999",
        "a\"c~1", "abc~ 1",
    };
    struct position position = {"kept", 5};

    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(position_parse(span_of(bad[i]), &position), -EINVAL);
    assert_string_equal(position.epoch, "kept");
    assert_int_equal(position.sequence, 5);
}

static void what_is_missing_is_replayed(void **state)
{
    struct resume_plan plan = plan_for("AAAAAAAAAAA~42", 1, 50, 50, 1000);

    assert_true(plan.recovered);
    assert_int_equal(plan.next, 43);
    assert_int_equal(plan.replayed, 8);
    assert_int_equal(plan.lost_from, 0);
    plan = plan_for("~50", 1, 50, 50, 1000);
    assert_true(plan.recovered);
    assert_int_equal(plan.next, 51);
    assert_int_equal(plan.replayed, 0);
}

static void the_first_message_counts(void **state)
{
    struct resume_plan plan = plan_for("0", 1, 3, 3, 1000);

    assert_true(plan.recovered);
    assert_int_equal(plan.next, 1);
    assert_int_equal(plan.replayed, 3);
    plan = plan_for("0", 1, 0, 0, 1000);
    assert_true(plan.recovered);
    assert_int_equal(plan.next, 1);
    assert_int_equal(plan.replayed, 0);
}

static void what_the_journal_forgot_is_declared(void **state)
{
    struct resume_plan plan = plan_for("~42", 50, 60, 60, 1000);

    assert_false(plan.recovered);
    assert_int_equal(plan.lost_from, 43);
    assert_int_equal(plan.next, 50);
    assert_int_equal(plan.replayed, 11);
    /* One before the oldest is still whole. */
    assert_true(plan_for("~49", 50, 60, 60, 1000).recovered);
}

static void what_is_beyond_the_replay_limit_is_declared(void **state)
{
    struct resume_plan plan = plan_for("~10", 1, 1000, 1000, 100);

    assert_false(plan.recovered);
    assert_int_equal(plan.lost_from, 11);
    assert_int_equal(plan.next, 901);
    assert_int_equal(plan.replayed, 100);
    assert_true(plan_for("~900", 1, 1000, 1000, 100).recovered);
    assert_false(plan_for("~899", 1, 1000, 1000, 100).recovered);
}

static void another_epoch_gets_all_there_is(void **state)
{
    struct resume_plan plan = plan_for("BBBBBBBBBBB~42", 1, 50, 50, 1000);

    assert_int_equal(plan.broken, GAP_EPOCH);
    assert_false(plan.recovered);
    assert_int_equal(plan.next, 1);
    assert_int_equal(plan.replayed, 50);
    assert_int_equal(plan.lost_from, 0);
    plan = plan_for("BBBBBBBBBBB~42", 20, 50, 50, 1000);
    assert_int_equal(plan.lost_from, 1);
    assert_int_equal(plan.next, 20);
}

static void the_future_is_declared_and_goes_on_from_the_head(void **state)
{
    struct resume_plan plan = plan_for("~51", 1, 50, 50, 1000);

    assert_int_equal(plan.broken, GAP_FUTURE);
    assert_false(plan.recovered);
    assert_int_equal(plan.next, 51);
    assert_int_equal(plan.replayed, 0);
    assert_int_equal(plan.lost_from, 0);
}

/* The client heard of 50 elsewhere before this loop did: that is no future. */
static void another_loop_may_be_ahead(void **state)
{
    struct resume_plan plan = plan_for("~50", 1, 48, 50, 1000);

    assert_true(plan.recovered);
    assert_int_equal(plan.next, 51);
    assert_int_equal(plan.replayed, 0);
}

/* Whatever the numbers: from the position on, everything is sent or declared, once. */
static void nothing_falls_between(void **state)
{
    for (uint64_t sequence = 0; sequence < 14; sequence++)
        for (uint64_t oldest = 1; oldest < 12; oldest++)
            for (uint64_t head = oldest - 1; head < 12; head++)
                for (size_t limit = 1; limit < 13; limit++) {
                    struct resume_state now = {epoch, oldest, head, head, limit};
                    struct position asked = {"", sequence};
                    struct resume_plan plan;

                    resume_plan(&asked, &now, &plan);
                    assert_true(plan.next >= oldest && plan.next <= head + 1);
                    assert_true(plan.replayed == head + 1 - plan.next);
                    assert_true(plan.replayed <= limit);
                    assert_true(resume_stands_at(&plan) <= (plan.broken ? head : sequence));
                    if (plan.broken == GAP_FUTURE)
                        assert_true(sequence > head && plan.next == head + 1);
                    else if (plan.lost_from)
                        assert_true(plan.lost_from == sequence + 1 && plan.next > plan.lost_from);
                    else
                        assert_true(plan.next == sequence + 1);
                }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_read),
        cmocka_unit_test(bad_tokens_are_refused_and_change_nothing),
        cmocka_unit_test(what_is_missing_is_replayed),
        cmocka_unit_test(the_first_message_counts),
        cmocka_unit_test(what_the_journal_forgot_is_declared),
        cmocka_unit_test(what_is_beyond_the_replay_limit_is_declared),
        cmocka_unit_test(another_epoch_gets_all_there_is),
        cmocka_unit_test(the_future_is_declared_and_goes_on_from_the_head),
        cmocka_unit_test(another_loop_may_be_ahead),
        cmocka_unit_test(nothing_falls_between),
    };

    return RUN_TESTS(tests);
}

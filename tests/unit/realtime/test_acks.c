#include "unit.h"

#include "base/own.h"
#include "realtime/acks.h"

static void the_highest_number_wins(void **state)
{
    AUTO(acks_free) struct acks *acks = acks_new();

    acks_record_up_to(acks, 7, 42);
    acks_record_up_to(acks, 7, 40);
    assert_int_equal(acks_up_to(acks, 7), 42);
    assert_int_equal(acks_up_to(acks, 8), 0);
    assert_true(acks_has(acks, 7, 1));
    assert_false(acks_has(acks, 7, 43));
    assert_false(acks_has(acks, 8, 1));
}

static void single_numbers_do_not_speak_for_others(void **state)
{
    AUTO(acks_free) struct acks *acks = acks_new();

    acks_record(acks, 7, 42);
    acks_record(acks, 7, 42);
    assert_true(acks_has(acks, 7, 42));
    assert_false(acks_has(acks, 7, 41));
    assert_int_equal(acks_up_to(acks, 7), 0);
}

static void the_oldest_single_numbers_are_forgotten(void **state)
{
    AUTO(acks_free) struct acks *acks = acks_new();

    for (uint64_t i = 1; i <= ACKS_SINGLE_MAX + 10; i++)
        acks_record(acks, 7, i);
    assert_false(acks_has(acks, 7, 10));
    assert_true(acks_has(acks, 7, 11));
    assert_true(acks_has(acks, 7, ACKS_SINGLE_MAX + 10));
}

static void sessions_are_forgotten(void **state)
{
    AUTO(acks_free) struct acks *acks = acks_new();

    acks_record(acks, 7, 42);
    acks_record_up_to(acks, 8, 42);
    assert_int_equal(acks_sessions(acks), 2);
    acks_forget(acks, 7);
    acks_forget(acks, 9);
    assert_int_equal(acks_sessions(acks), 1);
    assert_false(acks_has(acks, 7, 42));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_number_wins),
        cmocka_unit_test(single_numbers_do_not_speak_for_others),
        cmocka_unit_test(the_oldest_single_numbers_are_forgotten),
        cmocka_unit_test(sessions_are_forgotten),
    };

    return RUN_TESTS(tests);
}

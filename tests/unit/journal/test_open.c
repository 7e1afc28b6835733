#include "support/journal.h"

#define CRASHED "UPDATE journal_channels SET clean_end = 0"
#define OTHER_BOOT "UPDATE journal_channels SET boot_id = 'another'"
#define CRASHED_WITH_THE_MACHINE "UPDATE journal_channels SET clean_end = 0, boot_id = 'another'"

/* Three messages, an end, and what is found afterwards. */
static void restart(enum store_sync sync, const char *sql_between, bool is_continued)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct journal_position before, after;

    journal_bench_open(&bench, sync, 1000);
    for (int i = 0; i < 3; i++)
        journal_add(&bench, "x", json_object());
    journal_position(bench.journal, &before);
    journal_restart(&bench, sql_between);
    journal_position(bench.journal, &after);
    if (is_continued) {
        assert_string_equal(after.epoch, before.epoch);
        assert_int_equal(after.last, 3);
        assert_int_equal(after.oldest, 1);
        assert_int_equal(journal_add(&bench, "x", json_object()), 4);
    } else {
        assert_string_not_equal(after.epoch, before.epoch);
        assert_int_equal(after.last, 0);
        assert_int_equal(after.oldest, 1);
        assert_int_equal(database_int(&bench.database, "SELECT count(*) FROM journal_messages"), 0);
        assert_int_equal(journal_add(&bench, "x", json_object()), 1);
    }
}

static void goes_on_after_a_clean_end(void **state)
{
    restart(STORE_SYNC_FULL, NULL, true);
    restart(STORE_SYNC_NORMAL, NULL, true);
    restart(STORE_SYNC_OFF, NULL, true);
    restart(STORE_SYNC_NORMAL, OTHER_BOOT, true);
}

static void goes_on_after_a_crash_of_the_process(void **state)
{
    restart(STORE_SYNC_FULL, CRASHED, true);
    restart(STORE_SYNC_NORMAL, CRASHED, true);
    restart(STORE_SYNC_OFF, CRASHED, true);
}

static void goes_on_after_the_power_went_when_it_was_waited_for(void **state)
{
    restart(STORE_SYNC_FULL, CRASHED_WITH_THE_MACHINE, true);
}

static void begins_anew_after_the_power_went_when_it_was_not(void **state)
{
    restart(STORE_SYNC_NORMAL, CRASHED_WITH_THE_MACHINE, false);
    restart(STORE_SYNC_OFF, CRASHED_WITH_THE_MACHINE, false);
}

static void begins_anew_when_the_newest_are_missing(void **state)
{
    restart(STORE_SYNC_FULL, "DELETE FROM journal_messages WHERE sequence = 3", false);
}

/* It is the durability of the run before that counts, and the mark of a clean end is used up. */
static void judges_by_the_run_before(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct journal_position first, second;

    journal_bench_open(&bench, STORE_SYNC_NORMAL, 1000);
    journal_position(bench.journal, &first);
    bench.database.settings.sync = STORE_SYNC_FULL;
    journal_restart(&bench, CRASHED_WITH_THE_MACHINE);
    journal_position(bench.journal, &second);
    assert_string_not_equal(second.epoch, first.epoch);
    assert_int_equal(database_int(&bench.database, "SELECT clean_end FROM journal_channels"), 0);
    bench.database.settings.sync = STORE_SYNC_NORMAL;
    journal_restart(&bench, CRASHED_WITH_THE_MACHINE);
    journal_position(bench.journal, &first);
    assert_string_equal(first.epoch, second.epoch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_after_a_clean_end),
        cmocka_unit_test(goes_on_after_a_crash_of_the_process),
        cmocka_unit_test(goes_on_after_the_power_went_when_it_was_waited_for),
        cmocka_unit_test(begins_anew_after_the_power_went_when_it_was_not),
        cmocka_unit_test(begins_anew_when_the_newest_are_missing),
        cmocka_unit_test(judges_by_the_run_before),
    };

    return RUN_TESTS(tests);
}

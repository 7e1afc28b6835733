#include "unit.h"

#include "store/intake.h"
#include "support/database.h"

#include <errno.h>

static int64_t add(struct store_tx *tx, const char *path, const char *hash, int64_t seen_at,
                   enum intake_outcome outcome)
{
    AUTO(intake_release)
    struct intake intake = {
        .camera_id = mem_strdup("porch"),
        .file_path = mem_strdup(path),
        .file_hash = mem_strdup(hash),
        .size = 100,
        .modified_at = 7,
        .seen_at = seen_at,
        .outcome = outcome,
    };
    int64_t id = 0;

    if (outcome == INTAKE_REFUSED)
        intake.reason = mem_strdup("not_a_picture");
    assert_int_equal(intake_insert(tx, &intake, &id), 0);
    return id;
}

static int knows(struct store_tx *tx, void *arg)
{
    int64_t seen = -1;

    assert_int_equal(intake_last_seen(tx, &seen), 0);
    assert_int_equal(seen, 0);
    add(tx, "/a", "h1", 1000, INTAKE_QUEUED);
    add(tx, "/b", NULL, 2000, INTAKE_REFUSED);
    assert_int_equal(intake_last_seen(tx, &seen), 0);
    assert_int_equal(seen, 2000);
    assert_int_equal(intake_knows(tx, "/a", 100, 7), 1);
    assert_int_equal(intake_knows(tx, "/b", 100, 7), 1);
    assert_int_equal(intake_knows(tx, "/a", 101, 7), 0);
    assert_int_equal(intake_knows(tx, "/a", 100, 8), 0);
    assert_int_equal(intake_knows(tx, "/c", 100, 7), 0);
    return 0;
}

static int has_hash(struct store_tx *tx, void *arg)
{
    int64_t id = add(tx, "/a", "h1", 1000, INTAKE_QUEUED);

    assert_int_equal(intake_has_hash(tx, "h1", 1000), 1);
    assert_int_equal(intake_has_hash(tx, "h1", 1001), 0);
    assert_int_equal(intake_has_hash(tx, "h2", 0), 0);
    add(tx, "/b", "h2", 1000, INTAKE_DUPLICATE);
    assert_int_equal(intake_has_hash(tx, "h2", 0), 0);
    assert_int_equal(intake_finish(tx, id, INTAKE_NOTHING, NULL, NULL), 0);
    assert_int_equal(intake_has_hash(tx, "h1", 0), 1);
    assert_int_equal(intake_finish(tx, id, INTAKE_FAILED, "detector", "no answer"), 0);
    assert_int_equal(intake_has_hash(tx, "h1", 0), 0); /* released: the file may come again */
    assert_int_equal(intake_finish(tx, id + 100, INTAKE_FAILED, NULL, NULL), -ENOENT);
    return 0;
}

static int counts_and_lists(struct store_tx *tx, void *arg)
{
    AUTO(intake_list_release) struct intake_list list = {0};
    int64_t counts[INTAKE_OUTCOMES];
    int64_t total = 0;

    for (int i = 0; i < 30; i++) {
        AUTO(mem_free) char *path = mem_printf("/%d", i);

        add(tx, path, "h", 1000 + i / 4, (enum intake_outcome)(i % 5));
    }
    assert_int_equal(intake_finish(tx, 1, INTAKE_FAILED, "detector", "no answer"), 0);
    assert_int_equal(intake_counts(tx, counts), 0);
    for (int i = 0; i < INTAKE_OUTCOMES; i++)
        total += counts[i];
    assert_int_equal(total, 30);
    assert_int_equal(counts[INTAKE_QUEUED], 5);
    assert_int_equal(counts[INTAKE_REFUSED], 6);
    assert_int_equal(counts[INTAKE_FAILED], 1);
    assert_int_equal(intake_list_refused(tx, 100, &list), 0);
    assert_int_equal(list.count, 7);
    assert_string_equal(list.items[0].file_path, "/29");
    assert_string_equal(list.items[0].reason, "not_a_picture");
    assert_int_equal(list.items[0].outcome, INTAKE_REFUSED);
    assert_string_equal(list.items[6].file_path, "/0");
    assert_string_equal(list.items[6].detail, "no answer");
    assert_true(list.items[6].finished_at > 0);
    intake_list_release(&list);
    assert_int_equal(intake_list_refused(tx, 2, &list), 0);
    assert_int_equal(list.count, 2);
    return 0;
}

static void run(store_work *work)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    assert_int_equal(store_write(database.store, work, NULL), 0);
}

static void knows_files_it_has_seen(void **state)
{
    run(knows);
}

static void knows_bytes_it_has_accepted(void **state)
{
    run(has_hash);
}

static void every_file_is_counted_once(void **state)
{
    run(counts_and_lists);
}

static void an_outcome_has_a_name(void **state)
{
    assert_string_equal(intake_outcome_name(INTAKE_QUEUED), "queued");
    assert_string_equal(intake_outcome_name(INTAKE_FAILED), "failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_files_it_has_seen),
        cmocka_unit_test(knows_bytes_it_has_accepted),
        cmocka_unit_test(every_file_is_counted_once),
        cmocka_unit_test(an_outcome_has_a_name),
    };

    return RUN_TESTS(tests);
}

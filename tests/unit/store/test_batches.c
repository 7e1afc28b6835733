#include "unit.h"

#include "store/batches.h"
#include "support/database.h"

#include <errno.h>

static int life(struct store_tx *tx, void *arg)
{
    AUTO(batch_release) struct batch open = {0};
    AUTO(batch_list_release) struct batch_list list = {0};
    AUTO(mem_free) int64_t *ids = NULL;
    struct batch batch = {.id = "batch-1",
                          .camera_id = "porch",
                          .started_at = 10,
                          .last_activity = 10,
                          .pipeline_start = "2026-01-01T00:00:00Z"};
    struct batch second = {.id = "batch-2", .camera_id = "porch"};
    size_t count = 0;

    assert_int_equal(batches_open_of(tx, "porch", &open), -ENOENT);
    assert_int_equal(batches_insert(tx, &batch), 0);
    assert_int_equal(batches_insert(tx, &second), -EEXIST);
    assert_int_equal(batches_add(tx, "batch-1", 3, 20), 0);
    assert_int_equal(batches_add(tx, "batch-1", 1, 30), 0);
    assert_int_equal(batches_add(tx, "batch-1", 2, 25), 0);
    assert_int_equal(batches_add(tx, "batch-1", 3, 40), 0); /* it is in already */
    assert_int_equal(batches_add(tx, "batch-9", 3, 40), -ENOENT);
    assert_int_equal(batches_open_of(tx, "porch", &open), 0);
    assert_string_equal(open.id, "batch-1");
    assert_int_equal(open.count, 3);
    assert_int_equal(open.started_at, 10);
    assert_int_equal(open.last_activity, 30);
    assert_string_equal(open.pipeline_start, "2026-01-01T00:00:00Z");
    assert_int_equal(batches_list(tx, &list), 0);
    assert_int_equal(list.count, 1);

    assert_int_equal(batches_close(tx, "batch-1", &ids, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(ids[0], 3);
    assert_int_equal(ids[1], 1);
    assert_int_equal(ids[2], 2);
    mem_free(&ids);
    assert_int_equal(batches_close(tx, "batch-1", &ids, &count), -ENOENT);
    assert_null(ids);
    assert_int_equal(batches_insert(tx, &second), 0);
    assert_int_equal(batches_close(tx, "batch-2", &ids, &count), 0);
    assert_int_equal(count, 0);
    return 0;
}

static void a_batch_opens_fills_and_closes(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    database_add_camera(&database);
    for (int i = 0; i < 3; i++)
        database_exec(&database, "INSERT INTO detections (camera_id, file_path, detected_at) "
                                 "VALUES ('porch', '/a', 1)");
    assert_int_equal(store_write(database.store, life, NULL), 0);
    assert_int_equal(database_int(&database, "SELECT count(*) FROM batch_detections"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_opens_fills_and_closes),
    };

    return RUN_TESTS(tests);
}

#include "unit.h"

#include "store/detections.h"
#include "store/events.h"
#include "support/database.h"

#include <errno.h>

static void add_detections(struct database *database, int count)
{
    for (int i = 0; i < count; i++)
        database_exec(database,
                      "INSERT INTO detections (camera_id, file_path, detected_at) "
                      "VALUES ('porch', '/a.jpg', 1000 - (SELECT count(*) FROM detections))");
}

static struct event new_event(const char *batch_id)
{
    return (struct event){
        .batch_id = mem_strdup(batch_id),
        .camera_id = mem_strdup("porch"),
        .started_at = 1000,
        .risk_score = -1,
    };
}

static int round_trip(struct store_tx *tx, void *arg)
{
    AUTO(event_release) struct event event = new_event("batch-1");
    AUTO(event_release) struct event read = {0}, again = {0};
    const int64_t ids[] = {3, 1, 2, 1};
    int64_t id = 0, same = 0;

    event.ended_at = 2000;
    event.risk_score = 82;
    event.risk_level = mem_strdup("high");
    event.summary = mem_strdup("a person at the door");
    event.reasoning = mem_strdup("because");
    event.factors = mem_strdup("[]");
    event.assessed_by = mem_strdup("rules");
    event.object_types = mem_strdup("person,motion");
    event.is_fast_path = true;
    assert_int_equal(events_insert(tx, &event, ids, COUNT_OF(ids), &id), 0);
    assert_int_equal(events_get(tx, id + 1, &read), -ENOENT);
    assert_int_equal(events_get(tx, id, &read), 0);
    assert_string_equal(read.batch_id, "batch-1");
    assert_int_equal(read.ended_at, 2000);
    assert_int_equal(read.risk_score, 82);
    assert_string_equal(read.risk_level, "high");
    assert_string_equal(read.summary, "a person at the door");
    assert_string_equal(read.assessed_by, "rules");
    assert_string_equal(read.object_types, "person,motion");
    assert_true(read.is_fast_path && !read.reviewed);
    assert_null(read.notes);
    assert_int_equal(read.version, 1);
    assert_int_equal(read.detection_count, 3);
    assert_int_equal(read.detection_ids[0], 1);
    assert_int_equal(read.detection_ids[2], 3);

    assert_int_equal(events_insert(tx, &event, ids, 1, &same), -EEXIST);
    assert_int_equal(same, id);

    read.reviewed = true;
    read.notes = mem_strdup("the postman");
    read.snooze_until = 5000;
    assert_int_equal(events_update(tx, &read), 0);
    assert_int_equal(events_get(tx, id, &again), 0);
    assert_true(again.reviewed);
    assert_string_equal(again.notes, "the postman");
    assert_int_equal(again.snooze_until, 5000);
    assert_int_equal(again.version, 2);
    again.id = id + 1;
    assert_int_equal(events_update(tx, &again), -ENOENT);
    return 0;
}

static void an_event_comes_back(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    database_add_camera(&database);
    add_detections(&database, 3);
    assert_int_equal(store_write(database.store, round_trip, NULL), 0);
}

static int open_and_unassessed(struct store_tx *tx, void *arg)
{
    AUTO(event_release) struct event event = new_event("batch-2");
    AUTO(event_release) struct event read = {0};
    int64_t id = 0;

    assert_int_equal(events_insert(tx, &event, NULL, 0, &id), 0);
    assert_int_equal(events_get(tx, id, &read), 0);
    assert_int_equal(read.risk_score, -1);
    assert_null(read.risk_level);
    assert_int_equal(read.ended_at, 0);
    assert_int_equal(read.detection_count, 0);
    assert_null(read.detection_ids);
    return 0;
}

static void what_was_not_assessed_stays_so(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    database_add_camera(&database);
    assert_int_equal(store_write(database.store, open_and_unassessed, NULL), 0);
}

static int with_a_detection_of_nobody(struct store_tx *tx, void *arg)
{
    AUTO(event_release) struct event event = new_event("batch-3");
    const int64_t ids[] = {77};
    int64_t id = 0;

    return events_insert(tx, &event, ids, 1, &id);
}

static int with_a_score_of_101(struct store_tx *tx, void *arg)
{
    AUTO(event_release) struct event event = new_event("batch-4");
    int64_t id = 0;

    event.risk_score = 101;
    return events_insert(tx, &event, NULL, 0, &id);
}

static void what_cannot_be_is_refused(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    assert_int_equal(store_write(database.store, with_a_detection_of_nobody, NULL), -ENOENT);
    database_add_camera(&database);
    assert_int_equal(store_write(database.store, with_a_detection_of_nobody, NULL), -ENOENT);
    assert_int_equal(store_write(database.store, with_a_score_of_101, NULL), -EINVAL);
    assert_int_equal(database_int(&database, "SELECT count(*) FROM events"), 0);
}

/* ---- Lists ---- */

#define ROWS 120

static int add_rows(struct store_tx *tx, void *arg)
{
    static const char *const levels[] = {"low", "medium", "high", "critical", NULL};
    static const char *const types[] = {"person", "person,cat", "cat,motion",
                                        "motion", "100%_cat",   NULL};

    for (int i = 0; i < ROWS; i++) {
        AUTO(mem_free) char *batch_id = mem_printf("b%d", i);
        AUTO(event_release) struct event event = new_event(batch_id);
        const int64_t detection = 1 + i % 3;
        int64_t id = 0;

        event.started_at = 1000 + i % 4;
        event.risk_level = mem_strdup(levels[i % 5]);
        event.object_types = mem_strdup(types[i % 6]);
        event.reviewed = i % 10 == 0;
        assert_int_equal(events_insert(tx, &event, &detection, 1, &id), 0);
    }
    return database_run_sql(tx, (void *)"UPDATE events SET deleted_at = 1 WHERE id % 12 = 0");
}

struct walk {
    struct event_filter filter;
    int limit;
    int rows;
    int64_t total;
    bool seen[ROWS + 1];
};

static int walk_pages(struct store_tx *tx, void *arg)
{
    struct walk *walk = arg;
    struct page page = {.limit = walk->limit};
    struct page_result found = {.has_more = true};

    while (found.has_more) {
        AUTO(event_list_release) struct event_list list = {0};

        assert_int_equal(events_list(tx, &walk->filter, &page, &list, &found), 0);
        walk->total += found.total;
        for (size_t i = 0; i < list.count; i++) {
            assert_false(walk->seen[list.items[i].id]);
            walk->seen[list.items[i].id] = true;
            walk->rows++;
            assert_int_equal(list.items[i].detection_count, 1);
        }
        page.has_cursor = true;
        page.cursor_time = found.last_time;
        page.cursor_id = found.last_id;
    }
    return 0;
}

static void lists_are_walked_and_filtered(void **state)
{
    AUTO(database_release) struct database database = DATABASE;
    struct {
        struct event_filter filter;
        int rows;
    } cases[] = {
        {{.reviewed = -1}, 110},
        {{.reviewed = -1, .include_deleted = true}, 120},
        {{.reviewed = -1, .include_deleted = true, .risk_level = "high"}, 24},
        {{.reviewed = -1, .include_deleted = true, .object_type = "cat"}, 40},
        {{.reviewed = -1, .include_deleted = true, .object_type = "person"}, 40},
        {{.reviewed = -1, .include_deleted = true, .object_type = "100%_cat"}, 20},
        {{.reviewed = -1, .include_deleted = true, .object_type = "1%"}, 0},
        {{.reviewed = -1, .include_deleted = true, .object_type = "cat,motion"}, 20},
        {{.reviewed = 1, .include_deleted = true}, 12},
        {{.reviewed = 0, .include_deleted = true}, 108},
        {{.reviewed = -1, .include_deleted = true, .start = 1001, .end = 1002}, 60},
        {{.reviewed = -1, .camera_id = "yard"}, 0},
    };

    database_open(&database, STORE_SYNC_OFF);
    database_add_camera(&database);
    add_detections(&database, 3);
    assert_int_equal(store_write(database.store, add_rows, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (int limit = 7; limit <= ROWS; limit += 113) {
            struct walk walk = {.filter = cases[i].filter, .limit = limit};

            assert_int_equal(store_read(database.store, walk_pages, &walk), 0);
            assert_int_equal(walk.rows, cases[i].rows);
            assert_int_equal(walk.total, cases[i].rows); /* told on the first page only */
        }
}

static int count_levels(struct store_tx *tx, void *arg)
{
    struct event_stats stats;

    assert_int_equal(events_stats(tx, NULL, 0, 0, &stats), 0);
    assert_int_equal(stats.total, 110);
    assert_int_equal(stats.by_level[0], 22);
    assert_int_equal(stats.by_level[3], 22);
    assert_int_equal(events_stats(tx, "porch", 1000, 1000, &stats), 0);
    assert_true(stats.total > 0 && stats.total < 110);
    assert_int_equal(events_stats(tx, "yard", 0, 0, &stats), 0);
    assert_int_equal(stats.total, 0);
    return 0;
}

static int detections_of(struct store_tx *tx, void *arg)
{
    AUTO(event_release) struct event event = new_event("many");
    AUTO(detection_list_release) struct detection_list list = {0};
    const int64_t ids[] = {1, 2, 3};
    int64_t id = 0, total = 0;

    assert_int_equal(events_insert(tx, &event, ids, 3, &id), 0);
    assert_int_equal(detections_of_event(tx, id, 2, 0, &list, &total), 0);
    assert_int_equal(total, 3);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].id, 3); /* the earliest */
    detection_list_release(&list);
    assert_int_equal(detections_of_event(tx, id, 2, 2, &list, NULL), 0);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].id, 1);
    return 0;
}

static void levels_are_counted_and_detections_listed(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    database_add_camera(&database);
    add_detections(&database, 3);
    assert_int_equal(store_write(database.store, add_rows, NULL), 0);
    assert_int_equal(store_read(database.store, count_levels, NULL), 0);
    assert_int_equal(store_write(database.store, detections_of, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_comes_back),
        cmocka_unit_test(what_was_not_assessed_stays_so),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(lists_are_walked_and_filtered),
        cmocka_unit_test(levels_are_counted_and_detections_listed),
    };

    return RUN_TESTS(tests);
}

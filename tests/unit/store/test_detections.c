#include "unit.h"

#include "store/detections.h"
#include "support/database.h"

#include <errno.h>

static int64_t add(struct store_tx *tx, const char *camera_id, const char *object_type,
                   double confidence, int64_t at)
{
    AUTO(detection_release)
    struct detection detection = {
        .camera_id = mem_strdup(camera_id),
        .file_path = mem_strdup("/c/porch/a.jpg"),
        .detected_at = at,
        .object_type = mem_strdup(object_type),
        .confidence = confidence,
    };
    int64_t id = 0;

    assert_int_equal(detections_insert(tx, &detection, &id), 0);
    return id;
}

static int round_trip(struct store_tx *tx, void *arg)
{
    AUTO(detection_release) struct detection read = {0};
    AUTO(detection_release)
    struct detection detection = {
        .camera_id = mem_strdup("porch"),
        .file_path = mem_strdup("/c/porch/a \"b\" 'c' é.jpg"),
        .file_type = mem_strdup("image/jpeg"),
        .detected_at = 1763720130123456,
        .object_type = mem_strdup("person"),
        .confidence = 0.875,
        .bbox_x = -1,
        .bbox_y = 2,
        .bbox_width = 300,
        .bbox_height = 400,
        .media_type = mem_strdup("video"),
        .video_width = 1920,
        .video_height = 1080,
        .enrichment_data = mem_strdup("{\"a\":1}"),
    };
    int64_t id = 0;

    assert_int_equal(detections_insert(tx, &detection, &id), 0);
    assert_true(id > 0);
    assert_int_equal(detections_set_thumbnail(tx, id, "t/1.jpg"), 0);
    assert_int_equal(detections_set_thumbnail(tx, id + 1, "t/1.jpg"), -ENOENT);
    assert_int_equal(detections_get(tx, id + 1, &read), -ENOENT);
    assert_int_equal(detections_get(tx, id, &read), 0);
    assert_int_equal(read.id, id);
    assert_string_equal(read.camera_id, "porch");
    assert_string_equal(read.file_path, detection.file_path);
    assert_string_equal(read.file_type, "image/jpeg");
    assert_int_equal(read.detected_at, detection.detected_at);
    assert_string_equal(read.object_type, "person");
    assert_true(read.confidence == 0.875);
    assert_int_equal(read.bbox_x, -1);
    assert_int_equal(read.bbox_y, 2);
    assert_int_equal(read.bbox_width, 300);
    assert_int_equal(read.bbox_height, 400);
    assert_string_equal(read.thumbnail_path, "t/1.jpg");
    assert_string_equal(read.media_type, "video");
    assert_int_equal(read.video_width, 1920);
    assert_int_equal(read.video_height, 1080);
    assert_string_equal(read.enrichment_data, "{\"a\":1}");
    return 0;
}

static void a_detection_comes_back(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    database_add_camera(&database);
    assert_int_equal(store_write(database.store, round_trip, NULL), 0);
}

static int of_no_camera(struct store_tx *tx, void *arg)
{
    AUTO(detection_release)
    struct detection detection = {.camera_id = mem_strdup("none"), .file_path = mem_strdup("/x")};
    int64_t id = 0;

    return detections_insert(tx, &detection, &id);
}

static void a_detection_has_a_camera(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    assert_int_equal(store_write(database.store, of_no_camera, NULL), -ENOENT);
}

/* Ids are handed out to the world: one that is gone is not given again. */
static int remove_newest(struct store_tx *tx, void *arg)
{
    int64_t first = add(tx, "porch", "cat", 0.5, 1);

    assert_int_equal(database_run_sql(tx, (void *)"DELETE FROM detections"), 0);
    assert_true(add(tx, "porch", "cat", 0.5, 1) > first);
    return 0;
}

static void an_id_is_given_once(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    database_add_camera(&database);
    assert_int_equal(store_write(database.store, remove_newest, NULL), 0);
}

/* ---- Lists ---- */

#define ROWS 250
#define INSTANTS 9 /* many rows share an instant */

static int add_rows(struct store_tx *tx, void *arg)
{
    for (int i = 0; i < ROWS; i++)
        (void)add(tx, i % 3 ? "porch" : "yard", i % 2 ? "cat" : "person", (i % 10) / 10.0,
                  1000 + i * 7 % INSTANTS);
    return 0;
}

struct walk {
    struct detection_filter filter;
    int page_size;
    enum { BY_CURSOR, BY_OFFSET } how;
    int rows, pages;
    bool seen[ROWS + 1];
    int64_t total;
};

static int walk_pages(struct store_tx *tx, void *arg)
{
    struct walk *walk = arg;
    struct page page = {.limit = walk->page_size};
    struct page_result found = {.has_more = true};
    int64_t last_time = INT64_MAX, last_id = INT64_MAX;

    while (found.has_more) {
        AUTO(detection_list_release) struct detection_list list = {0};

        assert_int_equal(detections_list(tx, &walk->filter, &page, &list, &found), 0);
        assert_true(list.count <= (size_t)walk->page_size);
        assert_true(!page.has_cursor || found.total == 0); /* not counted again */
        walk->total = page.has_cursor ? walk->total : found.total;
        walk->pages++;
        for (size_t i = 0; i < list.count; i++) {
            const struct detection *row = &list.items[i];

            assert_false(walk->seen[row->id]);
            walk->seen[row->id] = true;
            walk->rows++;
            assert_true(row->detected_at < last_time ||
                        (row->detected_at == last_time && row->id < last_id));
            last_time = row->detected_at;
            last_id = row->id;
        }
        assert_int_equal(found.last_time, list.count ? last_time : 0);
        assert_int_equal(found.last_id, list.count ? last_id : 0);
        page.has_cursor = walk->how == BY_CURSOR;
        page.cursor_time = found.last_time;
        page.cursor_id = found.last_id;
        page.offset += walk->page_size;
    }
    return 0;
}

static void walking_pages_meets_each_row_once(void **state)
{
    AUTO(database_release) struct database database = DATABASE;
    const int sizes[] = {1, 7, 50, 125, 249, 250, 251, 1000};

    database_open(&database, STORE_SYNC_OFF);
    database_add_camera(&database);
    database_exec(&database, "INSERT INTO cameras (id, name, folder_path, created_at) "
                             "VALUES ('yard', 'Yard', '/c/yard', 1)");
    assert_int_equal(store_write(database.store, add_rows, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct walk by_cursor = {
            .filter.min_confidence = -1, .page_size = sizes[i], .how = BY_CURSOR};
        struct walk by_offset = {
            .filter.min_confidence = -1, .page_size = sizes[i], .how = BY_OFFSET};

        assert_int_equal(store_read(database.store, walk_pages, &by_cursor), 0);
        assert_int_equal(by_cursor.rows, ROWS);
        assert_int_equal(by_cursor.total, ROWS);
        assert_int_equal(by_cursor.pages, (ROWS + sizes[i] - 1) / sizes[i]);
        assert_int_equal(store_read(database.store, walk_pages, &by_offset), 0);
        assert_int_equal(by_offset.rows, ROWS);
    }
}

static void filters_leave_out_what_does_not_match(void **state)
{
    AUTO(database_release) struct database database = DATABASE;
    struct {
        struct walk walk;
        int rows;
    } cases[] = {
        {{.filter = {.camera_id = "yard", .min_confidence = -1}}, 84},
        {{.filter = {.object_type = "cat", .min_confidence = -1}}, 125},
        {{.filter = {.min_confidence = 0.8}}, 50},
        {{.filter = {.start = 1004, .end = 1004, .min_confidence = -1}}, 27},
        {{.filter = {.camera_id = "none", .min_confidence = -1}}, 0},
        {{.filter = {.camera_id = "porch",
                     .object_type = "person",
                     .start = 1000,
                     .end = 1008,
                     .min_confidence = 0}},
         83},
    };

    database_open(&database, STORE_SYNC_OFF);
    database_add_camera(&database);
    database_exec(&database, "INSERT INTO cameras (id, name, folder_path, created_at) "
                             "VALUES ('yard', 'Yard', '/c/yard', 1)");
    assert_int_equal(store_write(database.store, add_rows, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cases[i].walk.page_size = ROWS;
        assert_int_equal(store_read(database.store, walk_pages, &cases[i].walk), 0);
        assert_int_equal(cases[i].walk.rows, cases[i].rows);
        assert_int_equal(cases[i].walk.total, cases[i].rows);
    }
}

static int pick(struct store_tx *tx, void *arg)
{
    AUTO(detection_list_release) struct detection_list list = {0};
    int64_t late = add(tx, "porch", "cat", 1, 30);
    int64_t early = add(tx, "porch", "cat", 1, 10);
    int64_t same = add(tx, "porch", "cat", 1, 10);
    int64_t ids[] = {late, 999999, same, early};

    assert_int_equal(detections_by_ids(tx, ids, COUNT_OF(ids), &list), 0);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.items[0].id, early);
    assert_int_equal(list.items[1].id, same);
    assert_int_equal(list.items[2].id, late);
    detection_list_release(&list);
    assert_int_equal(detections_by_ids(tx, NULL, 0, &list), 0);
    assert_int_equal(list.count, 0);
    return 0;
}

static void picked_ones_come_in_the_order_of_time(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    database_add_camera(&database);
    assert_int_equal(store_write(database.store, pick, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_detection_comes_back),
        cmocka_unit_test(a_detection_has_a_camera),
        cmocka_unit_test(an_id_is_given_once),
        cmocka_unit_test(walking_pages_meets_each_row_once),
        cmocka_unit_test(filters_leave_out_what_does_not_match),
        cmocka_unit_test(picked_ones_come_in_the_order_of_time),
    };

    return RUN_TESTS(tests);
}

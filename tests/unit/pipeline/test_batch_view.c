#include "unit.h"

#include "base/mem.h"
#include "base/time.h"
#include "pipeline/batch_view.h"

#include <errno.h>
#include <string.h>

#define T0 (1763720130 * TIME_SECOND)

static struct detection seen(const char *type, double confidence, const char *file, int64_t second,
                             int x, int y, int width, int height)
{
    return (struct detection){.object_type = (char *)type,
                              .confidence = confidence,
                              .file_path = (char *)file,
                              .detected_at = T0 + second * TIME_SECOND,
                              .bbox_x = x,
                              .bbox_y = y,
                              .bbox_width = width,
                              .bbox_height = height,
                              .video_width = 1000,
                              .video_height = 500};
}

static void nothing_is_no_batch(void **state)
{
    struct batch_view view;

    assert_int_equal(batch_view_make(&(struct detection_list){0}, &view), -ENODATA);
}

static void counts_classes_pictures_and_time(void **state)
{
    struct detection items[] = {
        seen("motion", 0.6, "/1", 0, 0, 0, 100, 100), seen("person", 0.7, "/1", 0, 0, 0, 10, 10),
        seen("motion", 0.8, "/2", 4, 0, 0, 100, 100), seen("motion", 0.7, "/3", 9, 0, 0, 100, 100),
        seen(NULL, 0.5, "/3", 9, 0, 0, 1, 1),
    };
    struct detection_list list = {items, COUNT_OF(items)};
    struct batch_view view;

    assert_int_equal(batch_view_make(&list, &view), 0);
    assert_int_equal(view.class_count, 3);
    assert_string_equal(view.classes[0].object_type, "motion");
    assert_int_equal(view.classes[0].count, 3);
    assert_true(view.classes[0].best_confidence == 0.8);
    assert_string_equal(view.classes[1].object_type, "person");
    assert_string_equal(view.classes[2].object_type, "unknown");
    assert_int_equal(view.detections, 5);
    assert_int_equal(view.pictures, 3);
    assert_int_equal(view.ended_at - view.started_at, 9 * TIME_SECOND);
    assert_ptr_equal(view.best, &items[1]); /* a person tells more than movement */
    AUTO(mem_free) char *types = batch_view_types(&view);
    assert_string_equal(types, "motion,person,unknown");
}

static void measures_size_and_growth(void **state)
{
    struct detection items[] = {
        seen("motion", 0.6, "/1", 0, 0, 0, 50, 50),
        seen("motion", 0.6, "/1", 0, 0, 0, 100, 50),
        seen("motion", 0.6, "/2", 1, 0, 0, 500, 400),
        seen("motion", 0.6, "/3", 2, 0, 0, 200, 100),
    };
    struct detection_list list = {items, COUNT_OF(items)};
    struct batch_view view;

    assert_int_equal(batch_view_make(&list, &view), 0);
    assert_true(view.largest_share == 0.4);
    assert_true(view.approach == 4.0); /* the largest of the first picture, of the last */
    assert_ptr_equal(view.best, &items[2]);
    list.count = 2;
    assert_int_equal(batch_view_make(&list, &view), 0);
    assert_true(view.approach == 1.0); /* one picture: no movement towards us */
}

static void knows_what_stays_where_it_was(void **state)
{
    struct detection items[] = {
        seen("motion", 0.6, "/1", 0, 100, 100, 100, 100),
        seen("motion", 0.6, "/2", 1, 102, 99, 100, 100),
        seen("motion", 0.6, "/3", 2, 100, 100, 95, 100),
        seen("motion", 0.6, "/4", 3, 160, 100, 100, 100),
        seen("motion", 0.6, "/5", 4, 600, 100, 100, 100),
    };
    struct detection_list list = {items, COUNT_OF(items)};
    struct batch_view view;

    assert_int_equal(batch_view_make(&list, &view), 0);
    assert_true(view.stationary == 0.5);
    list.count = 1;
    assert_int_equal(batch_view_make(&list, &view), 0);
    assert_true(view.stationary == 0);
}

static void odd_boxes_do_no_harm(void **state)
{
    struct detection items[] = {
        seen("motion", 0.6, "/1", 0, 0, 0, 0, 0),
        seen("motion", 0.6, "/2", 0, INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX),
        seen("motion", 0.6, "/3", 0, INT32_MAX, 5, INT32_MAX, INT32_MAX),
        seen("motion", 0.6, "/4", 0, 0, 0, -5, 5),
    };
    struct detection_list list = {items, COUNT_OF(items)};
    struct batch_view view;

    items[3].video_width = 0;
    assert_int_equal(batch_view_make(&list, &view), 0);
    assert_true(view.largest_share == 1);
    assert_true(view.approach == 1);
    assert_true(view.stationary == 0);
}

static void has_a_limit_of_classes(void **state)
{
    struct detection items[BATCH_CLASSES_MAX + 5];
    char names[BATCH_CLASSES_MAX + 5][8];
    struct detection_list list = {items, COUNT_OF(items)};
    struct batch_view view;

    for (size_t i = 0; i < COUNT_OF(items); i++) {
        names[i][0] = 'c';
        names[i][1] = (char)('0' + i / 10);
        names[i][2] = (char)('0' + i % 10);
        names[i][3] = '\0';
        items[i] = seen(names[i], 0.6, "/1", 0, 0, 0, 10, 10);
    }
    assert_int_equal(batch_view_make(&list, &view), 0);
    assert_int_equal(view.class_count, BATCH_CLASSES_MAX);
    assert_int_equal(view.detections, BATCH_CLASSES_MAX + 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_no_batch),
        cmocka_unit_test(counts_classes_pictures_and_time),
        cmocka_unit_test(measures_size_and_growth),
        cmocka_unit_test(knows_what_stays_where_it_was),
        cmocka_unit_test(odd_boxes_do_no_harm),
        cmocka_unit_test(has_a_limit_of_classes),
    };
    return RUN_TESTS(tests);
}

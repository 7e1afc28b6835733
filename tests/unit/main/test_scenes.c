#include "main/scenes.h"

#include "base/time.h"
#include "pipeline/motion_detector.h"
#include "support/pictures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START (1700000000LL * TIME_SECOND)

static struct picture *scene_at(double seconds, int width, int height)
{
    return scenes_draw(seconds, width, height, "front_door",
                       START + (int64_t)(seconds * TIME_SECOND));
}

static void pictures_have_the_size_asked_for(void **state)
{
    AUTO(picture_free) struct picture *usual = scene_at(5, SCENES_WIDTH, SCENES_HEIGHT);
    AUTO(picture_free) struct picture *small = scene_at(5, 321, 177);

    assert_int_equal(usual->width, SCENES_WIDTH);
    assert_int_equal(usual->height, SCENES_HEIGHT);
    assert_int_equal(small->width, 321);
    assert_int_equal(small->height, 177);
    assert_true(picture_saturation(usual) > 20);
}

static void the_same_second_is_the_same_picture(void **state)
{
    AUTO(picture_free) struct picture *first = scene_at(8, 320, 180);
    AUTO(picture_free) struct picture *again = scene_at(8, 320, 180);
    AUTO(picture_free) struct picture *other = scene_at(9, 320, 180);

    assert_memory_equal(first->pixels, again->pixels, 320 * 180 * 3);
    assert_memory_not_equal(first->pixels, other->pixels, 320 * 180 * 3);
}

static void the_story_begins_quietly_and_repeats(void **state)
{
    assert_int_equal(scenes_moving(0), 0);
    assert_int_equal(scenes_moving(SCENES_QUIET_SECONDS - 0.01), 0);
    assert_int_equal(scenes_moving(SCENES_QUIET_SECONDS + 1), 1);
    assert_true(scenes_length() > 120 && scenes_length() < 600);
    for (double at = 0; at < scenes_length(); at += 7.3)
        assert_string_equal(scenes_title(at), scenes_title(at + 3 * scenes_length()));
    assert_non_null(scenes_title(-5));
}

static void nights_are_dark_and_days_are_not(void **state)
{
    double darkest = 255, brightest = 0;

    for (double at = 0; at < scenes_length(); at += 10) {
        AUTO(picture_free) struct picture *picture = scene_at(at, 320, 180);
        AUTO(picture_free) struct picture *gray = picture_to_gray(picture);
        AUTO(picture_free) struct picture *mean = picture_scale(gray, 1, 1);
        darkest = mean->pixels[0] < darkest ? mean->pixels[0] : darkest;
        brightest = mean->pixels[0] > brightest ? mean->pixels[0] : brightest;
    }
    assert_true(darkest < 60);
    assert_true(brightest > 110);
}

static void detector_release(struct detector **detector)
{
    if (*detector)
        (*detector)->type->free(detector);
}

static unsigned detect(struct detector *detector, double seconds)
{
    AUTO(picture_free) struct picture *picture = scene_at(seconds, 640, 360);
    AUTO(buf_release) struct buf file = BUF_INIT;
    struct picture_refusal why = {0};
    struct detector_result result;

    add_jpeg(&file, picture);
    struct detector_input input = {.camera_id = "front_door",
                                   .file = buf_span(&file),
                                   .taken_at = START + (int64_t)(seconds * TIME_SECOND)};
    assert_int_equal(detector->type->detect(detector, &input, &result, &why), 0);
    return result.count;
}

/* What the demonstration rests on: the visitors are found, the empty stretches are quiet, and the
 * first visitor is found within a few seconds. Dusk and dawn are allowed a little. */
static void the_detector_sees_the_story(void **state)
{
    AUTO(detector_release) struct detector *detector = NULL;
    int moving = 0, found = 0, quiet = 0, false_alarms = 0;
    double first = 0;

    assert_int_equal(motion_detector_new(NULL, 0.9, &detector), 0);
    for (double at = 0; at < scenes_length(); at += 1.5) {
        bool reported = detect(detector, at) > 0;
        if (reported && first == 0)
            first = at;
        if (scenes_moving(at)) {
            moving++;
            found += reported;
        } else if (!strstr(scenes_title(at), "parked")) {
            quiet++;
            false_alarms += reported;
        }
    }
    print_message("# moving %d, found %d; quiet %d, false %d; first %.0f s\n", moving, found, quiet,
                  false_alarms, first);
    assert_true(found >= moving * 8 / 10);
    assert_true(false_alarms <= quiet / 25);
    assert_true(first >= SCENES_QUIET_SECONDS && first <= 6);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(pictures_have_the_size_asked_for),
    cmocka_unit_test(the_same_second_is_the_same_picture),
    cmocka_unit_test(the_story_begins_quietly_and_repeats),
    cmocka_unit_test(nights_are_dark_and_days_are_not),
    cmocka_unit_test(the_detector_sees_the_story),
};

int main(void)
{
    return cmocka_run_group_tests_name("scenes", tests, NULL, NULL);
}

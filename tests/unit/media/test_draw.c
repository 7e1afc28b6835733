#include "media/draw.h"

#include "support/pictures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static uint32_t pixel(const struct picture *picture, int x, int y)
{
    const uint8_t *at = picture->pixels + ((size_t)y * (size_t)picture->width + (size_t)x) * 3;

    return (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
}

static struct picture *plain(int width, int height)
{
    struct picture *picture = picture_new(PICTURE_RGB, width, height);

    paint_rectangle(picture, 0, 0, width, height, 0x405060);
    return picture;
}

static unsigned count_colour(const struct picture *picture, uint32_t colour)
{
    unsigned count = 0;

    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++)
            count += pixel(picture, x, y) == colour;
    return count;
}

/* Letters are blended at their edges: what is nearer to `colour` than to anything else here. */
static unsigned count_near(const struct picture *picture, int colour)
{
    unsigned count = 0;

    for (int i = 0; i < picture->width * picture->height * 3; i += 3) {
        const uint8_t *at = picture->pixels + i;
        count += abs(at[0] - colour) < 60 && abs(at[1] - colour) < 60 && abs(at[2] - colour) < 60;
    }
    return count;
}

static void aspect_is_kept_on_black(void **state)
{
    AUTO(picture_free) struct picture *wide = plain(1280, 720);
    AUTO(picture_free) struct picture *thumbnail = draw_thumbnail(wide, NULL, 0, 320, 240, 14);

    assert_int_equal(thumbnail->width, 320);
    assert_int_equal(thumbnail->height, 240);
    assert_int_equal(pixel(thumbnail, 160, 29), 0x000000);
    assert_int_equal(pixel(thumbnail, 160, 30), 0x405060);
    assert_int_equal(pixel(thumbnail, 160, 209), 0x405060);
    assert_int_equal(pixel(thumbnail, 160, 210), 0x000000);

    AUTO(picture_free) struct picture *tall = plain(100, 1000);
    AUTO(picture_free) struct picture *narrow = draw_thumbnail(tall, NULL, 0, 320, 240, 14);
    assert_int_equal(count_colour(narrow, 0x405060), 24 * 240);
}

static void boxes_are_of_the_original(void **state)
{
    AUTO(picture_free) struct picture *small = plain(640, 360);
    struct draw_box box = {400, 200, 600, 300, NULL, 0xE74856};

    small->full_width = 1280;
    small->full_height = 720;
    AUTO(picture_free) struct picture *thumbnail = draw_thumbnail(small, &box, 1, 320, 240, 14);
    assert_int_equal(pixel(thumbnail, 101, 100), 0xE74856);
    assert_int_equal(pixel(thumbnail, 248, 100), 0xE74856);
    assert_int_equal(pixel(thumbnail, 150, 81), 0xE74856);
    assert_int_equal(pixel(thumbnail, 150, 153), 0xE74856);
    assert_int_equal(pixel(thumbnail, 98, 100), 0x405060);
    assert_int_equal(pixel(thumbnail, 150, 100), 0x405060);
}

static void a_label_stands_on_its_colour(void **state)
{
    AUTO(picture_free) struct picture *picture = plain(320, 240);
    struct draw_box box = {100, 100, 80, 60, "person 0.93", 0xE74856};
    AUTO(picture_free) struct picture *labelled = draw_thumbnail(picture, &box, 1, 320, 240, 14);

    assert_int_equal(pixel(labelled, 101, 96), 0xE74856);
    assert_int_equal(pixel(labelled, 101, 78), 0x405060);
    assert_true(count_near(labelled, 255) > 20);

    box.colour = 0xFFFFFF;
    AUTO(picture_free) struct picture *white = draw_thumbnail(picture, &box, 1, 320, 240, 14);
    assert_true(count_near(white, 0) > 20);
}

static void strange_boxes_do_no_harm(void **state)
{
    AUTO(picture_free) struct picture *picture = plain(320, 240);
    struct draw_box boxes[] = {
        {10, 10, 0, 50, "empty", 0xFF0000},
        {10, 10, -5, 50, "negative", 0xFF0000},
        {5000, 5000, 10, 10, "outside", 0xFF0000},
        {-2000000000, -2000000000, 2147483647, 2147483647, "before", 0xFF0000},
        {-50, -50, 2000000000, 2000000000, "around", 0x00FF00},
        {100, 0, 50, 2, "thin, and its label finds no room above", 0x00FF00},
        {300, 100, 15, 15, "at the edge", 0x00FF00},
        {150, 150, 50, 50, "\xff\xfe not text \n", 0x0000FF},
        {150, 210, 50, 20, "drawn after it", 0x0000FF},
    };
    AUTO(picture_free)
    struct picture *thumbnail = draw_thumbnail(picture, boxes, COUNT_OF(boxes), 320, 240, 14);

    assert_int_equal(pixel(thumbnail, 0, 120), 0x00FF00);
    assert_int_equal(pixel(thumbnail, 319, 200), 0x00FF00);
    assert_int_equal(pixel(thumbnail, 175, 211), 0x0000FF);
    assert_int_equal(count_colour(thumbnail, 0xFF0000), 0);
}

static void grey_pictures_too(void **state)
{
    AUTO(picture_free) struct picture *gray = picture_new(PICTURE_GRAY, 320, 240);

    paint_rectangle(gray, 0, 0, 320, 240, 0x55);
    AUTO(picture_free) struct picture *thumbnail = draw_thumbnail(gray, NULL, 0, 320, 240, 14);
    assert_int_equal(count_colour(thumbnail, 0x555555), 320 * 240);
}

static void classes_have_colours(void **state)
{
    assert_int_equal(draw_class_colour("person"), 0xE74856);
    assert_int_equal(draw_class_colour("truck"), draw_class_colour("car"));
    assert_int_equal(draw_class_colour("motion"), 0xFFFFFF);
    assert_int_equal(draw_class_colour(""), 0xFFFFFF);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(aspect_is_kept_on_black),
    cmocka_unit_test(boxes_are_of_the_original),
    cmocka_unit_test(a_label_stands_on_its_colour),
    cmocka_unit_test(strange_boxes_do_no_harm),
    cmocka_unit_test(grey_pictures_too),
    cmocka_unit_test(classes_have_colours),
};

int main(void)
{
    return cmocka_run_group_tests_name("draw", tests, NULL, NULL);
}

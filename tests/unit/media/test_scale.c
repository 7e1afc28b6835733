#include "media/picture.h"

#include "support/pictures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void a_flat_picture_stays_flat(void **state)
{
    static const int sizes[][2] = {{1, 1}, {7, 3}, {640, 360}, {641, 17}, {33, 900}, {1280, 720}};
    AUTO(picture_free) struct picture *flat = picture_new(PICTURE_RGB, 641, 361);

    paint_rectangle(flat, 0, 0, 641, 361, 0x57A3FF);
    flat->full_width = 1282;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO(picture_free) struct picture *scaled = picture_scale(flat, sizes[i][0], sizes[i][1]);
        assert_int_equal(scaled->width, sizes[i][0]);
        assert_int_equal(scaled->height, sizes[i][1]);
        assert_int_equal(scaled->full_width, 1282);
        for (int p = 0; p < scaled->width * scaled->height; p++)
            assert_memory_equal(scaled->pixels + p * 3, "\x57\xA3\xFF", 3);
    }
}

/* Every input pixel weighs the same: checkers become their mean. */
static void down_is_the_mean_of_the_area(void **state)
{
    AUTO(picture_free) struct picture *checkers = picture_new(PICTURE_GRAY, 300, 200);

    for (int i = 0; i < 300 * 200; i++)
        checkers->pixels[i] = (i % 300 + i / 300) % 2 ? 200 : 0;
    AUTO(picture_free) struct picture *scaled = picture_scale(checkers, 75, 50);
    for (int i = 0; i < 75 * 50; i++)
        assert_int_equal(scaled->pixels[i], 100);
}

static void up_keeps_corners_and_blends_between(void **state)
{
    AUTO(picture_free) struct picture *two = picture_new(PICTURE_GRAY, 2, 1);

    two->pixels[1] = 200;
    AUTO(picture_free) struct picture *scaled = picture_scale(two, 9, 3);
    for (int y = 0; y < 3; y++) {
        assert_int_equal(scaled->pixels[y * 9], 0);
        assert_int_equal(scaled->pixels[y * 9 + 4], 100);
        assert_int_equal(scaled->pixels[y * 9 + 8], 200);
    }
}

static void edges_stay_where_they_are(void **state)
{
    AUTO(picture_free) struct picture *edge = picture_new(PICTURE_GRAY, 1000, 500);

    paint_rectangle(edge, 500, 0, 500, 500, 250);
    AUTO(picture_free) struct picture *scaled = picture_scale(edge, 333, 100);
    assert_int_equal(scaled->pixels[50 * 333 + 165], 0);
    assert_int_equal(scaled->pixels[50 * 333 + 167], 250);
}

static void gray_and_saturation(void **state)
{
    AUTO(picture_free) struct picture *picture = picture_new(PICTURE_RGB, 10, 10);

    assert_true(picture_saturation(picture) == 0);
    paint_rectangle(picture, 0, 0, 10, 10, 0x808080);
    assert_true(picture_saturation(picture) == 0);
    paint_rectangle(picture, 0, 0, 5, 10, 0xFF0000);
    assert_true(picture_saturation(picture) == 127.5);
    AUTO(picture_free) struct picture *gray = picture_to_gray(picture);
    assert_int_equal(gray->pixels[0], 77);
    assert_int_equal(gray->pixels[9], 128);
    AUTO(picture_free) struct picture *again = picture_to_gray(gray);
    assert_memory_equal(gray->pixels, again->pixels, 100);
    assert_true(picture_saturation(gray) == 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_flat_picture_stays_flat),
    cmocka_unit_test(down_is_the_mean_of_the_area),
    cmocka_unit_test(up_keeps_corners_and_blends_between),
    cmocka_unit_test(edges_stay_where_they_are),
    cmocka_unit_test(gray_and_saturation),
};

int main(void)
{
    return cmocka_run_group_tests_name("scale", tests, NULL, NULL);
}

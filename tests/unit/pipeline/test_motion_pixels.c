#include "pipeline/motion_pixels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Odd on purpose: vectorised loops have an end. */
#define W 37
#define H 11
#define N ((size_t)W * H)

static const struct pixels_threshold usual = {18 * PIXELS_SCALE, 90 * PIXELS_SCALE};

static void differences_and_thresholds(void **state)
{
    static const struct {
        int picture, mean, deviation, changed;
    } cases[] = {
        {100, 100, 0, 0},    {118, 100, 0, 0},     {119, 100, 0, 255},  {81, 100, 0, 255},
        {82, 100, 0, 0},     {129, 100, 10, 0},    {131, 100, 10, 255}, {189, 100, 60, 0},
        {191, 100, 60, 255}, {0, 255, 0, 255},     {255, 0, 0, 255},    {255, 255, 255, 0},
        {220, 130, 175, 0},  {221, 130, 175, 255},
    };
    uint8_t picture[N], changed[N];
    uint16_t mean[N], deviation[N];

    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        for (size_t i = 0; i < N; i++) {
            picture[i] = (uint8_t)cases[c].picture;
            mean[i] = (uint16_t)(cases[c].mean * PIXELS_SCALE);
            deviation[i] = (uint16_t)(cases[c].deviation * PIXELS_SCALE);
        }
        pixels_compare(picture, mean, deviation, usual, changed, N);
        for (size_t i = 0; i < N; i++)
            assert_int_equal(changed[i], cases[c].changed);
    }
}

static int at(const uint8_t *mask, int x, int y, int most)
{
    int found = most ? 0 : 255;

    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            if (x + dx < 0 || y + dy < 0 || x + dx >= W || y + dy >= H)
                continue;
            int value = mask[(y + dy) * W + x + dx];
            found = most ? found | value : found & value;
        }
    return found;
}

static void morphology_is_that_of_its_definition(void **state)
{
    uint8_t mask[N], eroded[N], dilated[N], spare[N];
    uint32_t seed = 3;

    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < N; i++) {
            seed = seed * 1664525u + 1013904223u;
            mask[i] = (seed >> 16) % 20 < (unsigned)round ? 255 : 0;
        }
        pixels_erode(mask, eroded, spare, W, H);
        pixels_dilate(mask, dilated, spare, W, H);
        size_t set = 0;
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                assert_int_equal(eroded[y * W + x], at(mask, x, y, 0));
                assert_int_equal(dilated[y * W + x], at(mask, x, y, 1));
                set += mask[y * W + x] != 0;
            }
        assert_int_equal(pixels_count(mask, N), set);
    }
}

static void learning_approaches(void **state)
{
    uint8_t picture[N], mask[N];
    uint16_t mean[N], deviation[N];

    for (size_t i = 0; i < N; i++) {
        picture[i] = 200;
        mask[i] = i % 2 ? 255 : 0;
        mean[i] = 100 * PIXELS_SCALE;
        deviation[i] = 0;
    }
    pixels_learn(picture, mask, 16384, 328, mean, deviation, N); /* one half, one hundredth */
    for (size_t i = 0; i < N; i++) {
        assert_in_range(mean[i], (i % 2 ? 101 : 150) * PIXELS_SCALE - 2,
                        (i % 2 ? 101 : 150) * PIXELS_SCALE + 2);
        assert_in_range(deviation[i], (i % 2 ? 1 : 50) * PIXELS_SCALE - 2,
                        (i % 2 ? 1 : 50) * PIXELS_SCALE + 2);
    }
    for (int i = 0; i < 40; i++)
        pixels_learn(picture, mask, 32767, 32767, mean, deviation, N);
    for (size_t i = 0; i < N; i++) {
        assert_in_range(mean[i], 200 * PIXELS_SCALE - 1, 200 * PIXELS_SCALE);
        assert_in_range(deviation[i], 0, 4);
    }
}

static void exposure_is_limited(void **state)
{
    uint16_t mean[N];

    for (size_t i = 0; i < N; i++)
        mean[i] = (uint16_t)(i % 256 * PIXELS_SCALE);
    pixels_gain(mean, 512, N);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(mean[i], i % 256 < 128 ? i % 256 * 2 * PIXELS_SCALE : 255 * PIXELS_SCALE);
}

static void ages_grow_while_the_same_is_shown(void **state)
{
    uint8_t picture[N], mask[N], shown[N] = {0}, age[N] = {0};

    memset(picture, 120, N);
    memset(mask, 255, N);
    mask[5] = 0;
    pixels_age(picture, mask, 3, shown, age, N); /* first seen */
    assert_int_equal(age[0], 0);
    for (int i = 0; i < 4; i++)
        pixels_age(picture, mask, 3, shown, age, N);
    assert_int_equal(age[0], 12);
    assert_int_equal(age[5], 0);
    picture[7] = 160;
    pixels_age(picture, mask, 250, shown, age, N);
    assert_int_equal(age[0], 255);
    assert_int_equal(age[7], 0);
    pixels_age(picture, mask, 0, shown, age, N);
    assert_int_equal(age[0], 255);
}

static void restlessness_is_the_share_of_turns(void **state)
{
    uint8_t changed[N], before[N] = {0}, restless[N] = {0}, mask[N];

    for (int i = 0; i < 400; i++) {
        memset(changed, 0, N);
        changed[1] = i % 2 ? 255 : 0;              /* every picture */
        changed[2] = i % 20 == 0 ? 255 : 0;        /* twice in twenty */
        changed[3] = i > 100 && i < 300 ? 255 : 0; /* came, stayed and went */
        pixels_restless(changed, before, restless, N);
    }
    assert_int_equal(restless[0], 0);
    assert_true(restless[1] > 200);
    assert_true(restless[2] < 60);
    assert_true(restless[3] < 10);
    memset(changed, 255, N);
    pixels_without_restless(changed, restless, 96, mask, N);
    assert_int_equal(mask[0], 255);
    assert_int_equal(mask[1], 0);
    assert_int_equal(mask[2], 255);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(differences_and_thresholds),
    cmocka_unit_test(morphology_is_that_of_its_definition),
    cmocka_unit_test(learning_approaches),
    cmocka_unit_test(exposure_is_limited),
    cmocka_unit_test(ages_grow_while_the_same_is_shown),
    cmocka_unit_test(restlessness_is_the_share_of_turns),
};

int main(void)
{
    return cmocka_run_group_tests_name("motion_pixels", tests, NULL, NULL);
}

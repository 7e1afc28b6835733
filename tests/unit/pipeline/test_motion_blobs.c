#include "pipeline/motion_blobs.h"

#include "base/mem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A mask drawn as text: '#' is set. */
static void find(struct blobs *blobs, const char *const *rows, int width, int height, uint32_t min)
{
    AUTO(mem_free) uint8_t *mask = mem_alloc((size_t)(width * height));

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            mask[y * width + x] = rows[y][x] == '#' ? 255 : 0;
    assert_int_equal(blobs_find(blobs, mask, width, height, min), 0);
}

static void assert_blob(const struct blob *blob, int left, int top, int right, int bottom,
                        unsigned area)
{
    assert_int_equal(blob->left, left);
    assert_int_equal(blob->top, top);
    assert_int_equal(blob->right, right);
    assert_int_equal(blob->bottom, bottom);
    assert_int_equal(blob->area, area);
}

static void regions_and_their_edges(void **state)
{
    static const char *const rows[] = {
        "##.................#", /* touches the corner */
        "##....#####........#", ".......###..........", ".......#............",
        "..#.#.........##....", ".#.#.#........##....", "..#.#...............",
    };
    AUTO(blobs_release) struct blobs blobs;

    blobs_init(&blobs);
    find(&blobs, rows, 20, 7, 1);
    assert_int_equal(blobs.count, 5);
    assert_blob(&blobs.items[0], 6, 1, 11, 4, 9);
    assert_blob(&blobs.items[1], 1, 4, 6, 7, 7); /* corners connect */
    assert_blob(&blobs.items[2], 0, 0, 2, 2, 4);
    assert_blob(&blobs.items[3], 14, 4, 16, 6, 4);
    assert_blob(&blobs.items[4], 19, 0, 20, 2, 2);
    find(&blobs, rows, 20, 7, 5);
    assert_int_equal(blobs.count, 2);
    find(&blobs, rows, 20, 7, 10);
    assert_int_equal(blobs.count, 0);
}

/* Arms that meet only at the bottom are one region, whichever way the rows were joined. */
static void what_joins_late_is_one(void **state)
{
    static const char *const rows[] = {
        "#.#.#.#.#", "#.#.#.#.#", "#.#.#.#.#", "#.#.#####", "###.#....", "..###....",
    };
    AUTO(blobs_release) struct blobs blobs;

    blobs_init(&blobs);
    find(&blobs, rows, 9, 6, 1);
    assert_int_equal(blobs.count, 1);
    assert_blob(&blobs.items[0], 0, 0, 9, 6, 29);
    for (size_t i = 0; i < blobs.run_count; i++)
        assert_int_equal(blobs.runs[i].blob, 0);
}

static void empty_and_full(void **state)
{
    AUTO(blobs_release) struct blobs blobs;
    AUTO(mem_free) uint8_t *mask = mem_alloc(640 * 480);

    blobs_init(&blobs);
    assert_int_equal(blobs_find(&blobs, mask, 640, 480, 1), 0);
    assert_int_equal(blobs.count, 0);
    memset(mask, 255, 640 * 480);
    assert_int_equal(blobs_find(&blobs, mask, 640, 480, 1), 0);
    assert_int_equal(blobs.count, 1);
    assert_blob(&blobs.items[0], 0, 0, 640, 480, 640 * 480);
}

/* Against a flood fill, on masks of chance. */
static unsigned flood(uint8_t *mask, int width, int height, int x, int y)
{
    if (x < 0 || y < 0 || x >= width || y >= height || !mask[y * width + x])
        return 0;
    mask[y * width + x] = 0;
    unsigned area = 1;
    for (int i = 0; i < 9; i++)
        area += flood(mask, width, height, x + i % 3 - 1, y + i / 3 - 1);
    return area;
}

static void agrees_with_a_flood_fill(void **state)
{
    enum { W = 61, H = 37 };
    AUTO(blobs_release) struct blobs blobs;
    uint32_t seed = 5;

    blobs_init(&blobs);
    for (int round = 0; round < 40; round++) {
        uint8_t mask[W * H];
        for (int i = 0; i < W * H; i++) {
            seed = seed * 1664525u + 1013904223u;
            mask[i] = (seed >> 16) % 100 < 20u + (unsigned)round ? 255 : 0;
        }
        assert_int_equal(blobs_find(&blobs, mask, W, H, 1), 0);
        for (size_t b = 0; b < blobs.count; b++) {
            const struct blob_run *run = blobs.runs;
            while (run->blob != b)
                run++;
            assert_int_equal(flood(mask, W, H, run->left, run->y), blobs.items[b].area);
            assert_true(b == 0 || blobs.items[b].area <= blobs.items[b - 1].area);
        }
        for (int i = 0; i < W * H; i++)
            assert_int_equal(mask[i], 0);
    }
}

static void noise_is_refused_and_many_are_limited(void **state)
{
    AUTO(blobs_release) struct blobs blobs;
    AUTO(mem_free) uint8_t *mask = mem_alloc(640 * 480);

    blobs_init(&blobs);
    for (int y = 0; y < 480; y += 2)
        for (int x = 0; x < 640; x += 2)
            mask[y * 640 + x] = 255;
    assert_int_equal(blobs_find(&blobs, mask, 640, 480, 1), -E2BIG);
    assert_int_equal(blobs.count, 0);
    memset(mask, 0, 640 * 480);
    for (int y = 0; y < 480; y += 8)
        for (int x = 0; x < 640; x += 8)
            mask[y * 640 + x] = mask[y * 640 + x + 1] = 255;
    mask[3 * 640 + 3] = mask[3 * 640 + 4] = mask[3 * 640 + 5] = 255;
    assert_int_equal(blobs_find(&blobs, mask, 640, 480, 1), 0);
    assert_int_equal(blobs.count, BLOBS_MAX);
    assert_int_equal(blobs.items[0].area, 3);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(regions_and_their_edges),
    cmocka_unit_test(what_joins_late_is_one),
    cmocka_unit_test(empty_and_full),
    cmocka_unit_test(agrees_with_a_flood_fill),
    cmocka_unit_test(noise_is_refused_and_many_are_limited),
};

int main(void)
{
    return cmocka_run_group_tests_name("motion_blobs", tests, NULL, NULL);
}

/* Scaling, grey and saturation.
 *
 * Scaling is two passes of weighted sums: whole rows first, which the compiler vectorises, then
 * within each row. The weights of one output pixel always sum to ONE, so a flat area stays exactly
 * as bright as it was. */
#include "base/mem.h"
#include "media/hot.h"
#include "media/picture.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define ONE 16384
#define QUAD 4

/* Which input pixels one output pixel is made of. */
struct tap {
    int first, count;
    const int32_t *weights; /* count of them, in axis.weights */
};

struct axis {
    struct tap *taps; /* one per output pixel */
    int32_t *weights;
    int32_t (*quads)[QUAD]; /* the same, filled up with 0; NULL when a tap has more */
};

static void axis_release(struct axis *axis)
{
    mem_free(&axis->taps);
    mem_free(&axis->weights);
    mem_free(&axis->quads);
}

/* The share of [from, to) that lies in each input pixel, rounded so that the sum is exact. */
static int area_weights(double from, double to, int first, int last, int32_t *weights)
{
    int32_t given = 0;

    for (int i = first; i <= last; i++) {
        double upto = i == last ? 1.0 : (i + 1 - from) / (to - from);
        int32_t sum = (int32_t)lround(upto * ONE);
        weights[i - first] = sum - given;
        given = sum;
    }
    return last - first + 1;
}

static int area_tap(int in, double from, double to, struct tap *tap, int32_t *weights)
{
    int first = (int)from;
    int last = (int)ceil(to) - 1;

    last = last >= in ? in - 1 : last;
    first = first > last ? last : first;
    tap->first = first;
    return area_weights(from, to, first, last, weights);
}

static int linear_tap(int in, double centre, struct tap *tap, int32_t *weights)
{
    double at = centre - 0.5 < 0 ? 0 : centre - 0.5;
    int first = (int)at >= in - 1 ? in - 1 : (int)at;

    tap->first = first;
    if (first == in - 1) {
        weights[0] = ONE;
        return 1;
    }
    weights[1] = (int32_t)lround((at - first) * ONE);
    weights[0] = ONE - weights[1];
    return 2;
}

static void axis_init(struct axis *axis, int in, int out)
{
    double step = (double)in / out;
    size_t used = 0;

    axis->taps = mem_alloc_array((size_t)out, sizeof(*axis->taps));
    axis->weights = mem_alloc_array((size_t)in + 3 * (size_t)out, sizeof(*axis->weights));
    for (int i = 0; i < out; i++) {
        struct tap *tap = &axis->taps[i];
        tap->weights = axis->weights + used;
        tap->count = out <= in ? area_tap(in, i * step, (i + 1) * step, tap, axis->weights + used)
                               : linear_tap(in, (i + 0.5) * step, tap, axis->weights + used);
        used += (size_t)tap->count;
    }
    assert(used <= (size_t)in + 3 * (size_t)out);
}

/* Most scaling is by less than three: a fixed number of weights needs no inner loop. */
static void axis_make_quads(struct axis *axis, int out)
{
    for (int i = 0; i < out; i++)
        if (axis->taps[i].count > QUAD)
            return;
    axis->quads = mem_alloc_array((size_t)out, sizeof(*axis->quads));
    for (int i = 0; i < out; i++)
        memcpy(axis->quads[i], axis->taps[i].weights,
               (size_t)axis->taps[i].count * sizeof(axis->quads[i][0]));
}

HOT_LOOP
static void add_row(int32_t *restrict sum, const uint8_t *restrict row, int32_t weight, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum[i] += row[i] * weight;
}

HOT_LOOP
static void finish_row(const int32_t *restrict sum, uint8_t *restrict row, size_t len)
{
    for (size_t i = 0; i < len; i++)
        row[i] = (uint8_t)((sum[i] + ONE / 2) / ONE);
}

static void rows_pass(const struct picture *in, const struct tap *tap, size_t row_len, int32_t *sum,
                      uint8_t *restrict row)
{
    memset(sum, 0, row_len * sizeof(*sum));
    for (int i = 0; i < tap->count; i++)
        add_row(sum, in->pixels + (size_t)(tap->first + i) * row_len, tap->weights[i], row_len);
    finish_row(sum, row, row_len);
}

static void within_quads_gray(const uint8_t *row, const struct axis *axis, int width, uint8_t *out)
{
    for (int x = 0; x < width; x++) {
        const uint8_t *from = row + axis->taps[x].first;
        const int32_t *weights = axis->quads[x];
        int32_t sum = from[0] * weights[0] + from[1] * weights[1] + from[2] * weights[2] +
                      from[3] * weights[3];
        out[x] = (uint8_t)((sum + ONE / 2) / ONE);
    }
}

static void within_pass_gray(const uint8_t *row, const struct tap *taps, int width, uint8_t *out)
{
    for (int x = 0; x < width; x++) {
        const uint8_t *from = row + taps[x].first;
        int32_t sum = ONE / 2;
        for (int i = 0; i < taps[x].count; i++)
            sum += from[i] * taps[x].weights[i];
        out[x] = (uint8_t)(sum / ONE);
    }
}

static void within_pass_rgb(const uint8_t *row, const struct tap *taps, int width, uint8_t *out)
{
    for (int x = 0; x < width; x++) {
        const uint8_t *from = row + (size_t)taps[x].first * 3;
        int32_t red = ONE / 2, green = ONE / 2, blue = ONE / 2;
        for (int i = 0; i < taps[x].count; i++, from += 3) {
            red += from[0] * taps[x].weights[i];
            green += from[1] * taps[x].weights[i];
            blue += from[2] * taps[x].weights[i];
        }
        *out++ = (uint8_t)(red / ONE);
        *out++ = (uint8_t)(green / ONE);
        *out++ = (uint8_t)(blue / ONE);
    }
}

struct picture *picture_scale(const struct picture *picture, int width, int height)
{
    size_t channels = picture->format == PICTURE_RGB ? 3 : 1;
    size_t row_len = (size_t)picture->width * channels;
    AUTO(axis_release) struct axis across = {0};
    AUTO(axis_release) struct axis down = {0};
    AUTO(mem_free) int32_t *sum = mem_alloc_array(row_len, sizeof(*sum));
    AUTO(mem_free) uint8_t *row = mem_alloc(row_len + QUAD); /* a quad may look behind the end */
    struct picture *scaled = picture_new(picture->format, width, height);

    axis_init(&across, picture->width, width);
    axis_init(&down, picture->height, height);
    axis_make_quads(&across, width);
    for (int y = 0; y < height; y++) {
        uint8_t *out = scaled->pixels + (size_t)y * (size_t)width * channels;
        rows_pass(picture, &down.taps[y], row_len, sum, row);
        if (picture->format == PICTURE_RGB)
            within_pass_rgb(row, across.taps, width, out);
        else if (across.quads)
            within_quads_gray(row, &across, width, out);
        else
            within_pass_gray(row, across.taps, width, out);
    }
    scaled->full_width = picture->full_width;
    scaled->full_height = picture->full_height;
    return scaled;
}

/* Rec. 601, as JPEG's own Y. */
HOT_LOOP
static void mix_channels(const uint8_t *restrict rgb, uint8_t *restrict gray, size_t count)
{
    for (size_t i = 0; i < count; i++)
        gray[i] =
            (uint8_t)((rgb[i * 3] * 77 + rgb[i * 3 + 1] * 150 + rgb[i * 3 + 2] * 29 + 128) >> 8);
}

struct picture *picture_to_gray(const struct picture *picture)
{
    struct picture *gray = picture_new(PICTURE_GRAY, picture->width, picture->height);
    size_t count = (size_t)picture->width * (size_t)picture->height;

    gray->full_width = picture->full_width;
    gray->full_height = picture->full_height;
    if (picture->format == PICTURE_GRAY)
        memcpy(gray->pixels, picture->pixels, count);
    else
        mix_channels(picture->pixels, gray->pixels, count);
    return gray;
}

HOT_LOOP
static uint32_t sum_of_spreads(const uint8_t *restrict rgb, size_t count)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        uint8_t red = rgb[i * 3], green = rgb[i * 3 + 1], blue = rgb[i * 3 + 2];
        uint8_t most = red > green ? red : green, least = red > green ? green : red;
        most = most > blue ? most : blue;
        least = least < blue ? least : blue;
        sum += (uint32_t)(most - least);
    }
    return sum;
}

/* Of every fourth row, which is as good: neighbours have much the same colour. */
double picture_saturation(const struct picture *picture)
{
    size_t width = (size_t)picture->width, count = 0;
    uint64_t sum = 0;

    if (picture->format != PICTURE_RGB)
        return 0;
    for (size_t y = 0; y < (size_t)picture->height; y += 4) {
        sum += sum_of_spreads(picture->pixels + y * width * 3, width);
        count += width;
    }
    return (double)sum / (double)count;
}

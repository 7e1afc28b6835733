#include "pipeline/motion_pixels.h"

#include "media/hot.h"

#include <string.h>

#define SHOWN_TOLERANCE 20 /* grey levels by which a resting pixel may flicker */

#define ALWAYS_INLINE inline __attribute__((always_inline))

HOT_LOOP
void pixels_compare(const uint8_t *restrict picture, const uint16_t *restrict mean,
                    const uint16_t *restrict deviation, struct pixels_threshold threshold,
                    uint8_t *restrict changed, size_t count)
{
    uint16_t floor = threshold.floor, most = threshold.ceiling / 3;

    for (size_t i = 0; i < count; i++) {
        uint16_t shown = (uint16_t)(picture[i] * PIXELS_SCALE);
        uint16_t far = (uint16_t)(shown > mean[i] ? shown - mean[i] : mean[i] - shown);
        uint16_t deviates = deviation[i] > most ? most : deviation[i];
        uint16_t allowed = (uint16_t)(deviates * 3);
        allowed = allowed < floor ? floor : allowed;
        changed[i] = far > allowed ? 255 : 0;
    }
}

HOT_LOOP
void pixels_without_restless(const uint8_t *restrict changed, const uint8_t *restrict restless,
                             uint8_t limit, uint8_t *restrict mask, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t quiet = restless[i] > limit ? 0 : 255;
        mask[i] = changed[i] & quiet;
    }
}

HOT_LOOP
static void erode_rows(const uint8_t *restrict above, const uint8_t *restrict row,
                       const uint8_t *restrict below, uint8_t *restrict out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = above[i] & row[i] & below[i];
}

HOT_LOOP
static void dilate_rows(const uint8_t *restrict above, const uint8_t *restrict row,
                        const uint8_t *restrict below, uint8_t *restrict out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = above[i] | row[i] | below[i];
}

typedef void combine_rows(const uint8_t *restrict above, const uint8_t *restrict row,
                          const uint8_t *restrict below, uint8_t *restrict out, size_t count);

/* Downwards first, then sideways: both are three shifted copies of a row put together. */
static void morph(const uint8_t *in, uint8_t *out, uint8_t *spare, int width, int height,
                  combine_rows *combine)
{
    size_t stride = (size_t)width;

    for (int y = 0; y < height; y++) {
        const uint8_t *row = in + (size_t)y * stride;
        combine(y > 0 ? row - stride : row, row, y < height - 1 ? row + stride : row,
                spare + (size_t)y * stride, stride);
    }
    for (int y = 0; y < height; y++) {
        const uint8_t *row = spare + (size_t)y * stride;
        uint8_t *to = out + (size_t)y * stride;
        combine(row, row + 1, row + 2, to + 1, stride - 2);
        combine(row, row, row + 1, to, 1);
        combine(row + stride - 2, row + stride - 1, row + stride - 1, to + stride - 1, 1);
    }
}

void pixels_erode(const uint8_t *in, uint8_t *out, uint8_t *spare, int width, int height)
{
    morph(in, out, spare, width, height, erode_rows);
}

void pixels_dilate(const uint8_t *in, uint8_t *out, uint8_t *spare, int width, int height)
{
    morph(in, out, spare, width, height, dilate_rows);
}

HOT_LOOP
size_t pixels_count(const uint8_t *mask, size_t count)
{
    size_t set = 0;

    for (size_t i = 0; i < count; i++)
        set += mask[i] & 1;
    return set;
}

HOT_LOOP
void pixels_gain(uint16_t *mean, unsigned gain, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t brought = mean[i] * gain / 256;
        mean[i] = (uint16_t)(brought > 255 * PIXELS_SCALE ? 255 * PIXELS_SCALE : brought);
    }
}

/* value + (target - value) * rate, rounded; all of it fits 16 bits. */
static ALWAYS_INLINE int16_t approach(int16_t value, int16_t target, int16_t rate)
{
    int16_t away = (int16_t)(target - value);

    return (int16_t)(value + (int16_t)((away * rate + 16384) >> 15));
}

HOT_LOOP
void pixels_learn(const uint8_t *restrict picture, const uint8_t *restrict mask, int16_t rate,
                  int16_t slow_rate, uint16_t *restrict mean, uint16_t *restrict deviation,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int16_t by = mask[i] ? slow_rate : rate;
        int16_t shown = (int16_t)(picture[i] * PIXELS_SCALE), was = (int16_t)mean[i];
        int16_t away = (int16_t)(shown > was ? shown - was : was - shown);
        mean[i] = (uint16_t)approach(was, shown, by);
        deviation[i] = (uint16_t)approach((int16_t)deviation[i], away, by);
    }
}

HOT_LOOP
void pixels_age(const uint8_t *restrict picture, const uint8_t *restrict mask, uint8_t seconds,
                uint8_t *restrict shown, uint8_t *restrict age, size_t count)
{
    uint8_t youngest_full = (uint8_t)(255 - seconds);

    for (size_t i = 0; i < count; i++) {
        uint8_t now = picture[i], was = shown[i];
        uint8_t far = (uint8_t)(now > was ? now - was : was - now);
        uint8_t older = (uint8_t)(age[i] > youngest_full ? 255 : age[i] + seconds);
        uint8_t near = far <= SHOWN_TOLERANCE ? 255 : 0;
        uint8_t same = near & mask[i];
        uint8_t blended = (uint8_t)((3 * was + now + 2) >> 2);
        age[i] = older & same;
        shown[i] = (uint8_t)((blended & same) | (now & ~same));
    }
}

HOT_LOOP
void pixels_restless(const uint8_t *restrict changed, uint8_t *restrict before,
                     uint8_t *restrict restless, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t is = restless[i];
        uint8_t up = (uint8_t)(is + ((255 - is) >> 5));
        uint8_t down = (uint8_t)(is - ((is + 31) >> 5));
        restless[i] = changed[i] != before[i] ? up : down;
        before[i] = changed[i];
    }
}

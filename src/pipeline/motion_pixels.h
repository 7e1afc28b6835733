/* motion_pixels: the loops of the motion detector that touch every pixel, and nothing else.
 *
 * Brightness is x128 in 16 bits (0..32640). A mask has one byte a pixel, 0 or 255. Planes have
 * width * height elements without padding. Pure; thread: any. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define PIXELS_SCALE 128

struct pixels_threshold {
    uint16_t floor, ceiling; /* x128; the threshold is 3 deviations, within these */
};

/* changed = |picture - mean| above the threshold of each pixel. */
void pixels_compare(const uint8_t *picture, const uint16_t *mean, const uint16_t *deviation,
                    struct pixels_threshold threshold, uint8_t *changed, size_t count);

/* mask = changed, where `restless` is not above `limit`. */
void pixels_without_restless(const uint8_t *changed, const uint8_t *restless, uint8_t limit,
                             uint8_t *mask, size_t count);

/* 3x3, the pixels outside count as their neighbours inside. `spare` is a plane too. */
void pixels_erode(const uint8_t *in, uint8_t *out, uint8_t *spare, int width, int height);
void pixels_dilate(const uint8_t *in, uint8_t *out, uint8_t *spare, int width, int height);

size_t pixels_count(const uint8_t *mask, size_t count);

/* mean *= gain / 256. */
void pixels_gain(uint16_t *mean, unsigned gain, size_t count);

/* Mean and mean deviation move towards the picture by rate / 32768, by slow_rate where masked. */
void pixels_learn(const uint8_t *picture, const uint8_t *mask, int16_t rate, int16_t slow_rate,
                  uint16_t *mean, uint16_t *deviation, size_t count);

/* What a changed pixel shows and for how many seconds it has shown that: a thing that rests. */
void pixels_age(const uint8_t *picture, const uint8_t *mask, uint8_t seconds, uint8_t *shown,
                uint8_t *age, size_t count);

/* How often a pixel turns from changed to unchanged or back, as a share x255 of the last 32
 * pictures or so: leaves, water, a clock. `before` becomes `changed`. */
void pixels_restless(const uint8_t *changed, uint8_t *before, uint8_t *restless, size_t count);

/* Pictures for tests, made at run time: a still scene with some texture, things in it, noise. */
#pragma once

#include "base/buf.h"
#include "media/picture.h"

#include <png.h>
#include <stdint.h>
#include <string.h>

static inline uint8_t clamp_byte(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static inline void paint_rectangle(struct picture *picture, int x, int y, int width, int height,
                                   uint32_t colour)
{
    for (int row = y < 0 ? 0 : y; row < y + height && row < picture->height; row++)
        for (int column = x < 0 ? 0 : x; column < x + width && column < picture->width; column++) {
            size_t at = (size_t)row * (size_t)picture->width + (size_t)column;
            if (picture->format == PICTURE_GRAY) {
                picture->pixels[at] = (uint8_t)colour;
                continue;
            }
            picture->pixels[at * 3] = (uint8_t)(colour >> 16);
            picture->pixels[at * 3 + 1] = (uint8_t)(colour >> 8);
            picture->pixels[at * 3 + 2] = (uint8_t)colour;
        }
}

/* A wall over a lawn, with a door and some stripes: enough structure for similarity to mean
 * something. */
static inline struct picture *paint_scene(int width, int height)
{
    struct picture *picture = picture_new(PICTURE_RGB, width, height);

    paint_rectangle(picture, 0, 0, width, height * 6 / 10, 0xB0A090);
    paint_rectangle(picture, 0, height * 6 / 10, width, height, 0x4F7048);
    for (int i = 0; i < 8; i++)
        paint_rectangle(picture, i * width / 8, height / 10, width / 40 + 1, height / 3, 0x807468);
    paint_rectangle(picture, width * 3 / 4, height / 4, width / 10, height * 4 / 10, 0x703828);
    return picture;
}

/* Sensor noise of up to +-amplitude; the same seed gives the same noise. */
static inline void paint_noise(struct picture *picture, uint32_t seed, int amplitude)
{
    size_t channels = picture->format == PICTURE_RGB ? 3 : 1;
    size_t count = (size_t)picture->width * (size_t)picture->height;

    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        int noise = (int)((seed >> 16) % (unsigned)(2 * amplitude + 1)) - amplitude;
        for (size_t c = 0; c < channels; c++)
            picture->pixels[i * channels + c] =
                clamp_byte(picture->pixels[i * channels + c] + noise);
    }
}

/* brightness * percent / 100 + offset, as another exposure would. */
static inline void paint_exposure(struct picture *picture, int percent, int offset)
{
    size_t bytes =
        (size_t)picture->width * (size_t)picture->height * (picture->format == PICTURE_RGB ? 3 : 1);

    for (size_t i = 0; i < bytes; i++)
        picture->pixels[i] = clamp_byte(picture->pixels[i] * percent / 100 + offset);
}

/* As an infrared camera sees it: no colour, another tone. */
static inline void paint_infrared(struct picture *picture)
{
    size_t count = (size_t)picture->width * (size_t)picture->height;

    for (size_t i = 0; i < count; i++) {
        uint8_t *pixel = picture->pixels + i * 3;
        pixel[0] = pixel[1] = pixel[2] = clamp_byte(pixel[0] / 4 + 40 + (pixel[1] < 0x78 ? 60 : 0));
    }
}

/* Any 8- or 16-bit layout libpng's simplified interface writes; `row_stride` in its units. */
static inline void add_png(struct buf *out, const void *pixels, int width, int height,
                           uint32_t format, const void *colours, unsigned colour_count)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)width,
                       .height = (png_uint_32)height,
                       .format = format,
                       .colormap_entries = colour_count};
    png_alloc_size_t size = 0;

    png_image_write_to_memory(&image, NULL, &size, 0, pixels, 0, colours);
    png_image_write_to_memory(&image, buf_reserve(out, size), &size, 0, pixels, 0, colours);
    out->len += size;
}

static inline void add_jpeg(struct buf *out, const struct picture *picture)
{
    if (picture_encode_jpeg(picture, 85, out) != 0)
        __builtin_trap();
}

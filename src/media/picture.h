/* picture: a decoded image, and the ways in and out.
 *
 * Decoding reads the whole file, so a truncated one is refused, never half used. JPEG is scaled
 * while decoding (the library's n/8 factors), which makes a small picture nearly free.
 * Thread: any; a picture belongs to one owner.
 * Limit: PICTURE_PIXELS_MAX of the original, PICTURE_BYTES_MAX of the file; the header is looked at
 * first, so a lying one costs nothing. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "base/span.h"

#include <stdint.h>

#define PICTURE_PIXELS_MAX (40LL * 1000 * 1000)
#define PICTURE_BYTES_MAX (32LL * 1024 * 1024)

enum picture_format { PICTURE_GRAY, PICTURE_RGB };

struct picture {
    enum picture_format format;
    int width, height;
    int full_width, full_height; /* of the file, before scaling */
    uint8_t *pixels;             /* owned; rows of width * (1 or 3) bytes without padding */
};

void picture_free(struct picture **picture);
struct picture *picture_new(enum picture_format format, int width, int height); /* black */

/* Why a file was refused: a stable word for counters and quarantine records, and a sentence. */
struct picture_refusal {
    const char *reason; /* "empty", "too_small", "too_large", "too_many_pixels", "not_a_picture",
                           "truncated", "unsupported" */
    struct buf detail;
};

/* Decodes JPEG or PNG (by content, not by name) so that it is not smaller than min_width x
 * min_height where the original is not either (0, 0: full size). Returns 0, or -EINVAL with *why
 * filled (caller releases detail), or -errno. */
MUST_CHECK int picture_decode(struct span file, enum picture_format format, int min_width,
                              int min_height, struct picture **ret_picture,
                              struct picture_refusal *why);
/* The same from an open file. */
MUST_CHECK int picture_read(int fd, enum picture_format format, int min_width, int min_height,
                            struct picture **ret_picture, struct picture_refusal *why);

/* Area averaging down, bilinear up. */
struct picture *picture_scale(const struct picture *picture, int width, int height);
struct picture *picture_to_gray(const struct picture *picture);

/* Mean saturation 0..255 of an RGB picture: near 0 means the camera is in infrared mode. */
double picture_saturation(const struct picture *picture);

MUST_CHECK int picture_encode_jpeg(const struct picture *picture, int quality, struct buf *out);

/* What the files of picture share: one decoder per format, and how a file is refused. */
#pragma once

#include "media/picture.h"

#include <stdbool.h>

#define PICTURE_SIDE_MIN 8
#define PICTURE_SIDE_MAX 65535

/* No camera compresses better than one byte for this many pixels; a file that claims more pixels
 * than its bytes could hold is refused before anything is allocated for it. */
#define PICTURE_PIXELS_PER_BYTE_MAX 4096

struct picture_wish {
    enum picture_format format;
    int min_width, min_height;
};

/* Fills *why (NULL: nobody asks) and returns -EINVAL. */
int picture_refuse(struct picture_refusal *why, const char *reason, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Whether pictures of this size are taken, from `len` bytes; 0 or -EINVAL with *why. */
MUST_CHECK int picture_check_size(long long width, long long height, size_t len,
                                  struct picture_refusal *why);

/* 1, 2, 4 or 8: by how much both sides may shrink and still fulfil the wish. */
int picture_shrink_factor(const struct picture_wish *wish, int width, int height);

bool jpeg_is(struct span file);
MUST_CHECK int jpeg_decode(struct span file, const struct picture_wish *wish,
                           struct picture **ret_picture, struct picture_refusal *why);

bool png_is(struct span file);
MUST_CHECK int png_decode(struct span file, const struct picture_wish *wish,
                          struct picture **ret_picture, struct picture_refusal *why);

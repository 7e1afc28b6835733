/* thumbnail_generator: ThumbnailGenerator. <data_dir>/thumbnails/<detection id>_thumb.jpg, written
 * by rename. Thread: workers. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "base/span.h"
#include "store/detections.h"

struct thumbnail_settings {
    const char *folder;
    int width, height, quality, font_size; /* 320, 240, 85, 14 */
};

/* Draws the detection's box on its picture. `file` is the picture's bytes, or the empty span: read
 * from file_path. ret_path: the absolute path of the thumbnail. Returns 0 or -errno with why. */
MUST_CHECK int thumbnail_generate(const struct thumbnail_settings *settings,
                                  const struct detection *detection, struct span file,
                                  struct buf *ret_path, struct buf *why);

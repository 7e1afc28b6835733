/* video_module: what vigil-video.so gives to the program that loads it.
 *
 * The module knows nothing of Vigil's own code: plain bytes go over, into memory that the program
 * owns. Private to video.c and video_module.c. */
#pragma once

#include "media/video.h"

#include <stddef.h>

#define VIDEO_MODULE_VERSION 1
#define VIDEO_MODULE_SYMBOL "vigil_video_module"

struct video_stream; /* the module's */

struct video_module {
    unsigned version;
    /* 0, or -EINVAL with a sentence in `why`. */
    int (*open)(const char *path, struct video_info *ret_info, struct video_stream **ret_stream,
                char *why, size_t why_size);
    void (*close)(struct video_stream **stream);
    /* 1: `rgb` holds a frame of width x height; 0: the end; -EIO. */
    int (*frame_at)(struct video_stream *stream, double seconds, unsigned char *rgb);
};

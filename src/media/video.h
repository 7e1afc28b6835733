/* video: frames of a video file, in order, in process (FFmpeg).
 *
 * FFmpeg's libraries and what they pull in weigh more than Vigil itself (the first video opened
 * adds 31 MB of resident memory on Debian 12), so they sit in a module of their own,
 * `vigil-video.so` beside the program, which is loaded then.
 * Thread: a video belongs to one thread. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "media/picture.h"

struct video;

struct video_info {
    int width, height;
    double duration; /* s; 0 when unknown */
    double fps;
    char codec[32];
};

/* Returns 0, -EINVAL (not a video we can read) or -ENOSYS (the module is missing), with `why`. */
MUST_CHECK int video_open(const char *path, struct video **ret_video, struct buf *why);
void video_close(struct video **video);
const struct video_info *video_info_of(const struct video *video);

/* The next frame at or after `seconds` from the beginning, as RGB. Returns 1 with a picture, 0 at
 * the end, -EIO. */
MUST_CHECK int video_frame_at(struct video *video, double seconds, struct picture **ret_picture);

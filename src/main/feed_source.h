/* feed_source: where the pictures of a feed come from. Thread: one at a time.
 * Limit: FEED_FILES_MAX pictures of a folder. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "main/feed.h"

#define FEED_FILES_MAX 100000
#define FEED_QUALITY 85

struct feed_source;

/* 0; -EINVAL, -ENOENT … with `why`. */
MUST_CHECK int feed_source_open(const struct feed_settings *settings,
                                struct feed_source **ret_source, struct buf *why);
void feed_source_close(struct feed_source **source);

/* "scenes", "video" or "pictures". */
const char *feed_source_kind(const struct feed_source *source);

/* The picture `seconds` after the beginning, which never goes back, as the bytes of a JPEG. 1 with
 * a picture, 0 at the end (the next call begins again, with seconds counted from there), -EINVAL
 * with `why`: this picture is left out; another -errno with `why`: no more will come. */
MUST_CHECK int feed_source_next(struct feed_source *source, double seconds, struct buf *ret_jpeg,
                                struct buf *why);

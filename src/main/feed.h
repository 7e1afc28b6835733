/* feed: plays a camera. Pictures arrive in a camera's folder as a Foscam would leave them: one JPEG
 * per interval, MDAlarm_YYYYMMDD-HHMMSS-NNN.jpg, written under a hidden name and renamed. No two
 * are the same bytes (each carries the moment in a comment), so a source that repeats is not taken
 * for a duplicate. Thread: the calling one; `vigil serve --demo` calls it in a child process. */
#pragma once

#include "base/own.h"

#define FEED_INTERVAL_MIN 0.02
#define FEED_INTERVAL_MAX 86400.0
#define FEED_SPEED_MAX 10000.0

struct feed_settings {
    const char *root;   /* FOSCAM_BASE_PATH; made if missing */
    const char *camera; /* the folder below it */
    const char *source; /* a video, a folder of pictures, or NULL: drawn scenes */
    double interval;    /* s, between pictures and within the source */
    double speed;      /* times as fast as the source, which is how tests get an hour in a minute */
    double begin;      /* s into the source (pictures into a folder count as `interval` each) */
    long count;        /* pictures; 0: no end */
    int width, height; /* 0, 0: the source's own */
    enum feed_repeat { FEED_REPEAT, FEED_ONCE } repeat;
};

extern const struct feed_settings feed_settings_default;

/* Until SIGINT or SIGTERM, the count, or the end of what is played once. Says on standard error
 * what goes wrong. Returns the exit status: 0, or 1 when the source cannot be played or the folder
 * is gone. */
MUST_CHECK int feed_play(const struct feed_settings *settings);

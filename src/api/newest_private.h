/* newest: the pictures of a folder and those below it that changed last.
 *
 * Links are not followed and hidden files not seen: what is still being written is often hidden.
 * Limit: NEWEST_DEPTH_MAX levels, NEWEST_ENTRIES_MAX names; of more, those met first are looked at.
 * Thread: workers. */
#pragma once

#include "base/buf.h"

#include <stddef.h>
#include <time.h>

#define NEWEST_DEPTH_MAX 8
#define NEWEST_ENTRIES_MAX 200000
#define NEWEST_KEPT 16

struct newest_file {
    struct timespec modified;
    char *path; /* relative to the folder */
};

struct newest {
    struct newest_file files[NEWEST_KEPT]; /* the newest first */
    size_t count;
    unsigned entries;
    struct buf here; /* the folder being walked, with a slash at its end */
};

/* folder: an open one, O_PATH is enough. */
void newest_find(int folder, struct newest *ret_newest);
void newest_release(struct newest *newest);

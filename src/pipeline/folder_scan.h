/* folder_scan: walks the folders below the camera root, a few entries at a time.
 *
 * A tree may hold a million pictures, so a walk is made in steps and whoever owns it goes on with
 * other things in between. Hidden names are left out, links are not followed. Not for two threads
 * at once; blocks for the disk.
 * Limit: FOLDER_DEPTH_MAX levels below the root, SCAN_FOLDERS_MAX folders that wait in one walk. */
#pragma once

#include "base/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define FOLDER_DEPTH_MAX 16
#define SCAN_FOLDERS_MAX 65536

struct folder_scan;

/* A file is of interest when one of these holds. INT64_MIN: every file; SCAN_NEVER: by none. */
struct scan_bound {
    int64_t modified_since; /* its content changed then or later */
    int64_t born_since;     /* it was created on this disk then or later, whatever its mtime says */
    int64_t changed_since;  /* it was created, moved here or changed then or later */
};
#define SCAN_NEVER INT64_MAX

bool scan_bound_admits(const struct scan_bound *bound, const struct statx *info);
int64_t statx_modified_at(const struct statx *info);

struct folder_scan_type {
    /* Before the entries of a folder are read, so that a watch set here misses nothing. `fd` is
     * the open folder. depth: 0 the root, 1 a camera's. Below 0: the folder is left out. */
    int (*on_folder)(void *owner, int fd, const char *path, unsigned depth);
    /* A picture or video by its name, whatever it is by its mode. */
    void (*on_file)(void *owner, const char *path, const struct statx *info);
    /* "symlink" (to a folder), "unreadable", "too_deep", "too_many_folders". */
    void (*on_skipped)(void *owner, const char *path, const char *reason, int error);
};

/* `start` is the root or a folder below it. Strings are copied, `type` and `owner` borrowed. */
struct folder_scan *folder_scan_new(const char *root, const char *start,
                                    const struct scan_bound *bound,
                                    const struct folder_scan_type *type, void *owner);
void folder_scan_free(struct folder_scan **scan);

/* Looks at about `entries` of them. Returns 1 when there is more, 0 at the end. */
MUST_CHECK int folder_scan_step(struct folder_scan *scan, size_t entries);

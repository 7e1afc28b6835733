/* file: files that may be shown, and nothing else of the disk.
 *
 * What is opened is where it says: the file's real place is asked of the kernel after it was
 * opened, so no link and no race leads out of the base folder. Thread: workers. */
#pragma once

#include "base/own.h"
#include "base/span.h"
#include "net/http/http.h"

#include <stdbool.h>

struct call;

void file_close(int *fd); /* AUTO(file_close) int fd = -1; */

/* A regular file at or below `base`; `path` is absolute or relative to base. Returns 0, -EACCES
 * (it lies outside, or may not be read), -ENOENT (no such file, or not a regular one), -errno. */
MUST_CHECK int file_open_below(const char *base, const char *path, int *ret_fd);

/* The same for a folder, as O_PATH. */
MUST_CHECK int file_open_folder_below(const char *base, const char *path, int *ret_fd);

/* By the extension: pictures and videos; NULL for everything else. */
const char *file_media_type(struct span name);
bool file_is_picture(struct span name); /* what a snapshot may be */

/* An opened picture or video, with its name in Content-Disposition. Takes fd over. */
struct http_response *file_answer_media(const struct call *call, int *fd, struct span name,
                                        const char *cache_control);

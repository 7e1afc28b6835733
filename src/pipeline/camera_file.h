/* camera_file: opening what lies below the camera root, and nothing else.
 *
 * Whoever may write into a camera's folder chooses the names in it, so no link is followed below
 * the root, whatever is swapped while we look (openat2 with RESOLVE_BENEATH and
 * RESOLVE_NO_SYMLINKS; where the kernel lacks it, the last component at least). The root itself may
 * be reached by links; it is the owner's. Thread: any. */
#pragma once

#include "base/buf.h"
#include "base/own.h"

#include <stdint.h>
#include <sys/stat.h>

/* `root` and `path` are absolute. flags as of open(2); O_CLOEXEC, O_NOFOLLOW and O_NONBLOCK are
 * added, so a named pipe does not hold us up. The root itself may be given. Returns 0; -EINVAL when
 * `path` is not below `root`, -ELOOP for a link, -EXDEV for a way out, or another -errno. */
MUST_CHECK int camera_file_open(const char *root, const char *path, int flags, int *ret_fd);

void fd_close(int *fd); /* AUTO(fd_close) int fd = -1; */

/* The whole regular file. Returns 0; -EFBIG over `max` bytes; -errno. */
MUST_CHECK int camera_file_read(int fd, int64_t max, struct buf *out);

int64_t file_modified_at(const struct stat *info); /* µs */

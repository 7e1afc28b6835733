/* file_write: a file that is either whole or not there.
 *
 * The bytes go to a hidden name beside `path` (".<name>.<random>.part") and get their own name when
 * they are complete; what stood there before is replaced in one step. Nothing is left behind on
 * failure. Not synced: after a power cut the old or the new file stands there, or an empty one.
 * Thread: any; may block. */
#pragma once

#include "base/own.h"
#include "base/span.h"

#include <sys/types.h>

/* Returns 0 or -errno. */
MUST_CHECK int file_write(const char *path, struct span bytes, mode_t mode);

/* camera_folder: what a path below the camera root says: whose it is, and what kind of file.
 *
 * Pure, no I/O. Names come from whoever can write into the folders, so any byte but '/' and NUL may
 * occur. Thread: any. */
#pragma once

#include "base/own.h"
#include "base/span.h"

#include <stdbool.h>

#define CAMERA_ID_SIZE 65 /* 64 of [a-z0-9_] and the end */

enum media_kind { MEDIA_OTHER, MEDIA_IMAGE, MEDIA_VIDEO };

/* The camera's id from its folder's name: trimmed, lower case, runs of blanks, hyphens and
 * underscores become one '_', every other character that is not an ASCII letter or digit is
 * dropped; cut at 64. A name of which nothing stays, but which has letters of another script, gives
 * "camera_" and eight digits of its digest. Returns 0, or -EINVAL when there is nothing to name a
 * camera by. */
MUST_CHECK int camera_id_normalise(struct span folder, char ret_id[CAMERA_ID_SIZE]);

/* The first component of `path` below `root` (both absolute, root without a slash at its end).
 * Returns 0, -ENOENT for a file directly in the root, or -EINVAL for a path that is not below it.
 */
MUST_CHECK int camera_folder_of(struct span root, struct span path, struct span *ret_folder);

/* By the extension, whatever its case: .jpg .jpeg .png are pictures, .mp4 .mkv .avi .mov videos. */
enum media_kind media_kind_of(struct span path);
const char *media_mime_of(struct span path); /* "image/jpeg" …, "application/octet-stream" */
bool media_is_hidden(struct span name);      /* begins with a dot */

bool text_is_utf8(struct span text); /* RFC 3629: no surrogates, nothing over-long */

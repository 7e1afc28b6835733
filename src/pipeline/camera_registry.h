/* camera_registry: which camera a folder is, and how it is with the cameras' folders.
 *
 * A camera comes into being with the first file in its folder (or, when there are no cameras at
 * all, at the start for every folder there is). Its status becomes `error` when a folder that was
 * there is missing or unreadable, and `online` again when the folder is back; each change is a
 * `camera_status` message in the same transaction. A camera that is silent stays as it is.
 *
 * Thread: workers; one camera_registry_check() at a time. */
#pragma once

#include "base/own.h"
#include "base/span.h"
#include "journal/journal.h"
#include "pipeline/camera_folder.h"
#include "store/cameras.h"
#include "store/store.h"

#include <stddef.h>

struct camera_registry;

/* `root` is copied, the rest borrowed. */
struct camera_registry *camera_registry_new(struct store *store, struct journal *journal,
                                            const char *root);
void camera_registry_free(struct camera_registry **registry);

/* Within a write transaction: the camera of this folder of the root, made when there is none. Two
 * folders whose names normalise to one id share the camera. Returns 0; -EINVAL when the name
 * gives no id or is not UTF-8; -ENOENT when the camera was deleted (ret_id says which); -errno. */
MUST_CHECK int camera_registry_resolve(const struct camera_registry *registry, struct store_tx *tx,
                                       struct span folder, char ret_id[CAMERA_ID_SIZE]);

/* Makes a camera of every folder of the root when there is no camera yet. Returns how many, or
 * -errno. Blocks. */
MUST_CHECK int camera_registry_bootstrap(struct camera_registry *registry);

/* Compares folders and statuses, writes and tells what changed. Returns 0 or the last -errno; what
 * could not be written is found again by the next check. Blocks. */
MUST_CHECK int camera_registry_check(struct camera_registry *registry);

/* NULL when the folder can be listed, else a stable word: "root_missing", "folder_missing",
 * "not_a_folder", "folder_unreadable"; ret_error is then the -errno. */
const char *camera_folder_trouble(const char *root, const char *path, int *ret_error);

/* The text with control characters as blanks and what is no UTF-8 as '?'; mem_free(). */
char *text_printable(struct span text);

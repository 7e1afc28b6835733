/* file_watcher: FileWatcher. Turns the files that cameras drop below FOSCAM_BASE_PATH into
 * detection jobs, and loses none.
 *
 * Native: inotify on every folder. A file is examined once it was closed or moved here and nothing
 * more happened to it for the debounce time; one that was found by a walk must also have stopped
 * changing. Polling (when asked for, or when the system gives no watches): every folder is listed
 * each interval, and what is new must keep its size for the stability time.
 *
 * Nothing is forgotten: what the kernel's queue or ours could not hold is found by a walk; a file
 * that cannot be entered because the store cannot write stays pending and is tried again; files
 * that came while nobody watched are found at the start by comparing the folders with the intake
 * table. When detection_queue is nearly full, files wait in their folders.
 *
 * Thread: start and stop on the main thread. Its loop and two workers are its own: they touch the
 * disk. Limit: see file_watcher_limits. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "pipeline/camera_registry.h"
#include "pipeline/stage.h"

#include <stddef.h>
#include <stdint.h>

struct file_watcher;

struct file_watcher_limits {
    size_t pending_max;      /* files that wait; beyond it the folders are walked again */
    size_t watched_max;      /* folders with a watch; beyond it polling takes over */
    int64_t folder_check_us; /* how often folders are looked after */
};
extern const struct file_watcher_limits file_watcher_limits_default; /* 4096, 65536, 3 s */

/* last_seen: when a file was last entered, 0: never. Returns 0 or -errno with `why`. */
MUST_CHECK int file_watcher_start(const struct stage *stage, struct camera_registry *registry,
                                  const struct file_watcher_limits *limits, int64_t last_seen,
                                  struct file_watcher **ret_watcher, struct buf *why);
/* Ends what is being examined; the rest is found at the next start. */
void file_watcher_stop(struct file_watcher **watcher);

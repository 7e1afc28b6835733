/* The inside of the file watcher: file_watcher.c starts, stops and looks after the folders;
 * watcher_desk.c says whose turn it is; watcher_entry.c brings files in; watcher_native.c hears of
 * them by inotify; watcher_walk.c finds them. Everything here belongs to the watcher's loop. */
#pragma once

#include "base/list.h"
#include "base/map.h"
#include "loop/lane.h"
#include "loop/latch.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "pipeline/file_intake.h"
#include "pipeline/file_watcher.h"
#include "pipeline/folder_scan.h"
#include "pipeline/pending_files.h"
#include "pipeline/seen_set.h"

#include <sys/types.h>

#define WATCHER_COMPONENT "file_watcher"
#define EXAMINE_THREADS 2
#define EXAMINED_AT_ONCE_MAX 64  /* files being examined or entered */
#define SILENCED_MAX 4096        /* folders about which something was said once */
#define CLOCK_SLACK_US 2000000LL /* how far a file's clock may lag behind ours */

/* What files come in by. */
struct desk {
    struct pending_files *pending;
    struct list entering;  /* struct entry: in the order in which they will be entered */
    unsigned under_way;    /* examined or entered now */
    unsigned stalls;       /* failed writes in a row */
    int64_t stalled_until; /* monotonic */
    int64_t missed_since;  /* wall clock of the first file there was no room for; 0: none */
    struct timer timer;
};

/* inotify. */
struct native {
    int fd; /* -1 while polling or lost */
    struct watch *watch;
    struct map *by_wd, *by_path; /* struct watched_folder */
    int64_t drained_at;          /* wall clock: every event until then was read */
    int failure;                 /* -errno: a folder could not be watched */
};

/* Walks: after a start, a new folder, an overflow; and all of polling. */
struct walks {
    struct list waiting; /* struct wanted_walk */
    size_t waiting_count;
    struct folder_scan *scan; /* NULL: none under way */
    struct scan_bound bound;  /* of the walk under way */
    int64_t found_due;        /* monotonic: what this walk finds is due together */
    bool is_paused;           /* no room for more files */
    bool is_posted;           /* a step is in the mailbox */
    bool is_poll;
    struct timer poll_timer;
    struct seen_set seen, seen_now;
    bool is_folder_new, had_trouble;
    struct scan_bound poll_bound; /* for folders that the last poll did not see */
    int64_t poll_started_at;
};

struct file_watcher {
    const struct stage *stage;
    struct camera_registry *registry;
    struct file_watcher_limits limits;
    struct scan_bound start_bound;
    const char *root;
    struct loop *loop;
    struct lane *lane;
    struct desk desk;
    struct native native;
    struct walks walks;
    struct map *silenced; /* folder name -> watcher; said once */

    struct timer check_timer;
    bool is_registry_busy;
    dev_t root_device;
    ino_t root_inode;
    int64_t root_seen_at; /* wall clock: the root was well then */
    bool is_root_lost;
    struct map *bad_folders; /* path -> struct bad_folder */

    bool is_stopping;
    struct latch ended;
};

/* ---- file_watcher.c ---- */
int64_t watcher_recent(const struct file_watcher *watcher, int64_t since); /* less the backfill */
/* Looked after until it is well; what the bound admits is then looked for. */
void watcher_folder_is_bad(struct file_watcher *watcher, const char *path,
                           const struct scan_bound *bound);
void watcher_root_is_lost(struct file_watcher *watcher, int error);
void watcher_end_if_idle(struct file_watcher *watcher);
/* True for a picture of a camera; what is left out is said once per folder. */
bool watcher_wants(struct file_watcher *watcher, struct span path);

/* ---- watcher_desk.c ---- */
void desk_init(struct file_watcher *watcher);
void desk_release(struct file_watcher *watcher);
void desk_announce(struct file_watcher *watcher, struct span path); /* closed or moved here */
void desk_find(struct file_watcher *watcher, struct span path, int64_t modified_at);
void desk_forget(struct file_watcher *watcher, struct span path); /* moved away */
bool desk_has_room(const struct file_watcher *watcher);
void desk_run(struct file_watcher *watcher);
void desk_debounce(struct file_watcher *watcher, struct pending_file *file);
void desk_go_on(struct file_watcher *watcher);               /* the store can write again */
void desk_miss(struct file_watcher *watcher, int64_t since); /* files went by unseen since then */

/* ---- watcher_entry.c ---- */
void entry_start(struct file_watcher *watcher, struct pending_file *file);

/* ---- watcher_native.c ---- */
int native_open(struct file_watcher *watcher); /* 0 or -errno: no inotify here */
void native_close(struct file_watcher *watcher);
bool native_is_open(const struct file_watcher *watcher);
/* Returns 0; below 0 the folder is not watched, and native.failure says so when that ends inotify.
 */
int native_watch_folder(struct file_watcher *watcher, int fd, const char *path);

/* ---- watcher_walk.c ---- */
void walks_init(struct file_watcher *watcher);
void walks_release(struct file_watcher *watcher);
void walks_request(struct file_watcher *watcher, const char *path, const struct scan_bound *bound);
void walks_go_on(struct file_watcher *watcher); /* there may be room again */
bool walks_are_finding(const struct file_watcher *watcher);
/* error: why inotify cannot be used, 0 when polling was asked for. Not from within a walk. */
void walks_start_polling(struct file_watcher *watcher, int error);

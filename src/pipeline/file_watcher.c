#include "pipeline/file_watcher.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "pipeline/file_watcher_private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define BAD_FOLDERS_MAX 1024
#define BACKLOG_US (600 * TIME_SECOND)   /* how long a file may have waited before the end */
#define COPY_SLACK_US (60 * TIME_SECOND) /* the same for one that came with an old time */

const struct file_watcher_limits file_watcher_limits_default = {
    .pending_max = 4096,
    .watched_max = 65536,
    .folder_check_us = 3 * TIME_SECOND,
};

/* A folder that could not be read, and what to look for when it can. */
struct bad_folder {
    struct scan_bound bound;
};

/* ---- What is wanted ---- */

static bool is_first_word(struct file_watcher *watcher, struct span about)
{
    if (map_get(watcher->silenced, about) || map_count(watcher->silenced) >= SILENCED_MAX)
        return false;
    map_set(watcher->silenced, about, watcher);
    return true;
}

/* One line about the folder's videos; its name with a slash, so other lines are not silenced. */
static void say_video(struct file_watcher *watcher, struct span folder)
{
    AUTO(mem_free) char *key = mem_printf("%.*s/video", (int)folder.len, folder.at);
    AUTO(mem_free) char *name = text_printable(folder);

    if (is_first_word(watcher, span_of(key)))
        log_info(WATCHER_COMPONENT, "event=videos_left_out folder=%s: only pictures are examined",
                 log_value(name));
}

bool watcher_wants(struct file_watcher *watcher, struct span path)
{
    char id[CAMERA_ID_SIZE];
    struct span folder;

    int r = camera_folder_of(span_of(watcher->root), path, &folder);
    if (r == -ENOENT) {
        if (is_first_word(watcher, SPAN_LITERAL("/root")))
            log_warning(WATCHER_COMPONENT,
                        "event=file_in_root path=%s: a camera's files lie in a "
                        "folder of its own; files here are left alone",
                        log_value(path.at));
        return false;
    }
    if (r < 0)
        return false;
    if (!text_is_utf8(folder) || camera_id_normalise(folder, id) < 0) {
        AUTO(mem_free) char *name = text_printable(folder);
        if (is_first_word(watcher, folder))
            log_warning(WATCHER_COMPONENT,
                        "event=folder_without_id folder=%s: its name must be "
                        "UTF-8 with a letter or digit; its files are left alone",
                        log_value(name));
        return false;
    }
    if (media_kind_of(path) == MEDIA_VIDEO)
        say_video(watcher, folder);
    return media_kind_of(path) == MEDIA_IMAGE;
}

/* ---- Looking after the folders ---- */

int64_t watcher_recent(const struct file_watcher *watcher, int64_t since)
{
    return since - watcher->stage->settings.backfill_us;
}

/* What came while a folder was away: from a moment before it was last well. */
static struct scan_bound bound_since(const struct file_watcher *watcher, int64_t since)
{
    int64_t from = since - watcher->limits.folder_check_us - CLOCK_SLACK_US;

    return (struct scan_bound){watcher_recent(watcher, from), from, from};
}

void watcher_folder_is_bad(struct file_watcher *watcher, const char *path,
                           const struct scan_bound *bound)
{
    if (map_get(watcher->bad_folders, span_of(path)) ||
        map_count(watcher->bad_folders) >= BAD_FOLDERS_MAX)
        return;
    struct bad_folder *bad = mem_alloc(sizeof(*bad));
    bad->bound = *bound;
    map_set(watcher->bad_folders, span_of(path), bad);
}

static void look_after_bad_folders(struct file_watcher *watcher)
{
    struct span key;
    size_t at = 0;
    struct bad_folder *bad;

    while ((bad = map_next(watcher->bad_folders, &at, &key))) {
        AUTO(mem_free) char *path = mem_strndup(key.at, key.len);
        int error = 0;
        if (camera_folder_trouble(watcher->root, path, &error) && error != -ENOENT)
            continue;
        if (error == 0)
            walks_request(watcher, path, &bad->bound);
        map_remove(watcher->bad_folders, span_of(path));
        mem_free(&bad);
        at = 0; /* the map changed: from the beginning */
    }
}

static bool is_camera_folder(const struct file_watcher *watcher, struct span path)
{
    size_t root = strlen(watcher->root);

    return path.len > root + 1 && !memchr(path.at + root + 1, '/', path.len - root - 1);
}

/* Cameras' folders that became unreadable: inotify says nothing about that. */
static void look_for_bad_folders(struct file_watcher *watcher)
{
    struct scan_bound bound = bound_since(watcher, time_now());
    size_t at = 0;
    struct span path;

    if (!native_is_open(watcher))
        return;
    while (map_next(watcher->native.by_path, &at, &path)) {
        if (!is_camera_folder(watcher, path))
            continue;
        AUTO(mem_free) char *folder = mem_strndup(path.at, path.len);
        int error = 0;
        if (camera_folder_trouble(watcher->root, folder, &error) && error != -ENOENT)
            watcher_folder_is_bad(watcher, folder, &bound);
    }
}

void watcher_root_is_lost(struct file_watcher *watcher, int error)
{
    if (watcher->is_root_lost)
        return;
    watcher->is_root_lost = true;
    tally_fault(watcher->stage->tally, FAULT_ROOT, error);
    native_close(watcher);
    folder_scan_free(&watcher->walks.scan);
    watcher->walks.is_paused = false;
}

static void watch_root(struct file_watcher *watcher, const struct scan_bound *bound)
{
    int r = 0;

    if (!watcher->walks.is_poll && !watcher->stage->settings.polling)
        r = native_open(watcher);
    if (r < 0 || !native_is_open(watcher))
        walks_start_polling(watcher, r);
    else
        walks_request(watcher, watcher->root, bound);
}

static void look_after_root(struct file_watcher *watcher)
{
    struct stat info;
    int r = stat(watcher->root, &info) < 0 ? -errno : S_ISDIR(info.st_mode) ? 0 : -ENOTDIR;

    if (r == 0 && camera_folder_trouble(watcher->root, watcher->root, &r))
        assert(r < 0);
    bool is_same =
        r == 0 && info.st_dev == watcher->root_device && info.st_ino == watcher->root_inode;
    if (r < 0 || (!is_same && watcher->root_inode))
        watcher_root_is_lost(watcher, r < 0 ? r : -ESTALE);
    if (r < 0)
        return;
    watcher->root_device = info.st_dev;
    watcher->root_inode = info.st_ino;
    if (watcher->is_root_lost) {
        struct scan_bound bound = bound_since(watcher, watcher->root_seen_at);
        watcher->is_root_lost = false;
        tally_fault(watcher->stage->tally, FAULT_ROOT, 0);
        watch_root(watcher, &bound);
    }
    watcher->root_seen_at = time_now();
}

static void on_registry_checked(void *arg)
{
    struct file_watcher *watcher = arg;

    watcher->is_registry_busy = false;
    watcher_end_if_idle(watcher);
}

static void check_registry(void *arg)
{
    struct file_watcher *watcher = arg;

    int r = camera_registry_check(watcher->registry);
    if (r < 0)
        log_warning(WATCHER_COMPONENT, "event=cameras_not_checked error=%s",
                    log_value(strerror(-r)));
    loop_post(watcher->loop, on_registry_checked, watcher);
}

static void on_check_due(void *owner)
{
    struct file_watcher *watcher = owner;

    look_after_root(watcher);
    if (!watcher->is_root_lost) {
        look_after_bad_folders(watcher);
        look_for_bad_folders(watcher);
    }
    if (!watcher->is_registry_busy)
        watcher->is_registry_busy = lane_submit(watcher->lane, check_registry, watcher) == 0;
    timer_start(&watcher->check_timer, watcher->limits.folder_check_us);
}

/* ---- Life ---- */

/* At the first start what is recent. Later also what was written since a file was last entered, and
 * a while before, because the last ones may not have got that far; and what was put here since then
 * with an old time. */
static struct scan_bound start_bound(const struct pipeline_settings *settings, int64_t last_seen)
{
    int64_t now = time_now();
    int64_t recent = now - settings->backfill_us;
    int64_t seen = last_seen < now ? last_seen : now;
    int64_t slack = settings->backfill_us > BACKLOG_US ? settings->backfill_us : BACKLOG_US;

    if (!last_seen)
        return (struct scan_bound){recent, SCAN_NEVER, SCAN_NEVER};
    return (struct scan_bound){seen - slack < recent ? seen - slack : recent, seen - COPY_SLACK_US,
                               SCAN_NEVER};
}

static void begin(void *arg)
{
    struct file_watcher *watcher = arg;

    watcher->root_seen_at = time_now();
    watch_root(watcher, &watcher->start_bound);
    on_check_due(watcher);
}

static int make_root(const char *root, struct buf *why)
{
    AUTO(mem_free) char *path = mem_strdup(root);

    for (char *at = path + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
            break;
        *at = '/';
    }
    if (mkdir(root, 0755) < 0 && errno != EEXIST) {
        int r = -errno;
        buf_setf(why, "the camera root %s cannot be made: %s", root, strerror(-r));
        return r;
    }
    return 0;
}

static struct file_watcher *watcher_new(const struct stage *stage, struct camera_registry *registry,
                                        const struct file_watcher_limits *limits)
{
    struct file_watcher *watcher = mem_alloc(sizeof(*watcher));

    watcher->stage = stage;
    watcher->registry = registry;
    watcher->limits = limits ? *limits : file_watcher_limits_default;
    watcher->root = stage->settings.camera_root;
    watcher->native.fd = -1;
    watcher->silenced = map_new();
    watcher->bad_folders = map_new();
    latch_init(&watcher->ended);
    return watcher;
}

static void watcher_free(struct file_watcher **watcher)
{
    struct file_watcher *dead = TAKE(*watcher);
    struct bad_folder *bad;
    size_t at = 0;

    lane_free(&dead->lane);
    if (dead->loop) {
        loop_stop(dead->loop);
        loop_join(dead->loop);
        native_close(dead);
        walks_release(dead);
        desk_release(dead);
    }
    loop_free(&dead->loop);
    while ((bad = map_next(dead->bad_folders, &at, NULL)))
        mem_free(&bad);
    map_free(&dead->bad_folders);
    map_free(&dead->silenced);
    latch_release(&dead->ended);
    mem_free(&dead);
}

int file_watcher_start(const struct stage *stage, struct camera_registry *registry,
                       const struct file_watcher_limits *limits, int64_t last_seen,
                       struct file_watcher **ret_watcher, struct buf *why)
{
    struct file_watcher *watcher = watcher_new(stage, registry, limits);

    int r = make_root(watcher->root, why);
    if (r == 0)
        r = loop_new("watcher", &watcher->loop);
    if (r == 0) {
        watcher->start_bound = start_bound(&stage->settings, last_seen);
        desk_init(watcher);
        walks_init(watcher);
        timer_init(&watcher->check_timer, watcher->loop, on_check_due, watcher);
        r = lane_new("intake", EXAMINE_THREADS, EXAMINED_AT_ONCE_MAX + 8, &watcher->lane);
    }
    if (r == 0)
        r = loop_start(watcher->loop);
    if (r < 0) {
        watcher_free(&watcher);
        return r;
    }
    loop_post(watcher->loop, begin, watcher);
    atomic_store(&stage->tally->is_watching, true);
    *ret_watcher = watcher;
    return 0;
}

void watcher_end_if_idle(struct file_watcher *watcher)
{
    if (watcher->is_stopping && watcher->desk.under_way == 0 && !watcher->is_registry_busy)
        latch_open(&watcher->ended);
}

static void end(void *arg)
{
    struct file_watcher *watcher = arg;

    watcher->is_stopping = true;
    timer_stop(&watcher->check_timer);
    timer_stop(&watcher->desk.timer);
    timer_stop(&watcher->walks.poll_timer);
    native_close(watcher);
    watcher_end_if_idle(watcher);
}

void file_watcher_stop(struct file_watcher **watcher)
{
    if (!*watcher)
        return;
    loop_post((*watcher)->loop, end, *watcher);
    latch_wait(&(*watcher)->ended);
    atomic_store(&(*watcher)->stage->tally->is_watching, false);
    watcher_free(watcher);
}

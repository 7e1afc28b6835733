/* inotify: one watch per folder, set while the folder is open for its walk, so that nothing falls
 * between the two. A folder that moves away takes its watches along; one that comes is walked. */
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "pipeline/file_watcher_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENTS                                                                                     \
    (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF |    \
     IN_ONLYDIR | IN_EXCL_UNLINK)
#define READ_SIZE (64 * 1024)
#define READS_PER_TURN 8

struct watched_folder {
    int wd;
    char *path;
};

static struct span wd_key(const int *wd)
{
    return (struct span){(const char *)wd, sizeof(*wd)};
}

bool native_is_open(const struct file_watcher *watcher)
{
    return watcher->native.fd >= 0;
}

/* ---- The table of watches ---- */

static void folder_free(struct watched_folder *folder)
{
    mem_free(&folder->path);
    mem_free(&folder);
}

static void forget_folder(struct native *native, struct watched_folder *folder)
{
    map_remove(native->by_wd, wd_key(&folder->wd));
    if (map_get(native->by_path, span_of(folder->path)) == folder)
        map_remove(native->by_path, span_of(folder->path));
    folder_free(folder);
}

static void remember_folder(struct native *native, int wd, const char *path)
{
    struct watched_folder *old = map_get(native->by_wd, wd_key(&wd));

    if (old && strcmp(old->path, path) == 0)
        return;
    if (old)
        forget_folder(native, old); /* the same folder under its new name */
    struct watched_folder *folder = mem_alloc(sizeof(*folder));
    folder->wd = wd;
    folder->path = mem_strdup(path);
    map_set(native->by_wd, wd_key(&folder->wd), folder);
    map_set(native->by_path, span_of(folder->path), folder);
}

/* Itself and what lies below: after it moved away, its paths are no longer true. */
static void unwatch_below(struct native *native, const char *path)
{
    size_t len = strlen(path), at = 0, count = 0;
    struct watched_folder *folder;
    struct watched_folder **gone = mem_alloc_array(map_count(native->by_wd) + 1, sizeof(*gone));

    while ((folder = map_next(native->by_wd, &at, NULL))) {
        if (strncmp(folder->path, path, len) == 0 &&
            (folder->path[len] == '/' || folder->path[len] == '\0'))
            gone[count++] = folder;
    }
    for (size_t i = 0; i < count; i++) {
        inotify_rm_watch(native->fd, gone[i]->wd);
        forget_folder(native, gone[i]);
    }
    mem_free(&gone);
}

int native_watch_folder(struct file_watcher *watcher, int fd, const char *path)
{
    struct native *native = &watcher->native;
    char of_fd[64];

    if (map_count(native->by_wd) >= watcher->limits.watched_max)
        native->failure = -ENOSPC;
    if (native->failure)
        return native->failure;
    snprintf(of_fd, sizeof(of_fd), "/proc/self/fd/%d", fd);
    int wd = inotify_add_watch(native->fd, of_fd, EVENTS);
    if (wd < 0 && errno == ENOENT)
        wd = inotify_add_watch(native->fd, path, EVENTS | IN_DONT_FOLLOW); /* without /proc */
    if (wd < 0) {
        int error = -errno;
        if (error == -ENOSPC || error == -ENOMEM)
            native->failure = error;
        return error;
    }
    remember_folder(native, wd, path);
    return 0;
}

/* ---- Events ---- */

static void walk_new_folder(struct file_watcher *watcher, const char *path)
{
    int64_t now = time_now();

    walks_request(watcher, path,
                  &(struct scan_bound){watcher_recent(watcher, now), now - CLOCK_SLACK_US,
                                       now - CLOCK_SLACK_US});
}

static void on_folder_event(struct file_watcher *watcher, uint32_t mask, const char *path)
{
    if (mask & (IN_CREATE | IN_MOVED_TO))
        walk_new_folder(watcher, path);
    else if (mask & IN_MOVED_FROM)
        unwatch_below(&watcher->native, path);
}

/* A file that begins to be written is announced by its close. What is no file, and a second name
 * for a finished one, never will be. */
static bool is_complete_at_creation(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0 && (!S_ISREG(info.st_mode) || info.st_nlink > 1);
}

static void on_file_event(struct file_watcher *watcher, uint32_t mask, struct span path)
{
    if (media_kind_of(path) == MEDIA_OTHER)
        return;
    if (mask & IN_MOVED_FROM)
        desk_forget(watcher, path);
    if ((mask & IN_CREATE) && !is_complete_at_creation(path.at))
        return;
    if ((mask & (IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE)) && watcher_wants(watcher, path))
        desk_announce(watcher, path);
}

static void on_own_event(struct file_watcher *watcher, uint32_t mask, struct watched_folder *folder)
{
    bool is_root = strcmp(folder->path, watcher->root) == 0;

    if (mask & (IN_MOVE_SELF | IN_DELETE_SELF | IN_UNMOUNT)) {
        AUTO(mem_free) char *path = mem_strdup(folder->path);
        unwatch_below(&watcher->native, path);
        if (is_root)
            watcher_root_is_lost(watcher, -ENOENT);
    } else if (mask & IN_IGNORED) {
        forget_folder(&watcher->native, folder);
    }
}

static void on_event(struct file_watcher *watcher, const struct inotify_event *event)
{
    AUTO(buf_release) struct buf path = BUF_INIT;
    struct watched_folder *folder = map_get(watcher->native.by_wd, wd_key(&event->wd));

    if (event->mask & IN_Q_OVERFLOW) {
        log_warning(WATCHER_COMPONENT, "event=inotify_overflow: the folders are walked; "
                                       "fs.inotify.max_queued_events could be raised");
        desk_miss(watcher, watcher->native.drained_at);
        desk_run(watcher);
        return;
    }
    if (!folder)
        return;
    if (event->len == 0) {
        on_own_event(watcher, event->mask, folder);
        return;
    }
    if (media_is_hidden(span_of(event->name)))
        return;
    buf_addf(&path, "%s/%s", folder->path, event->name);
    if (event->mask & IN_ISDIR)
        on_folder_event(watcher, event->mask, buf_text(&path));
    else
        on_file_event(watcher, event->mask, buf_span(&path));
}

static void handle_events(struct file_watcher *watcher, const char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len && native_is_open(watcher)) {
        const struct inotify_event *event = (const void *)(bytes + at);
        on_event(watcher, event);
        at += sizeof(*event) + event->len;
    }
}

static void on_ready(void *owner, uint32_t events)
{
    struct file_watcher *watcher = owner;
    struct native *native = &watcher->native;
    _Alignas(struct inotify_event) char bytes[READ_SIZE];

    for (int i = 0; i < READS_PER_TURN && native->fd >= 0; i++) {
        int64_t before = time_now();
        ssize_t len = read(native->fd, bytes, sizeof(bytes));
        if (len < 0 && errno == EINTR)
            continue;
        if (len <= 0) {
            native->drained_at = before;
            return;
        }
        handle_events(watcher, bytes, (size_t)len);
    }
}

/* ---- Life ---- */

int native_open(struct file_watcher *watcher)
{
    struct native *native = &watcher->native;

    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = watch_start(watcher->loop, fd, EPOLLIN, on_ready, watcher, &native->watch);
    if (r < 0) {
        close(fd);
        return r;
    }
    native->fd = fd;
    native->by_wd = map_new();
    native->by_path = map_new();
    native->failure = 0;
    native->drained_at = time_now();
    return 0;
}

void native_close(struct file_watcher *watcher)
{
    struct native *native = &watcher->native;
    struct watched_folder *folder;
    size_t at = 0;

    if (native->fd < 0)
        return;
    watch_stop(&native->watch);
    close(native->fd);
    native->fd = -1;
    while ((folder = map_next(native->by_wd, &at, NULL)))
        folder_free(folder);
    map_free(&native->by_wd);
    map_free(&native->by_path);
}

/* Walks run on the watcher's loop a few hundred entries at a time, so that what is announced
 * meanwhile is not held up. One walk at a time; when there is no room for more files it pauses.
 *
 * A poll is a walk over everything that compares with the one before. A folder that the last poll
 * did not see (all of them at the start, one that was moved here, one that came back) may be full
 * of old pictures, so there the age decides; in any other, what was not there before is new. */
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "pipeline/file_watcher_private.h"

#include <errno.h>
#include <string.h>

#define STEP_ENTRIES 256
#define WALKS_MAX 64 /* beyond it one walk over everything takes the place of all */

struct wanted_walk {
    struct list node;
    char *path;
    struct scan_bound bound;
};

static const struct folder_scan_type walk_type, poll_type;
static void post_step(struct file_watcher *watcher);
static void on_poll_due(void *owner);

void walks_init(struct file_watcher *watcher)
{
    list_init(&watcher->walks.waiting);
    watcher->walks.poll_bound = watcher->start_bound;
    timer_init(&watcher->walks.poll_timer, watcher->loop, on_poll_due, watcher);
}

static void wanted_free(struct wanted_walk *wanted)
{
    mem_free(&wanted->path);
    mem_free(&wanted);
}

static void drop_waiting(struct walks *walks)
{
    struct list *node;

    while ((node = list_take_first(&walks->waiting)))
        wanted_free(CONTAINER_OF(node, struct wanted_walk, node));
    walks->waiting_count = 0;
}

void walks_release(struct file_watcher *watcher)
{
    struct walks *walks = &watcher->walks;

    drop_waiting(walks);
    folder_scan_free(&walks->scan);
    seen_set_release(&walks->seen);
    seen_set_release(&walks->seen_now);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void widen(struct scan_bound *bound, const struct scan_bound *other)
{
    bound->modified_since = least(bound->modified_since, other->modified_since);
    bound->born_since = least(bound->born_since, other->born_since);
    bound->changed_since = least(bound->changed_since, other->changed_since);
}

static void add_wanted(struct walks *walks, const char *path, const struct scan_bound *bound)
{
    struct wanted_walk *wanted = mem_alloc(sizeof(*wanted));

    wanted->path = mem_strdup(path);
    wanted->bound = *bound;
    list_append(&walks->waiting, &wanted->node);
    walks->waiting_count++;
}

/* True when a walk that waits already covers it, widened where needed. */
static bool join_waiting(struct file_watcher *watcher, const char *path,
                         const struct scan_bound *bound)
{
    LIST_FOR_EACH(&watcher->walks.waiting, node)
    {
        struct wanted_walk *wanted = CONTAINER_OF(node, struct wanted_walk, node);
        if (strcmp(wanted->path, path) == 0) {
            widen(&wanted->bound, bound);
            return true;
        }
    }
    return false;
}

void walks_request(struct file_watcher *watcher, const char *path, const struct scan_bound *bound)
{
    struct walks *walks = &watcher->walks;
    struct scan_bound widest = *bound;

    /* Polling walks everything anyway; so does the return of a lost root. */
    if (watcher->is_stopping || !native_is_open(watcher) || join_waiting(watcher, path, bound))
        return;
    if (walks->waiting_count >= WALKS_MAX) {
        LIST_FOR_EACH(&walks->waiting, node)
        widen(&widest, &CONTAINER_OF(node, struct wanted_walk, node)->bound);
        drop_waiting(walks);
        path = watcher->root;
    }
    add_wanted(walks, path, &widest);
    post_step(watcher);
}

bool walks_are_finding(const struct file_watcher *watcher)
{
    return watcher->walks.scan && !watcher->walks.is_paused;
}

/* ---- One step after the other ---- */

static void start_walk(struct file_watcher *watcher)
{
    struct walks *walks = &watcher->walks;
    struct list *node = list_take_first(&walks->waiting);

    if (!node)
        return;
    struct wanted_walk *wanted = CONTAINER_OF(node, struct wanted_walk, node);
    walks->waiting_count--;
    walks->found_due = time_monotonic();
    walks->bound = wanted->bound;
    walks->scan = folder_scan_new(watcher->root, wanted->path, &wanted->bound, &walk_type, watcher);
    wanted_free(wanted);
}

static void end_poll(struct file_watcher *watcher)
{
    struct walks *walks = &watcher->walks;
    const struct pipeline_settings *settings = &watcher->stage->settings;

    /* What an unreadable folder holds was not seen, but is not new when it is readable again. */
    if (walks->had_trouble)
        seen_set_merge(&walks->seen_now, &walks->seen);
    seen_set_swap(&walks->seen, &walks->seen_now);
    seen_set_reset(&walks->seen_now);
    int64_t since = walks->poll_started_at - CLOCK_SLACK_US;
    walks->poll_bound = (struct scan_bound){time_now() - settings->backfill_us, since, since};
    timer_start(&walks->poll_timer, settings->polling_interval_us);
}

static void end_walk(struct file_watcher *watcher)
{
    folder_scan_free(&watcher->walks.scan);
    if (watcher->walks.is_poll)
        end_poll(watcher);
    else if (watcher->walks.waiting_count > 0)
        post_step(watcher);
}

static void step(void *arg)
{
    struct file_watcher *watcher = arg;
    struct walks *walks = &watcher->walks;

    walks->is_posted = false;
    if (watcher->is_stopping)
        return;
    if (!walks->scan)
        start_walk(watcher);
    if (!walks->scan)
        return;
    walks->is_paused = pending_files_room(watcher->desk.pending) < STEP_ENTRIES;
    if (!walks->is_paused) {
        bool is_over = folder_scan_step(walks->scan, STEP_ENTRIES) == 0;
        if (watcher->native.failure)
            walks_start_polling(watcher, watcher->native.failure);
        else if (is_over)
            end_walk(watcher);
        else
            post_step(watcher);
    }
    desk_run(watcher);
}

static void post_step(struct file_watcher *watcher)
{
    if (watcher->walks.is_posted)
        return;
    watcher->walks.is_posted = true;
    loop_post(watcher->loop, step, watcher);
}

void walks_go_on(struct file_watcher *watcher)
{
    if (watcher->walks.scan && watcher->walks.is_paused)
        post_step(watcher);
}

/* ---- What a walk finds ---- */

static int on_folder(void *owner, int fd, const char *path, unsigned depth)
{
    return native_watch_folder(owner, fd, path);
}

static void on_file(void *owner, const char *path, const struct statx *info)
{
    struct file_watcher *watcher = owner;

    if (watcher_wants(watcher, span_of(path)))
        desk_find(watcher, span_of(path), statx_modified_at(info));
}

static void on_skipped(void *owner, const char *path, const char *reason, int error)
{
    struct file_watcher *watcher = owner;

    if (error == -ENOENT && strcmp(path, watcher->root) != 0)
        return; /* gone between its listing and now */
    watcher->walks.had_trouble = true;
    if (error < 0 && error != -ELOOP)
        watcher_folder_is_bad(watcher, path, &watcher->walks.bound);
    if (map_get(watcher->silenced, span_of(path)))
        return;
    if (map_count(watcher->silenced) < SILENCED_MAX)
        map_set(watcher->silenced, span_of(path), watcher);
    log_warning(WATCHER_COMPONENT, "event=folder_skipped path=%s reason=%s%s%s", log_value(path),
                reason, error ? " error=" : "", error ? log_value(strerror(-error)) : "");
}

static const struct folder_scan_type walk_type = {
    .on_folder = on_folder,
    .on_file = on_file,
    .on_skipped = on_skipped,
};

/* ---- Polling ---- */

/* True when the last poll saw it. */
static bool was_seen(struct walks *walks, uint64_t fingerprint)
{
    bool was = seen_set_has(&walks->seen, fingerprint);
    int r = seen_set_add(&walks->seen_now, fingerprint);

    if (r < 0)
        log_error(WATCHER_COMPONENT,
                  "event=too_many_files limit=%d: polling takes no new files beyond it; remove old "
                  "ones or use inotify (FILE_WATCHER_POLLING=false)",
                  SEEN_FILES_MAX);
    return was || r < 0;
}

static int on_polled_folder(void *owner, int fd, const char *path, unsigned depth)
{
    struct file_watcher *watcher = owner;

    watcher->walks.is_folder_new =
        !was_seen(&watcher->walks, seen_fingerprint(span_of(path), -1, 0));
    return 0;
}

static void on_polled_file(void *owner, const char *path, const struct statx *info)
{
    struct file_watcher *watcher = owner;
    struct walks *walks = &watcher->walks;
    int64_t modified_at = statx_modified_at(info);

    if (was_seen(walks, seen_fingerprint(span_of(path), (int64_t)info->stx_size, modified_at)))
        return;
    if (walks->is_folder_new && !scan_bound_admits(&walks->poll_bound, info))
        return;
    if (watcher_wants(watcher, span_of(path)))
        desk_find(watcher, span_of(path), modified_at);
}

static const struct folder_scan_type poll_type = {
    .on_folder = on_polled_folder,
    .on_file = on_polled_file,
    .on_skipped = on_skipped,
};

static void on_poll_due(void *owner)
{
    static const struct scan_bound everything = {INT64_MIN, SCAN_NEVER, SCAN_NEVER};
    struct file_watcher *watcher = owner;
    struct walks *walks = &watcher->walks;

    if (watcher->is_stopping || watcher->is_root_lost)
        return;
    walks->had_trouble = false;
    walks->poll_started_at = time_now();
    walks->bound = walks->poll_bound;
    walks->found_due = time_monotonic();
    walks->scan = folder_scan_new(watcher->root, watcher->root, &everything, &poll_type, watcher);
    post_step(watcher);
}

/* What an administrator can do about it. */
static const char *advice(int error)
{
    if (error == -ENOSPC)
        return "more folders than inotify watches; raise fs.inotify.max_user_watches";
    if (error == -EMFILE)
        return "no inotify instance is left; raise fs.inotify.max_user_instances";
    return "inotify does not work here";
}

void walks_start_polling(struct file_watcher *watcher, int error)
{
    struct walks *walks = &watcher->walks;

    if (error < 0)
        log_warning(WATCHER_COMPONENT, "event=polling_instead error=%s advice=%s",
                    log_value(strerror(-error)), log_value(advice(error)));
    native_close(watcher);
    watcher->native.failure = 0;
    drop_waiting(walks);
    folder_scan_free(&walks->scan);
    walks->is_paused = false;
    walks->is_poll = true;
    atomic_store(&watcher->stage->tally->is_polling, true);
    timer_start(&walks->poll_timer, 0);
}

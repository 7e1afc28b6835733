/* A file waits until nothing has happened to it for a while; then it is its turn, unless too many
 * are under way, detection_queue is nearly full, or the store cannot write. */
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "pipeline/camera_file.h"
#include "pipeline/file_watcher_private.h"

#include <sys/stat.h>

#define DEBOUNCES_MAX 20        /* a file that never rests is examined all the same */
#define SETTLE_LOOK_US 500000LL /* pipeline contract §4.1: the size is looked at twice a second */
#define SETTLE_LOOKS_MAX 20
#define PRESSURE_LOOK_US 250000LL /* while detection_queue is nearly full */

static void on_timer(void *owner);

void desk_init(struct file_watcher *watcher)
{
    struct desk *desk = &watcher->desk;

    desk->pending = pending_files_new(watcher->limits.pending_max);
    list_init(&desk->entering);
    timer_init(&desk->timer, watcher->loop, on_timer, watcher);
}

void desk_release(struct file_watcher *watcher)
{
    pending_files_free(&watcher->desk.pending);
}

/* ---- What waits ---- */

void desk_miss(struct file_watcher *watcher, int64_t since)
{
    struct desk *desk = &watcher->desk;

    if (!desk->missed_since || since < desk->missed_since)
        desk->missed_since = since;
}

bool desk_has_room(const struct file_watcher *watcher)
{
    return pending_files_room(watcher->desk.pending) >= watcher->limits.pending_max / 4;
}

static struct pending_file *add_file(struct file_watcher *watcher, struct span path)
{
    struct pending_file *file = NULL;

    if (pending_files_add(watcher->desk.pending, path, &file) == 0)
        return file;
    if (!watcher->desk.missed_since)
        log_warning(WATCHER_COMPONENT,
                    "event=pending_full limit=%zu: the folders are walked again when there is room",
                    watcher->limits.pending_max);
    desk_miss(watcher, time_now());
    return NULL;
}

void desk_debounce(struct file_watcher *watcher, struct pending_file *file)
{
    int64_t debounce = watcher->stage->settings.debounce_us;
    int64_t now = time_monotonic();

    if (!file->first_due)
        file->first_due = now + debounce;
    int64_t latest = file->first_due + debounce * (DEBOUNCES_MAX - 1);
    int64_t due = now + debounce < latest ? now + debounce : latest;
    pending_files_schedule(watcher->desk.pending, file, due, time_now());
}

void desk_announce(struct file_watcher *watcher, struct span path)
{
    struct pending_file *file = pending_files_find(watcher->desk.pending, path);

    if (file && file->is_taken) {
        file->is_again = true;
        return;
    }
    if (!file)
        file = add_file(watcher, path);
    if (!file)
        return;
    file->must_settle = false;
    file->is_from_walk = false;
    desk_debounce(watcher, file);
    desk_run(watcher);
}

/* A closed file needs no rest, but a walk cannot know that it was closed; a file whose time is old
 * enough has rested already, unless clocks differ, which is what polling must expect. */
static bool needs_rest(const struct file_watcher *watcher, int64_t modified_at)
{
    int64_t stability = watcher->stage->settings.stability_us;
    int64_t age = time_now() - modified_at;

    return stability > 0 && (!native_is_open(watcher) || (age >= 0 && age < stability));
}

void desk_find(struct file_watcher *watcher, struct span path, int64_t modified_at)
{
    struct pending_file *file = pending_files_find(watcher->desk.pending, path);

    if (file && file->is_taken)
        file->is_again = true;
    if (file)
        return;
    file = add_file(watcher, path);
    if (!file)
        return;
    file->must_settle = needs_rest(watcher, modified_at);
    file->is_from_walk = true;
    pending_files_schedule(watcher->desk.pending, file, watcher->walks.found_due, modified_at);
}

void desk_forget(struct file_watcher *watcher, struct span path)
{
    struct pending_file *file = pending_files_find(watcher->desk.pending, path);

    if (file && !file->is_taken)
        pending_files_remove(watcher->desk.pending, &file);
}

static void rest(struct file_watcher *watcher, struct pending_file *file, int64_t now)
{
    int64_t left = file->settled_since + watcher->stage->settings.stability_us - now;

    pending_files_schedule(watcher->desk.pending, file,
                           now + (left < SETTLE_LOOK_US ? left : SETTLE_LOOK_US), file->order);
}

/* True when its turn has come; else another look is due. One that never rests is examined as it is:
 * a record says what was wrong with it, and its next change brings it back. */
static bool has_settled(struct file_watcher *watcher, struct pending_file *file)
{
    int64_t now = time_monotonic();
    struct stat info;

    if (lstat(file->path, &info) < 0)
        return true; /* whoever examines it says why */
    if (file->looks == 0 || info.st_size != file->size ||
        file_modified_at(&info) != file->modified_at) {
        file->size = info.st_size;
        file->modified_at = file_modified_at(&info);
        file->settled_since = now;
    }
    if (now - file->settled_since >= watcher->stage->settings.stability_us)
        return true;
    if (++file->looks > SETTLE_LOOKS_MAX) {
        log_warning(WATCHER_COMPONENT, "event=file_never_rests path=%s", log_value(file->path));
        return true;
    }
    rest(watcher, file, now);
    return false;
}

/* ---- Whose turn it is ---- */

/* Files wait in their folders rather than push older jobs out; what is under way counts as jobs. */
static bool is_queue_full_soon(const struct file_watcher *watcher)
{
    struct queue_depth depth = {0};

    queue_depth(watcher->stage->parts.detections, &depth);
    return depth.is_full_soon || (watcher->desk.under_way > 0 &&
                                  depth.waiting + watcher->desk.under_way >= depth.soon_full_at);
}

/* How long until the next may start: 0 now, INT64_MAX not before something ends. */
static int64_t next_start(const struct file_watcher *watcher, int64_t now)
{
    const struct desk *desk = &watcher->desk;
    const struct pending_file *first = pending_files_first(desk->pending);
    unsigned at_once = desk->stalls ? 1 : EXAMINED_AT_ONCE_MAX;

    if (!first || desk->under_way >= at_once || watcher->is_stopping)
        return INT64_MAX;
    if (first->is_from_walk && walks_are_finding(watcher))
        return INT64_MAX; /* older ones of the same walk may come */
    if (first->due > now)
        return first->due - now;
    if (desk->stalled_until > now)
        return desk->stalled_until - now;
    return is_queue_full_soon(watcher) ? PRESSURE_LOOK_US : 0;
}

static void catch_up(struct file_watcher *watcher)
{
    struct desk *desk = &watcher->desk;

    if (!desk_has_room(watcher))
        return;
    if (desk->missed_since) {
        walks_request(
            watcher, watcher->root,
            &(struct scan_bound){SCAN_NEVER, SCAN_NEVER, desk->missed_since - CLOCK_SLACK_US});
        desk->missed_since = 0;
    }
    walks_go_on(watcher);
}

void desk_run(struct file_watcher *watcher)
{
    struct desk *desk = &watcher->desk;
    int64_t wait;

    while ((wait = next_start(watcher, time_monotonic())) == 0) {
        struct pending_file *file = pending_files_first(desk->pending);
        if (!file->must_settle || has_settled(watcher, file))
            entry_start(watcher, file);
    }
    timer_stop(&desk->timer);
    if (wait != INT64_MAX)
        timer_start(&desk->timer, wait);
    atomic_store(&watcher->stage->tally->pending_files,
                 (unsigned)pending_files_count(desk->pending));
    if (pending_files_count(desk->pending) == 0 && desk->stalls)
        desk_go_on(watcher);
    if (!watcher->is_stopping)
        catch_up(watcher);
}

static void on_timer(void *owner)
{
    desk_run(owner);
}

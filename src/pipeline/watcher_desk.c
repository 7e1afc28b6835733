/* A file waits until nothing has happened to it for a while, is examined by a worker, and is
 * entered by the store's writer. Files are entered in the order in which their turns came, however
 * long each was examined, so a camera's pictures stay in order. When the store cannot write, nobody
 * else is examined: one file at a time tries, with growing pauses, until one gets through. */
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "pipeline/camera_file.h"
#include "pipeline/file_watcher_private.h"

#include <errno.h>
#include <string.h>

#define DEBOUNCES_MAX 20        /* a file that never rests is examined all the same */
#define SETTLE_LOOK_US 500000LL /* pipeline contract §4.1: the size is looked at twice a second */
#define SETTLE_LOOKS_MAX 20
#define PRESSURE_LOOK_US 250000LL /* while detection_queue is nearly full */
#define STALL_FIRST_US 250000LL
#define STALL_MAX_US 5000000LL
#define RETRY_FIRST_US 1000000LL
#define RETRY_MAX_US 30000000LL
#define TRIES_MAX 8

/* One file between its turn and its end. */
struct entry {
    struct list node;
    struct file_watcher *watcher;
    struct pending_file *file;
    struct file_intake intake;
    bool is_examined;
    int result; /* of entering */
};

static void enter_examined(struct file_watcher *watcher);
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

static void schedule_debounced(struct file_watcher *watcher, struct pending_file *file)
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
    schedule_debounced(watcher, file);
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

/* ---- Trouble with the store ---- */

static void stall(struct file_watcher *watcher, int error)
{
    struct desk *desk = &watcher->desk;
    int64_t pause = STALL_FIRST_US << (desk->stalls < 8 ? desk->stalls : 8);
    int64_t now = time_monotonic();

    if (now < desk->stalled_until)
        return; /* another that was under way when the first one failed */
    desk->stalls++;
    desk->stalled_until = now + (pause < STALL_MAX_US ? pause : STALL_MAX_US);
    tally_fault(watcher->stage->tally, FAULT_INTAKE, error);
}

static void go_on(struct file_watcher *watcher)
{
    watcher->desk.stalls = 0;
    watcher->desk.stalled_until = 0;
    tally_fault(watcher->stage->tally, FAULT_INTAKE, 0);
}

/* ---- The end of one file ---- */

static void retry_later(struct file_watcher *watcher, struct pending_file *file)
{
    int64_t pause = RETRY_FIRST_US << (file->failures < 8 ? file->failures : 8);

    file->failures++;
    atomic_fetch_add(&watcher->stage->tally->retries, 1);
    pending_files_schedule(watcher->desk.pending, file,
                           time_monotonic() + (pause < RETRY_MAX_US ? pause : RETRY_MAX_US),
                           file->order);
}

/* The store is in trouble: this file goes first when it is well. */
static void keep_waiting(struct file_watcher *watcher, struct pending_file *file, int error)
{
    stall(watcher, error);
    pending_files_schedule(watcher->desk.pending, file, file->due, file->order);
}

static void leave(struct file_watcher *watcher, struct pending_file *file)
{
    if (!file->is_again) {
        pending_files_remove(watcher->desk.pending, &file);
        return;
    }
    file->is_again = false;
    file->first_due = 0;
    file->failures = file->looks = 0;
    schedule_debounced(watcher, file);
}

static void count_entered(struct file_watcher *watcher, const struct file_intake *intake)
{
    struct tally *tally = watcher->stage->tally;

    atomic_fetch_add(&tally->files_seen, 1);
    atomic_fetch_add(&tally->outcomes[intake->outcome], 1);
    file_intake_log(intake);
}

static void finish_entered(struct entry *entry)
{
    struct file_watcher *watcher = entry->watcher;

    if (entry->result == 0) {
        go_on(watcher);
        count_entered(watcher, &entry->intake);
        leave(watcher, entry->file);
    } else if (is_store_trouble(entry->result)) {
        keep_waiting(watcher, entry->file, entry->result);
    } else if (entry->file->failures < TRIES_MAX) {
        log_error(WATCHER_COMPONENT, "event=file_not_entered path=%s error=%s",
                  log_value(entry->file->path), log_value(strerror(-entry->result)));
        retry_later(watcher, entry->file);
    } else {
        atomic_fetch_add(&watcher->stage->tally->outcomes[INTAKE_FAILED], 1);
        leave(watcher, entry->file);
    }
}

static void finish_examined(struct entry *entry)
{
    const struct file_intake *intake = &entry->intake;

    if (intake->verdict == FILE_STALLED)
        keep_waiting(entry->watcher, entry->file, intake->error);
    else if (intake->verdict == FILE_LATER)
        retry_later(entry->watcher, entry->file);
    else
        leave(entry->watcher, entry->file); /* known or gone: nothing to enter */
}

static void entry_end(struct entry *entry)
{
    struct file_watcher *watcher = entry->watcher;

    watcher->desk.under_way--;
    file_intake_release(&entry->intake);
    mem_free(&entry);
    desk_run(watcher);
    watcher_end_if_idle(watcher);
}

/* ---- From thread to thread ---- */

static void on_entered(void *arg)
{
    struct entry *entry = arg;

    if (entry->result == -EEXIST && entry->intake.verdict == FILE_ACCEPTED) {
        file_intake_refuse_camera(&entry->intake);
        list_prepend(&entry->watcher->desk.entering, &entry->node);
        enter_examined(entry->watcher);
        return;
    }
    finish_entered(entry);
    entry_end(entry);
}

static void on_written(void *arg, int result)
{
    struct file_intake *intake = arg;
    struct entry *entry = CONTAINER_OF(intake, struct entry, intake);

    entry->result = result;
    loop_post(entry->watcher->loop, on_entered, entry);
}

static void enter_examined(struct file_watcher *watcher)
{
    struct list *head = &watcher->desk.entering;

    while (!list_is_empty(head)) {
        struct entry *entry = CONTAINER_OF(head->next, struct entry, node);
        if (!entry->is_examined)
            return;
        list_remove(&entry->node);
        if (entry->intake.verdict == FILE_ACCEPTED || entry->intake.verdict == FILE_REFUSED) {
            store_write_async(watcher->stage->parts.store, file_intake_enter, &entry->intake,
                              on_written);
        } else {
            finish_examined(entry);
            entry_end(entry);
        }
    }
}

static void on_examined(void *arg)
{
    struct entry *entry = arg;

    entry->is_examined = true;
    enter_examined(entry->watcher);
}

static void examine_on_worker(void *arg)
{
    struct entry *entry = arg;

    file_intake_examine(&entry->intake);
    loop_post(entry->watcher->loop, on_examined, entry);
}

static void start_entry(struct file_watcher *watcher, struct pending_file *file)
{
    struct entry *entry = mem_alloc(sizeof(*entry));

    pending_files_take(watcher->desk.pending, file);
    entry->watcher = watcher;
    entry->file = file;
    entry->intake = (struct file_intake){.stage = watcher->stage,
                                         .registry = watcher->registry,
                                         .path = mem_strdup(file->path),
                                         .is_last_try = file->failures >= TRIES_MAX};
    list_append(&watcher->desk.entering, &entry->node);
    watcher->desk.under_way++;
    if (lane_submit(watcher->lane, examine_on_worker, entry) < 0)
        examine_on_worker(entry); /* the lane has room for all that may be under way */
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
            start_entry(watcher, file);
    }
    timer_stop(&desk->timer);
    if (wait != INT64_MAX)
        timer_start(&desk->timer, wait);
    atomic_store(&watcher->stage->tally->pending_files,
                 (unsigned)pending_files_count(desk->pending));
    if (pending_files_count(desk->pending) == 0 && desk->stalls)
        go_on(watcher);
    if (!watcher->is_stopping)
        catch_up(watcher);
}

static void on_timer(void *owner)
{
    desk_run(owner);
}

/* A file whose turn came is examined by a worker and entered by the store's writer. Files are
 * entered in the order in which their turns came, however long each was examined, so a camera's
 * pictures stay in order. When the store cannot write, nobody else is examined: one file at a time
 * tries, with growing pauses, until one gets through. */
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "pipeline/file_watcher_private.h"

#include <errno.h>
#include <string.h>

#define STALL_FIRST_US (250 * TIME_MS)
#define STALL_MAX_US (5 * TIME_SECOND)
#define RETRY_FIRST_US TIME_SECOND
#define RETRY_MAX_US (30 * TIME_SECOND)
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

void desk_go_on(struct file_watcher *watcher)
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
    desk_debounce(watcher, file);
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
        desk_go_on(watcher);
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

void entry_start(struct file_watcher *watcher, struct pending_file *file)
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

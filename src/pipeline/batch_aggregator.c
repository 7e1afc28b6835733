#include "pipeline/batch_aggregator.h"

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/time.h"
#include "pipeline/batch_aggregator_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COMPONENT "batch_aggregator"
#define RETRY_US (2 * TIME_SECOND)

/* An open batch as the loop knows it. */
struct open_batch {
    char camera_id[CAMERA_ID_SIZE];
    char id[BATCH_ID_SIZE];
    int64_t started_at, last_activity;
    int64_t not_before; /* monotonic: closing failed, so long it waits */
    bool is_closing;
};

static void close_due(struct batch_aggregator *aggregator);

static void on_timer(void *owner)
{
    close_due(owner);
}

static void remember(struct batch_aggregator *aggregator, const char *camera_id, const char *id,
                     int64_t started_at, int64_t last_activity)
{
    struct open_batch *open = map_get(aggregator->open, span_of(camera_id));

    if (!open) {
        open = mem_alloc(sizeof(*open));
        snprintf(open->camera_id, sizeof(open->camera_id), "%s", camera_id);
        map_set(aggregator->open, span_of(camera_id), open);
    }
    snprintf(open->id, sizeof(open->id), "%s", id);
    open->started_at = started_at;
    open->last_activity = last_activity;
    atomic_store(&aggregator->stage->tally->open_batches, (unsigned)map_count(aggregator->open));
}

static void forget(struct batch_aggregator *aggregator, struct open_batch *open)
{
    map_remove(aggregator->open, span_of(open->camera_id));
    mem_free(&open);
    atomic_store(&aggregator->stage->tally->open_batches, (unsigned)map_count(aggregator->open));
}

/* One closing: the writer's thread works on it, then it comes back. */
struct closing {
    struct batch_aggregator *aggregator;
    char camera_id[CAMERA_ID_SIZE];
    enum batch_close reason; /* BATCH_STAYS_OPEN: it is not due any more */
    bool is_gone;
    int64_t since;      /* monotonic */
    struct batch batch; /* as it is now */
    int result;
};

static int write_closing(struct store_tx *tx, void *arg)
{
    struct closing *closing = arg;
    const struct batch_aggregator *aggregator = closing->aggregator;
    struct batch *batch = &closing->batch;
    int64_t now = time_now();

    batch_release(batch);
    *batch = (struct batch){0};
    closing->reason = BATCH_STAYS_OPEN;
    int r = batches_open_of(tx, closing->camera_id, batch);
    closing->is_gone = r == -ENOENT;
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    closing->reason =
        batch_is_due(&aggregator->deadlines, batch->started_at, batch->last_activity, now);
    if (closing->reason == BATCH_STAYS_OPEN)
        return 0;
    return batch_close_now(aggregator, tx, batch, closing->reason, now);
}

static void note_failure(struct batch_aggregator *aggregator, struct open_batch *open, int error)
{
    tally_fault(aggregator->stage->tally, FAULT_BATCHES, error);
    if (open) {
        open->is_closing = false;
        open->not_before = time_monotonic() + RETRY_US;
    }
}

static void note_closed(struct batch_aggregator *aggregator, struct open_batch *open,
                        const struct closing *closing)
{
    bool is_closed = closing->is_gone || closing->reason != BATCH_STAYS_OPEN;

    tally_fault(aggregator->stage->tally, FAULT_BATCHES, 0);
    if (closing->reason != BATCH_STAYS_OPEN) {
        atomic_fetch_add(&aggregator->stage->tally->batches_closed, 1);
        tally_seconds(&aggregator->stage->tally->batch_seconds, closing->since);
        log_info(COMPONENT,
                 "event=batch_closed batch=%s camera=%s detections=%" PRId64 " reason=%s",
                 closing->batch.id, closing->camera_id, closing->batch.count,
                 batch_close_name(closing->reason));
    }
    if (!open)
        return;
    open->is_closing = false;
    /* A younger batch may have been opened while this one was on its way back. */
    if (closing->is_gone || (is_closed && strcmp(open->id, closing->batch.id) == 0)) {
        forget(aggregator, open);
    } else if (!is_closed) {
        snprintf(open->id, sizeof(open->id), "%s", closing->batch.id);
        open->started_at = closing->batch.started_at;
        open->last_activity = closing->batch.last_activity;
    }
}

static void on_closing_written(void *arg)
{
    struct closing *closing = arg;
    struct batch_aggregator *aggregator = closing->aggregator;
    struct open_batch *open = map_get(aggregator->open, span_of(closing->camera_id));

    aggregator->closing--;
    if (closing->result < 0)
        note_failure(aggregator, open, closing->result);
    else
        note_closed(aggregator, open, closing);
    batch_release(&closing->batch);
    mem_free(&closing);
    if (!aggregator->is_stopping)
        close_due(aggregator);
    else if (aggregator->closing == 0)
        aggregator->on_idle(aggregator->idle_owner);
}

static void on_done(void *arg, int result)
{
    struct closing *closing = arg;

    closing->result = result;
    loop_post(closing->aggregator->loop, on_closing_written, closing);
}

static void start_closing(struct batch_aggregator *aggregator, struct open_batch *open)
{
    struct closing *closing = mem_alloc(sizeof(*closing));

    open->is_closing = true;
    aggregator->closing++;
    closing->aggregator = aggregator;
    closing->since = time_monotonic();
    memcpy(closing->camera_id, open->camera_id, sizeof(closing->camera_id));
    store_write_async(aggregator->stage->parts.store, write_closing, closing, on_done);
}

/* How long until this one is to be closed; 0: now. */
static int64_t wait_of(const struct batch_aggregator *aggregator, const struct open_batch *open,
                       int64_t now)
{
    enum batch_close reason;
    int64_t held = open->not_before - time_monotonic();
    int64_t wait = 0;

    if (batch_is_due(&aggregator->deadlines, open->started_at, open->last_activity, now) ==
        BATCH_STAYS_OPEN)
        wait =
            batch_due_at(&aggregator->deadlines, open->started_at, open->last_activity, &reason) -
            now;
    return wait > held ? wait : held > 0 ? held : 0;
}

static void close_due(struct batch_aggregator *aggregator)
{
    int64_t now = time_now(), least = aggregator->stage->settings.batch_check_us;
    struct open_batch *open;
    size_t at = 0;

    if (aggregator->is_stopping)
        return;
    while ((open = map_next(aggregator->open, &at, NULL))) {
        if (open->is_closing)
            continue;
        int64_t wait = wait_of(aggregator, open, now);
        if (wait == 0)
            start_closing(aggregator, open);
        else if (wait < least)
            least = wait;
    }
    if (map_count(aggregator->open) > 0)
        timer_start(&aggregator->timer, least);
    else
        timer_stop(&aggregator->timer);
}

void batch_aggregator_changed(struct batch_aggregator *aggregator, const char *camera_id,
                              const struct batch_change *change)
{
    atomic_fetch_add(&aggregator->stage->tally->batches_closed, change->closed);
    if (!change->id[0])
        return;
    remember(aggregator, camera_id, change->id, change->started_at, change->last_activity);
    close_due(aggregator);
}

/* ---- Life ---- */

static int list_open(struct store_tx *tx, void *arg)
{
    return batches_list(tx, arg);
}

int batch_aggregator_new(const struct stage *stage, struct loop *loop,
                         struct batch_aggregator **ret_aggregator)
{
    AUTO(batch_list_release) struct batch_list list = {0};

    int r = store_read(stage->parts.store, list_open, &list);
    if (r < 0)
        return r;
    struct batch_aggregator *aggregator = mem_alloc(sizeof(*aggregator));
    aggregator->stage = stage;
    aggregator->loop = loop;
    aggregator->deadlines =
        (struct batch_deadlines){stage->settings.batch_window_us, stage->settings.batch_idle_us};
    aggregator->open = map_new();
    timer_init(&aggregator->timer, loop, on_timer, aggregator);
    for (size_t i = 0; i < list.count; i++)
        remember(aggregator, list.items[i].camera_id, list.items[i].id, list.items[i].started_at,
                 list.items[i].last_activity);
    *ret_aggregator = aggregator;
    return 0;
}

static void begin(void *arg)
{
    close_due(arg);
}

void batch_aggregator_start(struct batch_aggregator *aggregator)
{
    loop_post(aggregator->loop, begin, aggregator);
}

void batch_aggregator_stop(struct batch_aggregator *aggregator, loop_call *on_idle, void *owner)
{
    aggregator->is_stopping = true;
    aggregator->on_idle = on_idle;
    aggregator->idle_owner = owner;
    timer_stop(&aggregator->timer);
    if (aggregator->closing == 0)
        on_idle(owner);
}

void batch_aggregator_free(struct batch_aggregator **aggregator)
{
    struct open_batch *open;
    size_t at = 0;

    if (!*aggregator)
        return;
    while ((open = map_next((*aggregator)->open, &at, NULL)))
        mem_free(&open);
    map_free(&(*aggregator)->open);
    mem_free(aggregator);
}

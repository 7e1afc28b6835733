#include "base/mem.h"
#include "base/time.h"
#include "pipeline/announce.h"
#include "pipeline/batch_aggregator_private.h"
#include "pipeline/job.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define CLOCK_SLACK_US TIME_SECOND

/* ---- When ---- */

int64_t batch_due_at(const struct batch_deadlines *deadlines, int64_t started_at,
                     int64_t last_activity, enum batch_close *ret_reason)
{
    int64_t window = started_at + deadlines->window_us;
    int64_t idle = last_activity + deadlines->idle_us;

    *ret_reason = window <= idle ? BATCH_TIMEOUT : BATCH_IDLE;
    return window <= idle ? window : idle;
}

enum batch_close batch_is_due(const struct batch_deadlines *deadlines, int64_t started_at,
                              int64_t last_activity, int64_t now)
{
    if (now - started_at >= deadlines->window_us)
        return BATCH_TIMEOUT;
    if (now - last_activity >= deadlines->idle_us)
        return BATCH_IDLE;
    /* The clock was set back: nobody knows how long it has been open. */
    return now < last_activity - CLOCK_SLACK_US ? BATCH_IDLE : BATCH_STAYS_OPEN;
}

const char *batch_close_name(enum batch_close reason)
{
    static const char *const names[] = {
        [BATCH_STAYS_OPEN] = "open",
        [BATCH_TIMEOUT] = "timeout",
        [BATCH_IDLE] = "idle",
        [BATCH_MAX_SIZE] = "max_size",
    };
    return names[reason];
}

/* ---- Rows ---- */

static int push_job(const struct batch_aggregator *aggregator, struct store_tx *tx,
                    const struct batch *batch, const struct closed_batch *closed)
{
    AUTO(buf_release) struct buf body = BUF_INIT;
    struct analysis_job job = {.batch_id = batch->id,
                               .detection_ids = (int64_t *)closed->detection_ids,
                               .detection_count = closed->count,
                               .timestamp = closed->closed_at,
                               .reason = closed->reason};

    snprintf(job.camera_id, sizeof(job.camera_id), "%s", batch->camera_id);
    if (batch->pipeline_start &&
        time_parse(span_of(batch->pipeline_start), &job.pipeline_start, NULL) < 0)
        job.pipeline_start = 0;
    analysis_job_write(&job, &body);
    return queue_push(aggregator->stage->parts.analyses, tx, buf_text(&body));
}

int batch_close_now(const struct batch_aggregator *aggregator, struct store_tx *tx,
                    const struct batch *batch, enum batch_close reason, int64_t now)
{
    AUTO(mem_free) int64_t *ids = NULL;
    size_t count = 0;

    int r = batches_close(tx, batch->id, &ids, &count);
    if (r < 0 || count == 0)
        return r;
    struct closed_batch closed = {.id = batch->id,
                                  .camera_id = batch->camera_id,
                                  .reason = batch_close_name(reason),
                                  .detection_ids = ids,
                                  .count = count,
                                  .started_at = batch->started_at,
                                  .closed_at = now};
    r = push_job(aggregator, tx, batch, &closed);
    if (r == 0)
        r = announce_batch(aggregator->stage->parts.journal, tx, &closed);
    return r;
}

/* The id is made of its first detection's, which is never used twice; random digits of this length
 * would meet again within a year. */
static int open_batch(struct store_tx *tx, const char *camera_id, int64_t detection_id,
                      int64_t pipeline_start, int64_t now, struct batch *ret_batch)
{
    char start[TIME_TEXT_SIZE];

    ret_batch->id = mem_printf("batch-%08" PRIx64, detection_id);
    ret_batch->camera_id = mem_strdup(camera_id);
    ret_batch->started_at = ret_batch->last_activity = now;
    ret_batch->pipeline_start =
        pipeline_start ? mem_strdup(time_format(pipeline_start, start)) : NULL;
    return batches_insert(tx, ret_batch);
}

/* The camera's batch that may still be added to; -ENOENT: none. */
static int usable_batch(const struct batch_aggregator *aggregator, struct store_tx *tx,
                        const char *camera_id, int64_t now, struct batch *batch,
                        struct batch_change *change)
{
    int r = batches_open_of(tx, camera_id, batch);
    if (r < 0)
        return r;
    enum batch_close reason =
        batch_is_due(&aggregator->deadlines, batch->started_at, batch->last_activity, now);
    if (reason == BATCH_STAYS_OPEN &&
        batch->count >= aggregator->stage->settings.batch_detections_max)
        reason = BATCH_MAX_SIZE;
    if (reason == BATCH_STAYS_OPEN)
        return 0;
    r = batch_close_now(aggregator, tx, batch, reason, now);
    change->closed++;
    batch_release(batch);
    *batch = (struct batch){0};
    return r < 0 ? r : -ENOENT;
}

int batch_aggregator_add(const struct batch_aggregator *aggregator, struct store_tx *tx,
                         const char *camera_id, int64_t detection_id, int64_t pipeline_start,
                         int64_t now, struct batch_change *change)
{
    AUTO(batch_release) struct batch batch = {0};

    int r = usable_batch(aggregator, tx, camera_id, now, &batch, change);
    if (r == -ENOENT)
        r = open_batch(tx, camera_id, detection_id, pipeline_start, now, &batch);
    if (r == 0)
        r = batches_add(tx, batch.id, detection_id, now);
    if (r < 0)
        return r;
    snprintf(change->id, sizeof(change->id), "%s", batch.id);
    change->started_at = batch.started_at;
    change->last_activity = now;
    return 0;
}

#include "pipeline/analysis_queue_worker.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "loop/lane.h"
#include "loop/timer.h"
#include "pipeline/analysis.h"
#include "pipeline/job_taker.h"
#include "pipeline/on_loop.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define COMPONENT "analysis_queue_worker"
#define JOBS_MAX (2 * ANALYSIS_THREADS)
#define RETRY_FIRST_US (500 * TIME_MS)
#define RETRY_MAX_US (5 * TIME_SECOND)

struct analysis_queue_worker {
    const struct stage *stage;
    struct loop *loop;
    struct lane *lane;
    struct job_taker *taker;
    struct list waiting; /* struct judging: the store did not answer */
    bool is_stopping;
};

/* One job from its taking to its end. */
struct judging {
    struct list node;
    struct analysis_queue_worker *worker;
    struct timer retry_timer;
    struct queue_job queue_job;
    unsigned failures;
    int error;
};

/* ---- On a worker ---- */

static void bury(const struct judging *judging, const char *why)
{
    static const struct retry_policy at_once = {.attempts_max = 1};

    int r = queue_fail(judging->worker->stage->parts.analyses, &judging->queue_job, &at_once, why);
    log_warning(COMPONENT, "event=analysis_buried job=%" PRId64 " error=%s%s",
                judging->queue_job.id, log_value(why), r < 0 ? " (not buried yet)" : "");
}

static void note_event(const struct judging *judging, const struct analysis *analysis)
{
    struct tally *tally = judging->worker->stage->tally;

    if (analysis->is_doubled) {
        log_info(COMPONENT, "event=judged_before batch=%s id=%" PRId64,
                 log_value(analysis->job->batch_id), analysis->event_id);
        return;
    }
    tally_event(tally, analysis->verdict.score, analysis->verdict.level);
    log_info(COMPONENT, "event=judged batch=%s id=%" PRId64 " camera=%s score=%d level=%s",
             log_value(analysis->job->batch_id), analysis->event_id, analysis->camera_id,
             analysis->verdict.score, analysis->verdict.level);
}

static void fail(struct judging *judging, const char *batch_id, int error)
{
    int r = queue_fail(judging->worker->stage->parts.analyses, &judging->queue_job, &retry_default,
                       strerror(-error));

    log_warning(COMPONENT, "event=analysis_batch_error batch=%s attempt=%u then=%s error=%s",
                log_value(batch_id), judging->queue_job.attempt, r > 0 ? "dead_letter" : "again",
                log_value(strerror(-error)));
}

/* What the store could not do is tried again here; everything else is settled with the queue. */
static int judge(struct judging *judging, const struct analysis_job *job)
{
    AUTO(analysis_release)
    struct analysis analysis = {
        .stage = judging->worker->stage, .queue_job = &judging->queue_job, .job = job};

    int64_t since = time_monotonic();
    int r = analysis_run(&analysis);
    tally_seconds(&judging->worker->stage->tally->analyze_seconds, since);
    if (r == 0)
        note_event(judging, &analysis);
    else if (r == -ENODATA)
        log_warning(COMPONENT, "event=batch_without_detections batch=%s", log_value(job->batch_id));
    else if (is_store_trouble(r))
        return r;
    else if (r != -ENOENT || analysis.detections.count == 0)
        fail(judging, job->batch_id, r);
    return 0;
}

static void on_judged(void *arg);

static void judge_on_worker(void *arg)
{
    struct judging *judging = arg;
    AUTO(analysis_job_release) struct analysis_job job = {0};
    AUTO(buf_release) struct buf why = BUF_INIT;

    judging->error = 0;
    if (analysis_job_parse(span_of(judging->queue_job.body), &job, &why) < 0) {
        atomic_fetch_add(&judging->worker->stage->tally->jobs_refused, 1);
        bury(judging, buf_text(&why));
    } else {
        judging->error = judge(judging, &job);
    }
    loop_post(judging->worker->loop, on_judged, judging);
}

/* ---- On the loop ---- */

static void judging_end(struct judging *judging)
{
    job_taker_done(judging->worker->taker, &judging->queue_job);
    timer_stop(&judging->retry_timer);
    list_remove(&judging->node);
    queue_job_release(&judging->queue_job);
    mem_free(&judging);
}

static void submit(struct judging *judging)
{
    if (judging->worker->is_stopping ||
        lane_submit(judging->worker->lane, judge_on_worker, judging) < 0)
        judging_end(judging); /* it is still in the queue */
}

static void on_retry_due(void *owner)
{
    struct judging *judging = owner;

    list_remove(&judging->node);
    submit(judging);
}

static void on_judged(void *arg)
{
    struct judging *judging = arg;
    struct analysis_queue_worker *worker = judging->worker;
    int64_t pause = RETRY_FIRST_US << (judging->failures < 4 ? judging->failures : 4);

    tally_fault(worker->stage->tally, FAULT_ANALYSIS, judging->error);
    if (judging->error == 0 || worker->is_stopping) {
        judging_end(judging);
        return;
    }
    judging->failures++;
    list_append(&worker->waiting, &judging->node);
    timer_start(&judging->retry_timer, pause < RETRY_MAX_US ? pause : RETRY_MAX_US);
}

static void on_job(void *owner, struct queue_job *job)
{
    struct analysis_queue_worker *worker = owner;
    struct judging *judging = mem_alloc(sizeof(*judging));

    list_init(&judging->node);
    timer_init(&judging->retry_timer, worker->loop, on_retry_due, judging);
    judging->worker = worker;
    judging->queue_job = *job;
    *job = (struct queue_job){0};
    submit(judging);
}

/* ---- Life ---- */

int analysis_queue_worker_start(const struct stage *stage, struct loop *loop,
                                struct analysis_queue_worker **ret_worker)
{
    struct analysis_queue_worker *worker = mem_alloc(sizeof(*worker));

    worker->stage = stage;
    worker->loop = loop;
    list_init(&worker->waiting);
    int r = lane_new("judge", ANALYSIS_THREADS, JOBS_MAX, &worker->lane);
    if (r == 0)
        r = job_taker_start(loop,
                            &(struct job_taker_settings){.name = "judge_take",
                                                         .queue = stage->parts.analyses,
                                                         .at_once_max = JOBS_MAX,
                                                         .tally = stage->tally,
                                                         .fault = FAULT_ANALYSIS,
                                                         .on_job = on_job,
                                                         .owner = worker},
                            &worker->taker);
    if (r < 0) {
        analysis_queue_worker_free(&worker);
        return r;
    }
    atomic_store(&stage->tally->is_analysing, true);
    *ret_worker = worker;
    return 0;
}

static void end(void *arg)
{
    struct analysis_queue_worker *worker = arg;
    struct list *node;

    worker->is_stopping = true;
    while ((node = list_take_first(&worker->waiting)))
        judging_end(CONTAINER_OF(node, struct judging, node));
}

static void nothing(void *arg)
{
}

void analysis_queue_worker_stop(struct analysis_queue_worker *worker)
{
    job_taker_stop(worker->taker);
    on_loop(worker->loop, end, worker);
    lane_free(&worker->lane);
    on_loop(worker->loop, nothing, NULL); /* the last results are in its mailbox before this */
    atomic_store(&worker->stage->tally->is_analysing, false);
}

void analysis_queue_worker_free(struct analysis_queue_worker **worker)
{
    if (!*worker)
        return;
    lane_free(&(*worker)->lane);
    job_taker_free(&(*worker)->taker);
    mem_free(worker);
}

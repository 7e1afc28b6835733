#include "pipeline/detection_queue_worker.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "pipeline/dead_letters_sweep.h"
#include "pipeline/detection_queue_worker_private.h"

#include <errno.h>
#include <string.h>

#define RETRY_FIRST_US (500 * TIME_MS)
#define RETRY_MAX_US (5 * TIME_SECOND)
#define HOUSE_US (30 * TIME_SECOND)
#define HOUSE_TURNS_PER_SAVE 10 /* what the detector learned: every five minutes */
#define SCENES_MAX 1024

static void write_result(struct examination *examination);

/* ---- On the loop ---- */

static void end_if_idle(struct detection_queue_worker *worker)
{
    if (worker->is_stopping && worker->writing == 0)
        latch_open(&worker->ended);
}

static void examination_free(struct examination *examination)
{
    timer_stop(&examination->retry_timer);
    list_remove(&examination->node);
    queue_job_release(&examination->queue_job);
    detection_job_release(&examination->job);
    detection_result_release(&examination->result);
    mem_free(&examination);
}

static void examination_end(struct examination *examination)
{
    job_taker_done(examination->worker->taker, &examination->queue_job);
    examination_free(examination);
}

/* Once when it begins, not for each picture until it is over. */
static void note_scene(struct examination *examination)
{
    struct detection_queue_worker *worker = examination->worker;
    struct span camera = span_of(examination->job.camera_id);
    const struct detector_result *found = &examination->result.found;
    bool was_told = map_get(worker->changed_scenes, camera);

    if (found->note && strcmp(found->note, "scene_change") == 0) {
        if (was_told || map_count(worker->changed_scenes) >= SCENES_MAX)
            return;
        map_set(worker->changed_scenes, camera, worker);
        examination->result.is_scene_new = true;
    } else if (found->similarity >= worker->stage->settings.scene_change_threshold) {
        map_remove(worker->changed_scenes, camera);
    }
}

static void log_result(const struct examination *examination)
{
    const struct detection_result *result = &examination->result;
    const char *camera = log_value(examination->job.camera_id);
    const char *path = log_value(examination->job.file_path);

    if (result->reason)
        log_warning(DETECTION_COMPONENT, "event=file_%s camera=%s path=%s reason=%s detail=%s",
                    intake_outcome_name(result->outcome), camera, path, result->reason,
                    log_value(buf_text(&result->detail)));
    else
        log_info(DETECTION_COMPONENT,
                 "event=examined camera=%s path=%s detections=%u fast_path=%u note=%s", camera,
                 path, result->written, result->fast,
                 result->found.note ? result->found.note : "-");
}

static void finish_written(struct examination *examination)
{
    struct detection_queue_worker *worker = examination->worker;
    struct tally *tally = worker->stage->tally;

    tally_fault(tally, FAULT_DETECTION, 0);
    atomic_fetch_add(&tally->outcomes[examination->result.outcome], 1);
    for (unsigned i = 0; i < examination->result.written; i++)
        tally_detection(tally, examination->result.found.boxes[i].object_type,
                        examination->result.found.boxes[i].confidence);
    log_result(examination);
    batch_aggregator_changed(worker->aggregator, examination->job.camera_id,
                             &examination->result.batch);
    examination_end(examination);
}

static void on_retry_due(void *owner)
{
    struct examination *examination = owner;

    list_remove(&examination->node);
    write_result(examination);
}

static void wait_for_store(struct examination *examination)
{
    struct detection_queue_worker *worker = examination->worker;
    unsigned shift = examination->failures < 4 ? examination->failures : 4;
    int64_t pause = RETRY_FIRST_US << shift;

    examination->failures++;
    tally_fault(worker->stage->tally, FAULT_DETECTION, examination->error);
    list_append(&worker->waiting, &examination->node);
    timer_start(&examination->retry_timer, pause < RETRY_MAX_US ? pause : RETRY_MAX_US);
}

static void on_written(void *arg)
{
    struct examination *examination = arg;
    struct detection_queue_worker *worker = examination->worker;

    worker->writing--;
    if (examination->error == 0) {
        finish_written(examination);
    } else if (is_store_trouble(examination->error) && !worker->is_stopping) {
        wait_for_store(examination);
    } else {
        /* -ENOENT: somebody else finished it. Anything else: its lease ends and it comes again. */
        if (examination->error != -ENOENT)
            log_error(DETECTION_COMPONENT, "event=result_not_written camera=%s path=%s error=%s",
                      log_value(examination->job.camera_id), log_value(examination->job.file_path),
                      log_value(strerror(-examination->error)));
        examination_end(examination);
    }
    end_if_idle(worker);
}

static void on_store_done(void *arg, int result)
{
    struct examination *examination =
        CONTAINER_OF((struct detection_result *)arg, struct examination, result);

    examination->error = result;
    loop_post(examination->worker->loop, on_written, examination);
}

static void write_result(struct examination *examination)
{
    struct detection_queue_worker *worker = examination->worker;

    worker->writing++;
    store_write_async(worker->stage->parts.store, detection_result_write, &examination->result,
                      on_store_done);
}

static void on_examined(void *arg)
{
    struct examination *examination = arg;

    if (!examination->is_to_write) {
        examination_end(examination);
        return;
    }
    note_scene(examination);
    write_result(examination);
}

/* ---- Jobs ---- */

static void on_job(void *owner, struct queue_job *job)
{
    struct detection_queue_worker *worker = owner;
    struct examination *examination = mem_alloc(sizeof(*examination));
    const char *camera = "";

    list_init(&examination->node);
    timer_init(&examination->retry_timer, worker->loop, on_retry_due, examination);
    examination->worker = worker;
    examination->queue_job = *job;
    *job = (struct queue_job){0};
    examination->result = (struct detection_result){.stage = worker->stage,
                                                    .aggregator = worker->aggregator,
                                                    .queue_job = &examination->queue_job,
                                                    .job = &examination->job};
    examination->work = (struct camera_work){
        .do_work = examination_run, .on_done = on_examined, .arg = examination};
    if (detection_job_parse(span_of(examination->queue_job.body), &examination->job,
                            &examination->result.detail) < 0) {
        atomic_fetch_add(&worker->stage->tally->jobs_refused, 1);
        examination->work.do_work = examination_bury;
    } else {
        camera = examination->job.camera_id;
    }
    camera_order_submit(worker->order, camera, &examination->work);
}

/* ---- Now and then ---- */

static void keep_house_on_worker(void *arg)
{
    struct detection_queue_worker *worker = arg;
    struct queue_depth depth = {0};

    queue_depth(worker->stage->parts.detections, &depth);
    if (depth.dead != worker->dead_swept && dead_letters_sweep(worker->stage) == 0)
        worker->dead_swept = depth.dead;
    if (worker->is_save_due && worker->detector->type->save)
        worker->detector->type->save(worker->detector);
}

static void on_house_kept(void *arg)
{
    struct detection_queue_worker *worker = arg;

    timer_start(&worker->house_timer, HOUSE_US);
}

static void keep_house(void *arg)
{
    struct detection_queue_worker *worker = arg;

    worker->is_save_due = ++worker->house_turns % HOUSE_TURNS_PER_SAVE == 0;
    worker->house_work = (struct camera_work){
        .do_work = keep_house_on_worker, .on_done = on_house_kept, .arg = worker};
    camera_order_submit(worker->order, "", &worker->house_work);
}

/* ---- Life ---- */

int detection_queue_worker_start(const struct stage *stage, struct loop *loop,
                                 struct detector *detector, struct batch_aggregator *aggregator,
                                 struct detection_queue_worker **ret_worker)
{
    struct detection_queue_worker *worker = mem_alloc(sizeof(*worker));

    worker->stage = stage;
    worker->loop = loop;
    worker->detector = detector;
    worker->aggregator = aggregator;
    worker->changed_scenes = map_new();
    list_init(&worker->waiting);
    latch_init(&worker->ended);
    timer_init(&worker->house_timer, loop, keep_house, worker);
    int r = camera_order_new(loop, "detect", stage->settings.detect_threads, DETECTION_JOBS_MAX + 1,
                             &worker->order);
    if (r == 0)
        r = job_taker_start(loop,
                            &(struct job_taker_settings){.name = "detect_take",
                                                         .queue = stage->parts.detections,
                                                         .at_once_max = DETECTION_JOBS_MAX,
                                                         .tally = stage->tally,
                                                         .fault = FAULT_DETECTION,
                                                         .on_job = on_job,
                                                         .owner = worker},
                            &worker->taker);
    if (r < 0) {
        detection_queue_worker_free(&worker);
        return r;
    }
    loop_post(loop, keep_house, worker);
    atomic_store(&stage->tally->is_detecting, true);
    *ret_worker = worker;
    return 0;
}

static void end(void *arg)
{
    struct detection_queue_worker *worker = arg;
    struct list *node;

    worker->is_stopping = true;
    timer_stop(&worker->house_timer);
    while ((node = list_take_first(&worker->waiting)))
        examination_end(CONTAINER_OF(node, struct examination, node));
    end_if_idle(worker);
}

void detection_queue_worker_stop(struct detection_queue_worker *worker)
{
    job_taker_stop(worker->taker);
    camera_order_stop(worker->order);
    loop_post(worker->loop, end, worker);
    latch_wait(&worker->ended);
    atomic_store(&worker->stage->tally->is_detecting, false);
}

/* Never began: the job is still in the queue. */
static void drop(struct camera_work *work)
{
    if (work->do_work != keep_house_on_worker)
        examination_free(work->arg);
}

void detection_queue_worker_free(struct detection_queue_worker **worker)
{
    struct detection_queue_worker *dead = *worker;

    *worker = NULL;
    if (!dead)
        return;
    camera_order_free(&dead->order, drop);
    job_taker_free(&dead->taker);
    map_free(&dead->changed_scenes);
    latch_release(&dead->ended);
    mem_free(&dead);
}

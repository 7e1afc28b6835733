#include "pipeline/detection_queue_worker.h"

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/time.h"
#include "loop/latch.h"
#include "loop/timer.h"
#include "pipeline/camera_file.h"
#include "pipeline/camera_order.h"
#include "pipeline/dead_letters_sweep.h"
#include "pipeline/detection_result.h"
#include "pipeline/job_taker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define COMPONENT "detection_queue_worker"
#define RETRY_FIRST_US (500 * TIME_MS)
#define RETRY_MAX_US (5 * TIME_SECOND)
#define HOUSE_US (30 * TIME_SECOND)
#define HOUSE_TURNS_PER_SAVE 10 /* what the detector learned: every five minutes */
#define SCENES_MAX 1024

struct detection_queue_worker {
    const struct stage *stage;
    struct loop *loop;
    struct detector *detector;
    struct batch_aggregator *aggregator;
    struct job_taker *taker;
    struct camera_order *order;
    struct map *changed_scenes; /* cameras whose change was told and is not over */
    struct timer house_timer;
    struct camera_work house_work;
    unsigned house_turns;
    bool is_save_due;
    size_t dead_swept;   /* dead letters whose files have their outcome */
    struct list waiting; /* struct examination: the store could not write their results */
    unsigned writing;
    bool is_stopping;
    struct latch ended;
};

/* One job from its taking to its end. */
struct examination {
    struct list node;
    struct detection_queue_worker *worker;
    struct camera_work work;
    struct timer retry_timer;
    struct queue_job queue_job;
    struct detection_job job;
    struct detection_result result;
    bool is_to_write;  /* else the queue was told already */
    unsigned failures; /* writes that failed */
    int error;
};

static void write_result(struct examination *examination);

/* ---- On a worker ---- */

static int read_file(const struct examination *examination, struct buf *ret_bytes,
                     int64_t *ret_time)
{
    AUTO(fd_close) int fd = -1;
    struct stat info;

    int r = camera_file_open(examination->worker->stage->settings.camera_root,
                             examination->job.file_path, O_RDONLY, &fd);
    if (r < 0)
        return r;
    if (fstat(fd, &info) < 0)
        return -errno;
    *ret_time = file_modified_at(&info);
    return S_ISREG(info.st_mode) ? camera_file_read(fd, PICTURE_BYTES_MAX, ret_bytes) : -EINVAL;
}

static void conclude(struct examination *examination, enum intake_outcome outcome,
                     const char *reason, const char *detail)
{
    examination->result.outcome = outcome;
    examination->result.reason = reason;
    buf_setf(&examination->result.detail, "%s", detail);
    examination->is_to_write = true;
}

static int write_failed(struct store_tx *tx, void *arg)
{
    const struct examination *examination = arg;
    int r = intake_finish(tx, examination->job.intake_id, INTAKE_FAILED, examination->result.reason,
                          buf_text(&examination->result.detail));

    return r == -ENOENT ? 0 : r;
}

/* The job comes again, or is buried when its tries are used up. The file's outcome is written
 * first: should we die in between, the job comes once more and may still do better. */
static void fail(struct examination *examination, const char *reason, const char *detail)
{
    struct store *store = examination->worker->stage->parts.store;
    struct tally *tally = examination->worker->stage->tally;
    int r = 0;

    examination->result.reason = reason;
    buf_setf(&examination->result.detail, "%s", detail);
    if (!retry_allowed(&retry_default, examination->queue_job.attempt) &&
        examination->job.intake_id)
        r = store_write(store, write_failed, examination);
    if (r == 0)
        r = queue_fail(examination->worker->stage->parts.detections, &examination->queue_job,
                       &retry_default, detail);
    if (r < 0 && r != -ENOENT) /* its lease ends and it comes again */
        tally_fault(tally, FAULT_DETECTION, r);
    else if (r == 0)
        atomic_fetch_add(&tally->retries, 1);
    else if (r > 0 && examination->job.intake_id)
        atomic_fetch_add(&tally->outcomes[INTAKE_FAILED], 1);
    log_warning(COMPONENT, "event=detection_failed camera=%s path=%s attempt=%u then=%s error=%s",
                log_value(examination->job.camera_id), log_value(examination->job.file_path),
                examination->queue_job.attempt, r > 0 ? "dead_letter" : "again", log_value(detail));
}

static void detect(struct examination *examination, struct span file, int64_t taken_at)
{
    struct detector *detector = examination->worker->detector;
    struct picture_refusal why = {0};
    struct detector_input input = {
        .camera_id = examination->job.camera_id, .file = file, .taken_at = taken_at};

    int r = detector->type->detect(detector, &input, &examination->result.found, &why);
    if (r == 0) {
        detection_result_filter(&examination->result,
                                examination->worker->stage->settings.confidence_threshold);
        examination->is_to_write = true;
    } else if (r == -EINVAL) {
        conclude(examination, INTAKE_REFUSED, why.reason ? why.reason : "not_a_picture",
                 buf_text(&why.detail));
    } else {
        fail(examination, "detector", why.detail.len ? buf_text(&why.detail) : strerror(-r));
    }
    buf_release(&why.detail);
}

static void examine_on_worker(void *arg)
{
    struct examination *examination = arg;
    AUTO(buf_release) struct buf bytes = BUF_INIT;
    int64_t taken_at = 0, since = time_monotonic();

    if (examination->job.media != MEDIA_IMAGE) {
        conclude(examination, INTAKE_REFUSED, "unsupported", "videos are not examined");
        return;
    }
    int r = read_file(examination, &bytes, &taken_at);
    if (r == 0) {
        detect(examination, buf_span(&bytes), taken_at);
        tally_seconds(&examination->worker->stage->tally->detect_seconds, since);
    } else if (r == -ENOENT || r == -ENOTDIR) {
        conclude(examination, INTAKE_FAILED, "file_vanished", "it was gone before it was examined");
    } else if (r == -EINVAL || r == -EXDEV || r == -ELOOP) {
        conclude(examination, INTAKE_REFUSED, "outside", "no file below the camera root");
    } else if (r == -EFBIG) {
        conclude(examination, INTAKE_REFUSED, "too_large", "the file is larger than 32 MiB");
    } else {
        fail(examination, "unreadable", strerror(-r));
    }
}

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
    struct detection_queue_worker *worker = examination->worker;

    examination_free(examination);
    job_taker_done(worker->taker);
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
        log_warning(COMPONENT, "event=file_%s camera=%s path=%s reason=%s detail=%s",
                    intake_outcome_name(result->outcome), camera, path, result->reason,
                    log_value(buf_text(&result->detail)));
    else
        log_info(COMPONENT, "event=examined camera=%s path=%s detections=%u fast_path=%u note=%s",
                 camera, path, result->written, result->fast,
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
            log_error(COMPONENT, "event=result_not_written camera=%s path=%s error=%s",
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

static void bury_on_worker(void *arg)
{
    static const struct retry_policy at_once = {.attempts_max = 1};
    struct examination *examination = arg;
    const char *why = buf_text(&examination->result.detail);

    int r = queue_fail(examination->worker->stage->parts.detections, &examination->queue_job,
                       &at_once, why);
    log_warning(COMPONENT, "event=invalid_detection_payload job=%" PRId64 " error=%s%s",
                examination->queue_job.id, log_value(why), r < 0 ? " (not buried yet)" : "");
}

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
        .do_work = examine_on_worker, .on_done = on_examined, .arg = examination};
    if (detection_job_parse(span_of(examination->queue_job.body), &examination->job,
                            &examination->result.detail) < 0) {
        atomic_fetch_add(&worker->stage->tally->jobs_refused, 1);
        examination->work.do_work = bury_on_worker;
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

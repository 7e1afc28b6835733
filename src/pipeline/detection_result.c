#include "pipeline/detection_result.h"

#include "base/mem.h"
#include "base/time.h"
#include "pipeline/announce.h"
#include "pipeline/camera_folder.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

void detection_result_release(struct detection_result *result)
{
    buf_release(&result->detail);
}

void detection_result_filter(struct detection_result *result, double confidence_threshold)
{
    struct detector_result *found = &result->found;
    unsigned kept = 0;

    for (unsigned i = 0; i < found->count; i++) {
        if (found->boxes[i].confidence >= confidence_threshold)
            found->boxes[kept++] = found->boxes[i];
    }
    found->count = kept;
    result->outcome = kept > 0 ? INTAKE_DETECTED : INTAKE_NOTHING;
}

static bool takes_fast_path(const struct pipeline_settings *settings,
                            const struct detector_box *box)
{
    if (!settings->fast_path_types || box->confidence < settings->fast_path_confidence)
        return false;
    for (const char *const *type = settings->fast_path_types; *type; type++) {
        if (strcasecmp(*type, box->object_type) == 0)
            return true;
    }
    return false;
}

static int push_fast_job(const struct detection_result *result, struct store_tx *tx,
                         const struct detection *detection, char *batch_id)
{
    AUTO(buf_release) struct buf body = BUF_INIT;
    int64_t id = detection->id;
    struct analysis_job job = {.batch_id = batch_id,
                               .detection_ids = &id,
                               .detection_count = 1,
                               .pipeline_start = result->job->pipeline_start,
                               .timestamp = detection->detected_at,
                               .reason = "fast_path"};

    memcpy(job.camera_id, result->job->camera_id, sizeof(job.camera_id));
    analysis_job_write(&job, &body);
    return queue_push(result->stage->parts.analyses, tx, buf_text(&body));
}

/* Joins the camera's batch, or goes to be judged alone. */
static int pass_on(struct detection_result *result, struct store_tx *tx,
                   const struct detection *detection, const struct detector_box *box)
{
    AUTO(mem_free) char *fast_id = NULL;
    const char *batch_id = result->batch.id;
    int r;

    if (takes_fast_path(&result->stage->settings, box)) {
        batch_id = fast_id = mem_printf("fast_path_%" PRId64, detection->id);
        r = push_fast_job(result, tx, detection, fast_id);
        result->fast++;
    } else {
        r = batch_aggregator_add(result->aggregator, tx, detection->camera_id, detection->id,
                                 result->job->pipeline_start, detection->detected_at,
                                 &result->batch);
    }
    if (r == 0)
        r = announce_detection(result->stage->parts.journal, tx, detection, batch_id);
    return r;
}

static int write_detection(struct detection_result *result, struct store_tx *tx,
                           const struct detector_box *box, int64_t now)
{
    const struct detection_job *job = result->job;
    struct detection detection = {
        .camera_id = (char *)job->camera_id,
        .file_path = job->file_path,
        .file_type = (char *)media_mime_of(span_of(job->file_path)),
        .detected_at = now,
        .object_type = (char *)box->object_type,
        .confidence = box->confidence,
        .bbox_x = box->x,
        .bbox_y = box->y,
        .bbox_width = box->width,
        .bbox_height = box->height,
        .media_type = "image",
        .video_width = result->found.width,
        .video_height = result->found.height,
    };

    int r = detections_insert(tx, &detection, &detection.id);
    if (r == 0)
        r = pass_on(result, tx, &detection, box);
    if (r == 0)
        result->written++;
    return r;
}

static int write_detections(struct detection_result *result, struct store_tx *tx, int64_t now)
{
    int r = 0;

    for (unsigned i = 0; i < result->found.count && r == 0; i++)
        r = write_detection(result, tx, &result->found.boxes[i], now);
    if (r == 0 && result->is_scene_new)
        r = announce_scene_change(result->stage->parts.journal, tx,
                                  &(struct scene_change){.id = result->job->intake_id,
                                                         .camera_id = result->job->camera_id,
                                                         .similarity = result->found.similarity,
                                                         .at = now});
    if (r == 0)
        r = cameras_touch(tx, result->job->camera_id, now);
    return r;
}

static int finish_intake(const struct detection_result *result, struct store_tx *tx)
{
    if (!result->job->intake_id)
        return 0;
    int r = intake_finish(tx, result->job->intake_id, result->outcome, result->reason,
                          result->reason ? buf_text(&result->detail) : NULL);
    return r == -ENOENT ? 0 : r; /* its row was cleaned up: the picture still counts */
}

/* A camera that was deleted meanwhile, or that another program made up. */
static int check_camera(struct detection_result *result, struct store_tx *tx)
{
    AUTO(camera_release) struct camera camera = {0};

    int r = cameras_get(tx, result->job->camera_id, &camera);
    if (r != -ENOENT)
        return r;
    result->outcome = INTAKE_REFUSED;
    result->reason = "camera_unknown";
    buf_setf(&result->detail, "there is no camera %s", result->job->camera_id);
    return 0;
}

int detection_result_write(struct store_tx *tx, void *arg)
{
    struct detection_result *result = arg;
    bool is_examined = result->outcome == INTAKE_DETECTED || result->outcome == INTAKE_NOTHING;

    result->batch = (struct batch_change){0};
    result->written = result->fast = 0;
    int r = is_examined ? check_camera(result, tx) : 0;
    if (r == 0 && is_examined && result->outcome != INTAKE_REFUSED)
        r = write_detections(result, tx, time_now());
    if (r == 0)
        r = finish_intake(result, tx);
    if (r == 0)
        r = queue_finish(result->stage->parts.detections, tx, result->queue_job);
    return r;
}

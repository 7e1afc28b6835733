#include "base/log.h"
#include "base/time.h"
#include "pipeline/camera_file.h"
#include "pipeline/detection_queue_worker_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

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
    log_warning(DETECTION_COMPONENT,
                "event=detection_failed camera=%s path=%s attempt=%u then=%s error=%s",
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

void examination_run(void *arg)
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

void examination_bury(void *arg)
{
    static const struct retry_policy at_once = {.attempts_max = 1};
    struct examination *examination = arg;
    const char *why = buf_text(&examination->result.detail);

    int r = queue_fail(examination->worker->stage->parts.detections, &examination->queue_job,
                       &at_once, why);
    log_warning(DETECTION_COMPONENT, "event=invalid_detection_payload job=%" PRId64 " error=%s%s",
                examination->queue_job.id, log_value(why), r < 0 ? " (not buried yet)" : "");
}

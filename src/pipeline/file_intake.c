#include "pipeline/file_intake.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "media/picture.h"
#include "pipeline/camera_file.h"
#include "pipeline/dedupe.h"
#include "pipeline/job.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define COMPONENT "file_watcher"
/* Large enough that every scaled decoder reads to the end, small enough to cost little. */
#define PROBE_SIDE 64

void file_intake_release(struct file_intake *intake)
{
    mem_free(&intake->path);
    mem_free(&intake->row_path);
    buf_release(&intake->detail);
}

static void refuse(struct file_intake *intake, const char *reason, const char *detail)
{
    intake->verdict = FILE_REFUSED;
    intake->reason = reason;
    buf_setf(&intake->detail, "%s", detail);
}

static void postpone(struct file_intake *intake, int error)
{
    intake->verdict = FILE_LATER;
    intake->error = error;
    if (intake->is_last_try)
        refuse(intake, "unreadable", strerror(-error));
}

/* The file cannot be opened: for good, or because of the folder it lies in? */
static void explain_open(struct file_intake *intake, int error)
{
    AUTO(mem_free) char *folder = mem_strdup(intake->path);
    int folder_error = 0;

    *strrchr(folder, '/') = '\0';
    const char *trouble =
        camera_folder_trouble(intake->stage->settings.camera_root, folder, &folder_error);
    if (trouble && folder_error == -ENOENT)
        intake->verdict = FILE_GONE;
    else if (trouble)
        intake->verdict = FILE_LATER, intake->error = folder_error;
    else if (error == -ENOENT)
        refuse(intake, "vanished", "it was gone before it was examined");
    else if (error == -ELOOP || error == -EXDEV)
        refuse(intake, "symlink", "links are not followed");
    else if (error == -EACCES || error == -EPERM)
        refuse(intake, "unreadable", "permission denied");
    else if (error == -ENXIO || error == -ENODEV)
        refuse(intake, "not_a_file", "not a regular file");
    else if (error == -ENAMETOOLONG)
        refuse(intake, "bad_name", "the path is too long");
    else
        postpone(intake, error);
}

static int is_known(struct store_tx *tx, void *arg)
{
    const struct file_intake *intake = arg;

    return intake_knows(tx, intake->row_path, intake->size, intake->modified_at);
}

static void set_status(struct file_intake *intake, const struct stat *info)
{
    intake->size = info->st_size;
    intake->modified_at = file_modified_at(info);
}

static bool has_good_name(const struct file_intake *intake)
{
    struct span path = span_of(intake->path);

    return path.len <= JOB_PATH_MAX && text_is_utf8(path);
}

static void check_status(struct file_intake *intake, const struct stat *info)
{
    if (S_ISLNK(info->st_mode))
        refuse(intake, "symlink", "links are not followed");
    else if (!S_ISREG(info->st_mode))
        refuse(intake, "not_a_file", "not a regular file");
    else if (!has_good_name(intake))
        refuse(intake, "bad_name", "the name is not UTF-8 or too long");
    else if (info->st_size == 0)
        refuse(intake, "empty", "the file is empty");
    else if (info->st_size > PICTURE_BYTES_MAX)
        refuse(intake, "too_large", "the file is larger than 32 MiB");
}

/* True when there is something to open. What was entered before is not even opened. */
static bool look_at_status(struct file_intake *intake)
{
    struct stat info;

    if (lstat(intake->path, &info) < 0) {
        explain_open(intake, -errno);
        return false;
    }
    set_status(intake, &info);
    int known = store_read(intake->stage->parts.store, is_known, intake);
    if (known < 0)
        intake->verdict = FILE_STALLED, intake->error = known;
    else if (known)
        intake->verdict = FILE_KNOWN;
    else
        check_status(intake, &info);
    return intake->verdict == FILE_ACCEPTED;
}

static void look_at_content(struct file_intake *intake, int fd)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;
    AUTO(picture_free) struct picture *picture = NULL;
    struct picture_refusal why = {0};

    int r = camera_file_read(fd, PICTURE_BYTES_MAX, &bytes);
    if (r == 0 && (int64_t)bytes.len != intake->size)
        r = -EBUSY; /* it is being written: there will be another close */
    if (r == 0)
        r = picture_decode(buf_span(&bytes), PICTURE_GRAY, PROBE_SIDE, PROBE_SIDE, &picture, &why);
    if (r == -EINVAL)
        refuse(intake, why.reason ? why.reason : "not_a_picture", buf_text(&why.detail));
    else if (r < 0)
        postpone(intake, r);
    else
        r = dedupe_hash(buf_span(&bytes), intake->hash);
    buf_release(&why.detail);
}

static void look_inside(struct file_intake *intake)
{
    AUTO(fd_close) int fd = -1;
    struct stat info;

    int r = camera_file_open(intake->stage->settings.camera_root, intake->path, O_RDONLY, &fd);
    if (r < 0) {
        explain_open(intake, r);
        return;
    }
    if (fstat(fd, &info) < 0) {
        postpone(intake, -errno);
        return;
    }
    set_status(intake, &info);
    check_status(intake, &info);
    if (intake->verdict == FILE_ACCEPTED)
        look_at_content(intake, fd);
}

void file_intake_examine(struct file_intake *intake)
{
    struct span path = span_of(intake->path);

    intake->verdict = FILE_ACCEPTED;
    intake->started_at = time_now();
    intake->row_path = text_is_utf8(path) ? mem_strdup(intake->path) : text_printable(path);
    if (look_at_status(intake))
        look_inside(intake);
}

/* ---- Within the transaction ---- */

static int resolve_camera(struct file_intake *intake, struct store_tx *tx)
{
    struct span folder;

    if (intake->camera_id[0]) /* file_intake_refuse_camera() */
        return 0;
    int r = camera_folder_of(span_of(intake->stage->settings.camera_root), span_of(intake->path),
                             &folder);
    if (r == 0)
        r = camera_registry_resolve(intake->registry, tx, folder, intake->camera_id);
    if (r == -ENOENT) {
        refuse(intake, "camera_deleted", "its camera was deleted");
        return 0;
    }
    if (r == -EINVAL) {
        refuse(intake, "bad_name", "its folder's name gives no camera id");
        return 0;
    }
    return r;
}

static int push_job(const struct file_intake *intake, struct store_tx *tx, int64_t row_id)
{
    AUTO(buf_release) struct buf body = BUF_INIT;
    struct detection_job job = {.file_path = intake->path,
                                .timestamp = intake->started_at,
                                .media = MEDIA_IMAGE,
                                .pipeline_start = intake->started_at,
                                .intake_id = row_id,
                                .file_time = intake->modified_at};

    memcpy(job.camera_id, intake->camera_id, sizeof(job.camera_id));
    memcpy(job.file_hash, intake->hash, sizeof(job.file_hash));
    detection_job_write(&job, &body);
    return queue_push(intake->stage->parts.detections, tx, buf_text(&body));
}

static int decide_outcome(struct file_intake *intake, struct store_tx *tx, int64_t now)
{
    intake->outcome = INTAKE_REFUSED;
    if (intake->verdict == FILE_REFUSED)
        return 0;
    int claimed = dedupe_is_claimed(tx, intake->camera_id, intake->hash,
                                    intake->stage->settings.dedupe_ttl_us, now);
    if (claimed < 0)
        return claimed;
    intake->outcome = claimed ? INTAKE_DUPLICATE : INTAKE_QUEUED;
    return 0;
}

static int write_row(struct file_intake *intake, struct store_tx *tx, int64_t now)
{
    bool is_refused = intake->outcome == INTAKE_REFUSED;
    int64_t id = 0;
    struct intake row = {
        .camera_id = intake->camera_id,
        .file_path = intake->row_path,
        .file_hash = is_refused ? NULL : intake->hash,
        .size = intake->size,
        .modified_at = intake->modified_at,
        .seen_at = now,
        .finished_at = intake->outcome == INTAKE_QUEUED ? 0 : now,
        .outcome = intake->outcome,
        .reason = (char *)intake->reason,
        .detail = is_refused ? (char *)buf_text(&intake->detail) : NULL,
    };

    int r = intake_insert(tx, &row, &id);
    if (r == 0 && intake->outcome == INTAKE_QUEUED)
        r = push_job(intake, tx, id);
    return r;
}

int file_intake_enter(struct store_tx *tx, void *arg)
{
    struct file_intake *intake = arg;
    int64_t now = time_now();

    int r = resolve_camera(intake, tx);
    if (r == 0)
        r = decide_outcome(intake, tx, now);
    if (r == 0)
        r = write_row(intake, tx, now);
    if (r == 0) {
        r = cameras_touch(tx, intake->camera_id, now);
        r = r == -ENOENT ? 0 : r; /* a deleted one, or none */
    }
    return r;
}

void file_intake_refuse_camera(struct file_intake *intake)
{
    struct span folder;

    refuse(intake, "camera_conflict", "another camera has its folder's id");
    if (camera_folder_of(span_of(intake->stage->settings.camera_root), span_of(intake->path),
                         &folder) < 0 ||
        camera_id_normalise(folder, intake->camera_id) < 0)
        strcpy(intake->camera_id, "unknown");
}

void file_intake_log(const struct file_intake *intake)
{
    const char *camera = log_value(intake->camera_id);
    const char *path = log_value(intake->path);

    switch (intake->outcome) {
    case INTAKE_QUEUED:
        log_info(COMPONENT, "event=file_accepted camera=%s path=%s", camera, path);
        break;
    case INTAKE_DUPLICATE:
        log_info(COMPONENT, "event=file_duplicate camera=%s path=%s", camera, path);
        break;
    default:
        log_warning(COMPONENT, "event=file_refused camera=%s path=%s reason=%s detail=%s", camera,
                    path, intake->reason, log_value(buf_text(&intake->detail)));
    }
}

#include "pipeline/job.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"

#include <errno.h>
#include <string.h>

static int refuse(struct buf *why, const char *sentence)
{
    buf_setf(why, "%s", sentence);
    return -EINVAL;
}

static bool is_absent(const json_t *value)
{
    return !value || json_is_null(value);
}

static struct span text_of(const json_t *value)
{
    return (struct span){json_string_value(value), json_string_length(value)};
}

static int parse_body(struct span body, json_t **ret_object, struct buf *why)
{
    AUTO(json_release) json_t *object = NULL;

    if (body.len > JOB_BYTES_MAX)
        return refuse(why, "the job is longer than 256 KiB");
    int r = json_parse(body, &object, why);
    if (r < 0)
        return r;
    if (!json_is_object(object))
        return refuse(why, "the job is not a JSON object");
    *ret_object = TAKE(object);
    return 0;
}

static bool is_camera_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static int parse_camera_id(const json_t *value, char ret_id[CAMERA_ID_SIZE], struct buf *why)
{
    struct span text = text_of(value);

    if (!json_is_string(value) || text.len < 1 || text.len >= CAMERA_ID_SIZE)
        return refuse(why, "camera_id must be a text of 1 to 64 characters");
    for (size_t i = 0; i < text.len; i++) {
        if (!is_camera_character(text.at[i]))
            return refuse(why, "camera_id may hold letters, digits, '_' and '-' only");
    }
    memcpy(ret_id, text.at, text.len);
    ret_id[text.len] = '\0';
    return 0;
}

/* A name may hold two dots ("a..jpg"); only the component ".." leads out. */
static bool has_dot_dot(struct span path)
{
    struct span rest = path;

    while (rest.at) {
        if (span_is(span_cut(&rest, '/'), ".."))
            return true;
    }
    return false;
}

static int check_path(const json_t *value, struct buf *why)
{
    struct span path = text_of(value);

    if (!json_is_string(value) || path.len < 1 || path.len > JOB_PATH_MAX)
        return refuse(why, "file_path must be a text of 1 to 4096 bytes");
    if (path.at[0] != '/')
        return refuse(why, "file_path must begin with '/'");
    if (memchr(path.at, '\0', path.len))
        return refuse(why, "file_path holds a NUL");
    if (has_dot_dot(path))
        return refuse(why, "file_path holds '..'");
    return 0;
}

static int parse_instant(const json_t *object, const char *name, int64_t *ret_instant,
                         struct buf *why)
{
    const json_t *value = json_object_get(object, name);

    if (is_absent(value))
        return 0;
    if (!json_is_string(value) || time_parse(text_of(value), ret_instant, NULL) < 0) {
        buf_setf(why, "%s must be an ISO 8601 date and time", name);
        return -EINVAL;
    }
    return 0;
}

static int parse_hash(const json_t *value, char ret_hash[DIGEST_SHA256_HEX_SIZE], struct buf *why)
{
    struct span text = text_of(value);

    if (is_absent(value))
        return 0;
    if (!json_is_string(value) || text.len != DIGEST_SHA256_HEX_SIZE - 1 ||
        strspn(text.at, "0123456789abcdefABCDEF") != text.len)
        return refuse(why, "file_hash must be 64 hexadecimal digits");
    memcpy(ret_hash, text.at, text.len + 1);
    return 0;
}

static int parse_media(const json_t *value, enum media_kind *ret_media, struct buf *why)
{
    if (is_absent(value) || span_is(text_of(value), "image"))
        *ret_media = MEDIA_IMAGE;
    else if (span_is(text_of(value), "video"))
        *ret_media = MEDIA_VIDEO;
    else
        return refuse(why, "media_type must be \"image\" or \"video\"");
    return 0;
}

static int parse_intake_id(const json_t *value, int64_t *ret_id, struct buf *why)
{
    if (is_absent(value))
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return refuse(why, "intake_id must be a number of a row");
    *ret_id = json_integer_value(value);
    return 0;
}

void detection_job_release(struct detection_job *job)
{
    mem_free(&job->file_path);
}

static int read_detection_job(const json_t *object, struct detection_job *job, struct buf *why)
{
    if (is_absent(json_object_get(object, "timestamp")))
        return refuse(why, "timestamp is missing");
    int r = parse_camera_id(json_object_get(object, "camera_id"), job->camera_id, why);
    if (r == 0)
        r = check_path(json_object_get(object, "file_path"), why);
    if (r == 0)
        r = parse_instant(object, "timestamp", &job->timestamp, why);
    if (r == 0)
        r = parse_media(json_object_get(object, "media_type"), &job->media, why);
    if (r == 0)
        r = parse_hash(json_object_get(object, "file_hash"), job->file_hash, why);
    if (r == 0)
        r = parse_instant(object, "pipeline_start_time", &job->pipeline_start, why);
    if (r == 0)
        r = parse_instant(object, "file_time", &job->file_time, why);
    if (r == 0)
        r = parse_intake_id(json_object_get(object, "intake_id"), &job->intake_id, why);
    return r;
}

int detection_job_parse(struct span body, struct detection_job *ret_job, struct buf *why)
{
    AUTO(json_release) json_t *object = NULL;
    struct detection_job job = {0};

    int r = parse_body(body, &object, why);
    if (r == 0)
        r = read_detection_job(object, &job, why);
    if (r < 0)
        return r;
    struct span path = text_of(json_object_get(object, "file_path"));
    job.file_path = mem_strndup(path.at, path.len);
    *ret_job = job;
    return 0;
}

static void set_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static void set_instant(json_t *object, const char *name, int64_t instant)
{
    char text[TIME_TEXT_SIZE];

    set_text(object, name, instant ? time_format(instant, text) : NULL);
}

void detection_job_write(const struct detection_job *job, struct buf *out)
{
    AUTO(json_release) json_t *object = json_object();

    set_text(object, "camera_id", job->camera_id);
    set_text(object, "file_path", job->file_path);
    set_instant(object, "timestamp", job->timestamp);
    set_text(object, "media_type", job->media == MEDIA_VIDEO ? "video" : "image");
    set_text(object, "file_hash", job->file_hash[0] ? job->file_hash : NULL);
    set_instant(object, "pipeline_start_time", job->pipeline_start);
    json_object_set_new(object, "intake_id", json_integer(job->intake_id));
    set_instant(object, "file_time", job->file_time);
    buf_add_json(out, object);
}

void analysis_job_release(struct analysis_job *job)
{
    mem_free(&job->batch_id);
    mem_free(&job->detection_ids);
}

static int check_batch_id(const json_t *value, struct buf *why)
{
    struct span text = text_of(value);

    if (!json_is_string(value) || text.len < 1 || text.len > JOB_BATCH_ID_MAX)
        return refuse(why, "batch_id must be a text of 1 to 128 bytes");
    if (memchr(text.at, '\0', text.len) || memchr(text.at, '\r', text.len) ||
        memchr(text.at, '\n', text.len))
        return refuse(why, "batch_id holds a NUL or a line end");
    return 0;
}

/* A positive number, or one written as text. */
static int parse_id(const json_t *value, int64_t *ret_id)
{
    struct span text = text_of(value);
    int64_t id = 0;

    if (json_is_integer(value)) {
        id = json_integer_value(value);
    } else if (json_is_string(value) && text.len > 0 && text.len <= 18) {
        for (size_t i = 0; i < text.len; i++) {
            if (text.at[i] < '0' || text.at[i] > '9')
                return -EINVAL;
            id = id * 10 + (text.at[i] - '0');
        }
    }
    if (id < 1)
        return -EINVAL;
    *ret_id = id;
    return 0;
}

static int parse_ids(const json_t *value, struct analysis_job *job, struct buf *why)
{
    if (is_absent(value))
        return 0;
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count > JOB_DETECTIONS_MAX)
        return refuse(why, "detection_ids must be a list of at most 10000 numbers");

    job->detection_ids = mem_alloc_array(count + 1, sizeof(*job->detection_ids));
    for (size_t i = 0; i < count; i++) {
        if (parse_id(json_array_get(value, i), &job->detection_ids[i]) < 0)
            return refuse(why, "detection_ids may hold numbers from 1 only");
    }
    job->detection_count = count;
    return 0;
}

static int read_analysis_job(const json_t *object, struct analysis_job *job, struct buf *why)
{
    const json_t *camera = json_object_get(object, "camera_id");

    int r = check_batch_id(json_object_get(object, "batch_id"), why);
    if (r == 0 && !is_absent(camera))
        r = parse_camera_id(camera, job->camera_id, why);
    if (r == 0)
        r = parse_instant(object, "pipeline_start_time", &job->pipeline_start, why);
    if (r == 0)
        r = parse_ids(json_object_get(object, "detection_ids"), job, why);
    return r;
}

int analysis_job_parse(struct span body, struct analysis_job *ret_job, struct buf *why)
{
    AUTO(json_release) json_t *object = NULL;
    AUTO(analysis_job_release) struct analysis_job job = {0};

    int r = parse_body(body, &object, why);
    if (r == 0)
        r = read_analysis_job(object, &job, why);
    if (r < 0)
        return r;
    struct span id = text_of(json_object_get(object, "batch_id"));
    job.batch_id = mem_strndup(id.at, id.len);
    *ret_job = job;
    job = (struct analysis_job){0};
    return 0;
}

static json_t *ids_to_json(const int64_t *ids, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_integer(ids[i]));
    return list;
}

void analysis_job_write(const struct analysis_job *job, struct buf *out)
{
    AUTO(json_release) json_t *object = json_object();

    set_text(object, "batch_id", job->batch_id);
    set_text(object, "camera_id", job->camera_id[0] ? job->camera_id : NULL);
    json_object_set_new(object, "detection_ids",
                        job->detection_ids ? ids_to_json(job->detection_ids, job->detection_count)
                                           : json_null());
    set_instant(object, "pipeline_start_time", job->pipeline_start);
    json_object_set_new(object, "timestamp", json_real((double)job->timestamp / TIME_SECOND));
    if (job->reason)
        set_text(object, "reason", job->reason);
    buf_add_json(out, object);
}

#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/detection_work_private.h"
#include "api/file_private.h"
#include "api/param_private.h"
#include "api/text_private.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <string.h>

#define IMAGE_CACHE "private, max-age=3600"

/* ---- GET /api/media/thumbnails/{filename} ---- */

/* In the contract's order (§7): the path's text, where it leads, whether it is there, its kind. */
struct http_response *thumbnail_get(struct call *call)
{
    struct span name = call->params[0];
    AUTO(mem_free) char *path = mem_strndup(name.at, name.len);
    AUTO(file_close) int fd = -1;

    if (strstr(path, "..") || path[0] == '/')
        return answer_media_failure(403, "The path leaves the folder", name);
    int error = file_open_below(call->api->settings.thumbnails.folder, path, &fd);
    if (error == -EACCES)
        return answer_media_failure(403, "The path leaves the folder", name);
    if (error < 0)
        return answer_media_failure(404, "There is no such file", name);
    if (!file_media_type(name))
        return answer_media_failure(403, "Files of this kind are not served", name);
    return file_answer_media(call, &fd, name, IMAGE_CACHE);
}

/* ---- GET /api/detections/{detection_id}/image ---- */

static struct http_response *answer_no_file(const struct call *call)
{
    return answer_problem(call, 404, "FILE_NOT_FOUND",
                          "The detection's picture is no longer on the disk");
}

static struct http_response *answer_outside(const struct call *call)
{
    return answer_media_failure(403, "The file lies outside its folder", call->request->path);
}

static struct http_response *answer_original(struct call *call, const struct detection *detection)
{
    AUTO(file_close) int fd = -1;
    struct span path = span_of(detection->file_path);

    int error = file_open_below(call->api->settings.camera_root, detection->file_path, &fd);
    if (error == -EACCES)
        return answer_outside(call);
    if (error < 0)
        return answer_no_file(call);
    if (!file_media_type(path))
        return answer_media_failure(403, "Files of this kind are not served", call->request->path);
    return file_answer_media(call, &fd, path, IMAGE_CACHE);
}

struct thumbnail_work {
    int64_t id;
    const char *path;
};

static int thumbnail_store(struct store_tx *tx, void *arg)
{
    const struct thumbnail_work *work = arg;
    return detections_set_thumbnail(tx, work->id, work->path);
}

/* Draws it now, and remembers where it lies; that it is remembered is not what was asked for, so a
 * failure there is only logged. */
static int thumbnail_make(struct call *call, const struct detection *detection, struct buf *path)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    int error = thumbnail_generate(&call->api->settings.thumbnails, detection,
                                   (struct span){NULL, 0}, path, &why);
    if (error < 0) {
        log_warning("api", "event=thumbnail_failed detection=%lld error=%s",
                    (long long)detection->id, log_value(buf_text(&why)));
        return error;
    }
    struct thumbnail_work work = {detection->id, buf_text(path)};
    int stored = store_write(call->api->parts.store, thumbnail_store, &work);
    if (stored < 0)
        log_warning("api", "event=thumbnail_not_stored detection=%lld error=%s",
                    (long long)detection->id, log_value(strerror(-stored)));
    return 0;
}

struct http_response *detection_image(struct call *call)
{
    AUTO(detection_release) struct detection detection = {0};
    AUTO(buf_release) struct buf made = BUF_INIT;
    AUTO(file_close) int fd = -1;
    const char *folder = call->api->settings.thumbnails.folder;
    bool full = param_bool(call, "full", 0) == 1;

    struct http_response *refusal = detection_read(call, &detection);
    if (refusal)
        return refusal;
    if (full)
        return answer_original(call, &detection);

    const char *path = detection.thumbnail_path;
    int error = path ? file_open_below(folder, path, &fd) : -ENOENT;
    if (error == -ENOENT) {
        error = thumbnail_make(call, &detection, &made);
        path = buf_text(&made);
        if (error == 0)
            error = file_open_below(folder, path, &fd);
    }
    if (error == -EACCES)
        return answer_outside(call);
    if (error == -ENOENT)
        return answer_no_file(call);
    if (error < 0)
        return answer_problem(call, 500, "THUMBNAIL_GENERATION_FAILED",
                              "The thumbnail could not be drawn");
    return file_answer_media(call, &fd, span_of(path), IMAGE_CACHE);
}

#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/file_private.h"
#include "api/newest_private.h"
#include "base/mem.h"
#include "store/cameras.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENDS_SIZE 512 /* of a file's beginning and end that are looked at */

static bool holds(const char *bytes, ssize_t length, const char *what, size_t what_length)
{
    return length > 0 && memmem(bytes, (size_t)length, what, what_length);
}

/* By its first and last bytes: neither garbage nor half written. Reading all of it is for those who
 * decode it. */
static bool looks_whole(int fd)
{
    char first[8] = "", last[ENDS_SIZE];
    struct stat status;

    if (fstat(fd, &status) < 0 || pread(fd, first, sizeof(first), 0) < (ssize_t)sizeof(first))
        return false;
    off_t from = status.st_size > ENDS_SIZE ? status.st_size - ENDS_SIZE : 0;
    ssize_t length = pread(fd, last, sizeof(last), from);
    if (!memcmp(first, "\xff\xd8\xff", 3))
        return holds(last, length, "\xff\xd9", 2);
    if (!memcmp(first, "\x89PNG\r\n\x1a\n", 8))
        return holds(last, length, "IEND", 4);
    return !memcmp(first, "GIF8", 4);
}

/* The newest picture that looks whole; when none does, the newest of them: better an odd picture
 * than none. Returns its path, or NULL when there is nothing. */
static const char *choose(const struct api *api, const struct camera *camera,
                          const struct newest *newest, int *ret_fd)
{
    const char *chosen = NULL;

    for (size_t i = 0; i < newest->count; i++) {
        AUTO(mem_free) char *path = mem_printf("%s/%s", camera->folder_path, newest->files[i].path);
        AUTO(file_close) int fd = -1;
        if (file_open_below(api->settings.camera_root, path, &fd) < 0)
            continue;
        bool whole = looks_whole(fd);
        if (whole || !chosen) {
            file_close(ret_fd);
            *ret_fd = fd;
            fd = -1;
            chosen = newest->files[i].path;
        }
        if (whole)
            break;
    }
    return chosen;
}

static struct http_response *answer_newest(struct call *call, const struct camera *camera)
{
    AUTO(newest_release) struct newest newest = {.count = 0};
    AUTO(file_close) int folder = -1;
    AUTO(file_close) int fd = -1;

    int error =
        file_open_folder_below(call->api->settings.camera_root, camera->folder_path, &folder);
    if (error == -EACCES)
        return answer_media_failure(403, "The camera's folder lies outside FOSCAM_BASE_PATH",
                                    call->request->path);
    if (error < 0)
        return answer_problem(call, 404, "FILE_NOT_FOUND", "The camera's folder is not there");
    newest_find(folder, &newest);
    const char *path = choose(call->api, camera, &newest, &fd);
    if (!path)
        return answer_problem(call, 404, "FILE_NOT_FOUND", "The camera has no picture yet");
    return file_answer_media(call, &fd, span_of(path), "no-cache");
}

struct snapshot_work {
    const char *id;
    struct camera camera;
};

static int snapshot_read(struct store_tx *tx, void *arg)
{
    struct snapshot_work *work = arg;
    return cameras_get(tx, work->id, &work->camera);
}

struct http_response *camera_snapshot(struct call *call)
{
    AUTO(mem_free) char *id = mem_strndup(call->params[0].at, call->params[0].len);
    AUTO(camera_release) struct camera camera = {0};
    struct snapshot_work work = {.id = id};

    int error = store_read(call->api->parts.store, snapshot_read, &work);
    camera = work.camera;
    if (error == -ENOENT)
        return answer_problem(call, 404, "CAMERA_NOT_FOUND", "There is no such camera");
    if (error < 0)
        return answer_store_error(call, error);
    return answer_newest(call, &camera);
}

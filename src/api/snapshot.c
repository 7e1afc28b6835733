#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/file_private.h"
#include "base/mem.h"
#include "store/cameras.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SNAPSHOT_DEPTH_MAX 8
#define SNAPSHOT_ENTRIES_MAX 200000 /* names looked at; of more, the newest of these is shown */

struct newest {
    struct timespec modified;
    struct buf path; /* relative to the camera's folder; empty: none yet */
    struct buf here; /* the folder being walked, with a slash at its end */
    unsigned entries;
};

static bool is_later(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* NOLINTBEGIN(misc-no-recursion): SNAPSHOT_DEPTH_MAX deep. */
static void walk_folder(struct newest *newest, int parent, const char *name, int depth);

static void look_at(struct newest *newest, int folder, const struct dirent *entry, int depth)
{
    const char *name = entry->d_name;
    struct stat status;
    bool picture = file_is_picture(span_of(name));

    if (name[0] == '.' || (entry->d_type == DT_REG && !picture))
        return;
    /* Links are not followed: what they lead to is not the camera's. */
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    if (S_ISDIR(status.st_mode) && depth < SNAPSHOT_DEPTH_MAX)
        walk_folder(newest, folder, name, depth + 1);
    if (!S_ISREG(status.st_mode) || !picture || status.st_size == 0)
        return;
    if (newest->path.len > 0 && !is_later(status.st_mtim, newest->modified))
        return;
    newest->modified = status.st_mtim;
    buf_reset(&newest->path);
    buf_add_span(&newest->path, buf_span(&newest->here));
    buf_add_text(&newest->path, name);
}

static void walk_folder(struct newest *newest, int parent, const char *name, int depth)
{
    size_t outside = newest->here.len;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder) {
        file_close(&fd);
        return;
    }
    if (depth > 0)
        buf_addf(&newest->here, "%s/", name);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (++newest->entries > SNAPSHOT_ENTRIES_MAX)
            break;
        look_at(newest, fd, entry, depth);
    }
    closedir(folder);
    if (newest->here.len > outside) {
        newest->here.len = outside;
        newest->here.data[outside] = '\0';
    }
}

/* NOLINTEND(misc-no-recursion) */

static void newest_release(struct newest *newest)
{
    buf_release(&newest->path);
    buf_release(&newest->here);
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

static struct http_response *answer_newest(struct call *call, const struct camera *camera)
{
    AUTO(newest_release) struct newest newest = {0};
    AUTO(buf_release) struct buf path = BUF_INIT;
    AUTO(file_close) int folder = -1;
    AUTO(file_close) int fd = -1;

    int error =
        file_open_folder_below(call->api->settings.camera_root, camera->folder_path, &folder);
    if (error == -EACCES)
        return answer_media_failure(403, "The camera's folder lies outside FOSCAM_BASE_PATH",
                                    call->request->path);
    if (error < 0)
        return answer_problem(call, 404, "FILE_NOT_FOUND", "The camera's folder is not there");
    walk_folder(&newest, folder, ".", 0);
    if (newest.path.len == 0)
        return answer_problem(call, 404, "FILE_NOT_FOUND", "The camera has no picture yet");
    buf_addf(&path, "%s/%s", camera->folder_path, buf_text(&newest.path));
    error = file_open_below(call->api->settings.camera_root, buf_text(&path), &fd);
    if (error < 0)
        return answer_problem(call, 404, "FILE_NOT_FOUND", "The picture is gone again");
    return file_answer_media(call, &fd, buf_span(&newest.path), "no-cache");
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

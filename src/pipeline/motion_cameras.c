/* The cameras of the detector by name: made or loaded on demand, written on request, and the one
 * used least recently gives way at MOTION_CAMERAS_MAX.
 *
 * The registry's mutex is held for looking up only; each camera has its own for everything else. */
#include "base/digest.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "pipeline/file_write.h"
#include "pipeline/motion_private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMPONENT "motion_detector"
#define STATE_BYTES_MAX (16L * 1024 * 1024)
#define PLAIN_NAME_MAX 64

static struct motion_camera *camera_new(const char *id)
{
    struct motion_camera *camera = mem_alloc(sizeof(*camera));

    camera->id = mem_strdup(id);
    list_init(&camera->node);
    mutex_init(&camera->mutex);
    return camera;
}

static void camera_free(struct motion_camera **camera)
{
    if (!*camera)
        return;
    motion_camera_release(*camera);
    mutex_release(&(*camera)->mutex);
    mem_free(&(*camera)->id);
    mem_free(camera);
}

/* Camera ids are names of folders and mostly plain; one that is not cannot lead elsewhere. */
static char *state_path(const struct motion_cameras *cameras, const char *id)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    char digest[DIGEST_SHA256_HEX_SIZE];
    size_t length = strlen(id);

    if (length > 0 && length <= PLAIN_NAME_MAX && strspn(id, plain) == length)
        return mem_printf("%s/%s.background", cameras->state_dir, id);
    digest_sha256_hex(span_of(id), digest);
    return mem_printf("%s/%s.background", cameras->state_dir, digest);
}

static void close_file(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int read_state(const char *path, struct buf *out)
{
    AUTO(close_file) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) != 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || status.st_size > STATE_BYTES_MAX)
        return -EINVAL;
    while (out->len < (size_t)status.st_size) {
        size_t wanted = (size_t)status.st_size - out->len;
        ssize_t got = read(fd, buf_reserve(out, wanted), wanted);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got == 0)
            break;
        out->len += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

/* Called with the camera's mutex held. A camera without a state, or with a damaged one, learns. */
static void camera_load(struct motion_cameras *cameras, struct motion_camera *camera)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;

    if (camera->loaded)
        return;
    camera->loaded = true;
    if (!cameras->state_dir)
        return;
    AUTO(mem_free) char *path = state_path(cameras, camera->id);
    int error = read_state(path, &bytes);
    if (!error)
        error = motion_state_take(camera, buf_span(&bytes));
    if (error && error != -ENOENT)
        log_warning(COMPONENT, "event=background_not_loaded camera=%s path=%s error=%s",
                    log_value(camera->id), log_value(path), log_value(strerror(-error)));
}

static void camera_save(struct motion_cameras *cameras, struct motion_camera *camera)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;

    if (!cameras->state_dir)
        return;
    mutex_lock(&camera->mutex);
    if (camera->dirty && camera->width)
        motion_state_put(camera, &bytes);
    camera->dirty = false;
    mutex_unlock(&camera->mutex);
    if (!bytes.len)
        return;
    AUTO(mem_free) char *path = state_path(cameras, camera->id);
    int error = file_write(path, buf_span(&bytes), 0640);
    if (error)
        log_error(COMPONENT, "event=background_not_saved camera=%s path=%s error=%s",
                  log_value(camera->id), log_value(path), log_value(strerror(-error)));
}

/* The one that was used least recently and is not in use; out of the map, for the caller to save
 * and free. NULL while there is room. The detector's mutex is held. */
static struct motion_camera *take_surplus(struct motion_cameras *cameras)
{
    struct motion_camera *oldest = NULL;

    if (map_count(cameras->by_id) < MOTION_CAMERAS_MAX)
        return NULL;
    LIST_FOR_EACH(&cameras->recent, node)
    {
        struct motion_camera *camera = CONTAINER_OF(node, struct motion_camera, node);
        if (camera->users == 0)
            oldest = camera;
    }
    if (!oldest)
        return NULL;
    list_remove(&oldest->node);
    map_remove(cameras->by_id, span_of(oldest->id));
    return oldest;
}

struct motion_camera *motion_cameras_acquire(struct motion_cameras *cameras, const char *id)
{
    AUTO(camera_free) struct motion_camera *surplus = NULL;

    mutex_lock(&cameras->mutex);
    struct motion_camera *camera = map_get(cameras->by_id, span_of(id));
    if (!camera) {
        surplus = take_surplus(cameras);
        camera = camera_new(id);
        map_set(cameras->by_id, span_of(id), camera);
    }
    list_remove(&camera->node);
    list_prepend(&cameras->recent, &camera->node);
    camera->users++;
    mutex_unlock(&cameras->mutex);
    if (surplus)
        camera_save(cameras, surplus);
    mutex_lock(&camera->mutex);
    camera_load(cameras, camera);
    return camera;
}

void motion_cameras_return(struct motion_cameras *cameras, struct motion_camera *camera)
{
    mutex_unlock(&camera->mutex);
    mutex_lock(&cameras->mutex);
    camera->users--;
    mutex_unlock(&cameras->mutex);
}

/* The cameras there are now, held so that none goes away meanwhile. */
static size_t hold_all(struct motion_cameras *cameras, struct motion_camera **held)
{
    size_t count = 0;

    mutex_lock(&cameras->mutex);
    LIST_FOR_EACH(&cameras->recent, node)
    {
        struct motion_camera *camera = CONTAINER_OF(node, struct motion_camera, node);
        if (count == 2 * MOTION_CAMERAS_MAX)
            break;
        camera->users++;
        held[count++] = camera;
    }
    mutex_unlock(&cameras->mutex);
    return count;
}

void motion_cameras_save(struct motion_cameras *cameras)
{
    struct motion_camera *held[2 * MOTION_CAMERAS_MAX];
    size_t count = hold_all(cameras, held);

    for (size_t i = 0; i < count; i++)
        camera_save(cameras, held[i]);
    mutex_lock(&cameras->mutex);
    for (size_t i = 0; i < count; i++)
        held[i]->users--;
    mutex_unlock(&cameras->mutex);
}

void motion_cameras_init(struct motion_cameras *cameras, const char *state_dir)
{
    cameras->state_dir = mem_strdup(state_dir);
    mutex_init(&cameras->mutex);
    cameras->by_id = map_new();
    list_init(&cameras->recent);
}

void motion_cameras_release(struct motion_cameras *cameras)
{
    while (!list_is_empty(&cameras->recent)) {
        struct motion_camera *camera =
            CONTAINER_OF(list_take_first(&cameras->recent), struct motion_camera, node);
        assert(camera->users == 0);
        camera_free(&camera);
    }
    map_free(&cameras->by_id);
    mutex_release(&cameras->mutex);
    mem_free(&cameras->state_dir);
}

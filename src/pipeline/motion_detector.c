#include "pipeline/motion_detector.h"

#include "base/digest.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "pipeline/file_write.h"
#include "pipeline/motion_private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMPONENT "motion_detector"
#define STATE_BYTES_MAX (16L * 1024 * 1024)
#define PLAIN_NAME_MAX 64

struct motion_detector {
    struct detector detector;
    char *state_dir; /* NULL: nothing is kept */
    double scene_threshold;

    struct mutex mutex;  /* all that follows */
    struct map *cameras; /* id -> struct motion_camera */
    struct list recent;  /* the same, most recently used first */
    struct list scratch; /* struct motion_work that nobody uses now */
};

static struct motion_detector *motion_of(struct detector *detector)
{
    return CONTAINER_OF(detector, struct motion_detector, detector);
}

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
static char *state_path(const struct motion_detector *motion, const char *id)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    char digest[DIGEST_SHA256_HEX_SIZE];
    size_t length = strlen(id);

    if (length > 0 && length <= PLAIN_NAME_MAX && strspn(id, plain) == length)
        return mem_printf("%s/%s.background", motion->state_dir, id);
    digest_sha256_hex(span_of(id), digest);
    return mem_printf("%s/%s.background", motion->state_dir, digest);
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
static void camera_load(struct motion_detector *motion, struct motion_camera *camera)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;

    if (camera->loaded)
        return;
    camera->loaded = true;
    if (!motion->state_dir)
        return;
    AUTO(mem_free) char *path = state_path(motion, camera->id);
    int error = read_state(path, &bytes);
    if (!error)
        error = motion_state_take(camera, buf_span(&bytes));
    if (error && error != -ENOENT)
        log_warning(COMPONENT, "event=background_not_loaded camera=%s path=%s error=%s",
                    log_value(camera->id), log_value(path), log_value(strerror(-error)));
}

static void camera_save(struct motion_detector *motion, struct motion_camera *camera)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;

    if (!motion->state_dir)
        return;
    mutex_lock(&camera->mutex);
    if (camera->dirty && camera->width)
        motion_state_put(camera, &bytes);
    camera->dirty = false;
    mutex_unlock(&camera->mutex);
    if (!bytes.len)
        return;
    AUTO(mem_free) char *path = state_path(motion, camera->id);
    int error = file_write(path, buf_span(&bytes), 0640);
    if (error)
        log_error(COMPONENT, "event=background_not_saved camera=%s path=%s error=%s",
                  log_value(camera->id), log_value(path), log_value(strerror(-error)));
}

/* The one that was used least recently and is not in use; out of the map, for the caller to save
 * and free. NULL while there is room. The detector's mutex is held. */
static struct motion_camera *take_surplus(struct motion_detector *motion)
{
    struct motion_camera *oldest = NULL;

    if (map_count(motion->cameras) < MOTION_CAMERAS_MAX)
        return NULL;
    LIST_FOR_EACH(&motion->recent, node)
    {
        struct motion_camera *camera = CONTAINER_OF(node, struct motion_camera, node);
        if (camera->users == 0)
            oldest = camera;
    }
    if (!oldest)
        return NULL;
    list_remove(&oldest->node);
    map_remove(motion->cameras, span_of(oldest->id));
    return oldest;
}

/* Found or made, loaded, and locked for the caller alone. */
static struct motion_camera *camera_acquire(struct motion_detector *motion, const char *id)
{
    AUTO(camera_free) struct motion_camera *surplus = NULL;

    mutex_lock(&motion->mutex);
    struct motion_camera *camera = map_get(motion->cameras, span_of(id));
    if (!camera) {
        surplus = take_surplus(motion);
        camera = camera_new(id);
        map_set(motion->cameras, span_of(id), camera);
    }
    list_remove(&camera->node);
    list_prepend(&motion->recent, &camera->node);
    camera->users++;
    mutex_unlock(&motion->mutex);
    if (surplus)
        camera_save(motion, surplus);
    mutex_lock(&camera->mutex);
    camera_load(motion, camera);
    return camera;
}

static void camera_return(struct motion_detector *motion, struct motion_camera *camera)
{
    mutex_unlock(&camera->mutex);
    mutex_lock(&motion->mutex);
    camera->users--;
    mutex_unlock(&motion->mutex);
}

static struct motion_work *work_acquire(struct motion_detector *motion)
{
    mutex_lock(&motion->mutex);
    struct list *node = list_take_first(&motion->scratch);
    mutex_unlock(&motion->mutex);
    if (node)
        return CONTAINER_OF(node, struct motion_work, node);

    struct motion_work *work = mem_alloc(sizeof(*work));
    list_init(&work->node);
    work->changed = mem_alloc(MOTION_PIXELS_MAX);
    work->mask = mem_alloc(MOTION_PIXELS_MAX);
    work->spare = mem_alloc(MOTION_PIXELS_MAX);
    work->opened = mem_alloc(MOTION_PIXELS_MAX);
    blobs_init(&work->blobs);
    return work;
}

static void work_return(struct motion_detector *motion, struct motion_work *work)
{
    mutex_lock(&motion->mutex);
    list_append(&motion->scratch, &work->node);
    mutex_unlock(&motion->mutex);
}

static void work_free(struct motion_work *work)
{
    mem_free(&work->changed);
    mem_free(&work->mask);
    mem_free(&work->spare);
    mem_free(&work->opened);
    blobs_release(&work->blobs);
    mem_free(&work);
}

/* Grey, and not larger than the working size; small pictures stay as they are. */
static struct picture *to_working_size(const struct picture *colour)
{
    AUTO(picture_free) struct picture *gray = picture_to_gray(colour);
    double scale =
        fmin(1, fmin((double)MOTION_WIDTH / gray->width, (double)MOTION_HEIGHT_MAX / gray->height));
    int width = (int)lround(gray->width * scale), height = (int)lround(gray->height * scale);

    width = width < MOTION_SIDE_MIN ? MOTION_SIDE_MIN : width;
    height = height < MOTION_SIDE_MIN ? MOTION_SIDE_MIN : height;
    if (width == gray->width && height == gray->height)
        return TAKE(gray);
    return picture_scale(gray, width, height);
}

static int within(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

/* Outwards, so that the thing stays inside; never empty, never outside. */
static struct detector_box box_in_original(const struct motion_box *box, const struct picture *gray)
{
    double across = (double)gray->full_width / gray->width;
    double down = (double)gray->full_height / gray->height;
    int left = within((int)floor(box->left * across), 0, gray->full_width - 1);
    int top = within((int)floor(box->top * down), 0, gray->full_height - 1);
    int right = within((int)ceil(box->right * across), left + 1, gray->full_width);
    int bottom = within((int)ceil(box->bottom * down), top + 1, gray->full_height);

    return (struct detector_box){
        .object_type = "motion",
        .confidence = box->confidence,
        .x = left,
        .y = top,
        .width = right - left,
        .height = bottom - top,
    };
}

static void look(struct motion_detector *motion, const struct detector_input *input,
                 const struct motion_picture *picture, struct motion_finding *finding)
{
    struct motion_work *work = work_acquire(motion);
    struct motion_camera *camera = camera_acquire(motion, input->camera_id);

    motion_camera_look(camera, picture, motion->scene_threshold, work, finding);
    camera_return(motion, camera);
    work_return(motion, work);
}

static int detect(struct detector *detector, const struct detector_input *input,
                  struct detector_result *ret_result, struct picture_refusal *why)
{
    AUTO(picture_free) struct picture *colour = NULL;
    struct motion_finding finding;

    int error = picture_decode(input->file, PICTURE_RGB, MOTION_WIDTH, 0, &colour, why);
    if (error)
        return error;
    AUTO(picture_free) struct picture *gray = to_working_size(colour);
    AUTO(picture_free) struct picture *scene = picture_scale(gray, SCENE_WIDTH, SCENE_HEIGHT);
    struct motion_picture picture = {
        .gray = gray->pixels,
        .scene = scene->pixels,
        .width = gray->width,
        .height = gray->height,
        .saturation = picture_saturation(colour),
        .taken_at = input->taken_at,
    };
    look(motion_of(detector), input, &picture, &finding);

    *ret_result = (struct detector_result){
        .count = finding.count,
        .width = gray->full_width,
        .height = gray->full_height,
        .learning = finding.learning,
        .note = finding.note,
        .similarity = finding.similarity,
    };
    for (unsigned i = 0; i < finding.count; i++)
        ret_result->boxes[i] = box_in_original(&finding.boxes[i], gray);
    return 0;
}

/* The cameras there are now, held so that none goes away meanwhile. */
static size_t hold_all(struct motion_detector *motion, struct motion_camera **held)
{
    size_t count = 0;

    mutex_lock(&motion->mutex);
    LIST_FOR_EACH(&motion->recent, node)
    {
        struct motion_camera *camera = CONTAINER_OF(node, struct motion_camera, node);
        if (count == 2 * MOTION_CAMERAS_MAX)
            break;
        camera->users++;
        held[count++] = camera;
    }
    mutex_unlock(&motion->mutex);
    return count;
}

static void save(struct detector *detector)
{
    struct motion_detector *motion = motion_of(detector);
    struct motion_camera *held[2 * MOTION_CAMERAS_MAX];
    size_t count = hold_all(motion, held);

    for (size_t i = 0; i < count; i++)
        camera_save(motion, held[i]);
    mutex_lock(&motion->mutex);
    for (size_t i = 0; i < count; i++)
        held[i]->users--;
    mutex_unlock(&motion->mutex);
}

static void detector_free(struct detector **detector)
{
    if (!*detector)
        return;
    struct motion_detector *motion = motion_of(*detector);
    while (!list_is_empty(&motion->recent)) {
        struct motion_camera *camera =
            CONTAINER_OF(list_take_first(&motion->recent), struct motion_camera, node);
        assert(camera->users == 0);
        camera_free(&camera);
    }
    while (!list_is_empty(&motion->scratch))
        work_free(CONTAINER_OF(list_take_first(&motion->scratch), struct motion_work, node));
    map_free(&motion->cameras);
    mutex_release(&motion->mutex);
    mem_free(&motion->state_dir);
    mem_free(&motion);
    *detector = NULL;
}

static const struct detector_type motion_type = {
    .name = "motion",
    .detect = detect,
    .save = save,
    .free = detector_free,
};

int motion_detector_new(const char *state_dir, double scene_change_threshold,
                        struct detector **ret_detector)
{
    if (state_dir && mkdir(state_dir, 0750) != 0 && errno != EEXIST)
        return -errno;
    struct motion_detector *motion = mem_alloc(sizeof(*motion));
    motion->detector.type = &motion_type;
    motion->state_dir = mem_strdup(state_dir);
    motion->scene_threshold = scene_change_threshold;
    mutex_init(&motion->mutex);
    motion->cameras = map_new();
    list_init(&motion->recent);
    list_init(&motion->scratch);
    *ret_detector = &motion->detector;
    return 0;
}

#include "pipeline/motion_detector.h"

#include "base/mem.h"
#include "pipeline/motion_private.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>

struct motion_detector {
    struct detector detector;
    double scene_threshold;
    struct motion_cameras cameras;

    struct mutex mutex;  /* what follows */
    struct list scratch; /* struct motion_work that nobody uses now */
};

static struct motion_detector *motion_of(struct detector *detector)
{
    return CONTAINER_OF(detector, struct motion_detector, detector);
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
    struct motion_camera *camera = motion_cameras_acquire(&motion->cameras, input->camera_id);

    motion_camera_look(camera, picture, motion->scene_threshold, work, finding);
    motion_cameras_return(&motion->cameras, camera);
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

static void save(struct detector *detector)
{
    motion_cameras_save(&motion_of(detector)->cameras);
}

static void detector_free(struct detector **detector)
{
    if (!*detector)
        return;
    struct motion_detector *motion = motion_of(*detector);
    motion_cameras_release(&motion->cameras);
    while (!list_is_empty(&motion->scratch))
        work_free(CONTAINER_OF(list_take_first(&motion->scratch), struct motion_work, node));
    mutex_release(&motion->mutex);
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
    motion->scene_threshold = scene_change_threshold;
    motion_cameras_init(&motion->cameras, state_dir);
    mutex_init(&motion->mutex);
    list_init(&motion->scratch);
    *ret_detector = &motion->detector;
    return 0;
}

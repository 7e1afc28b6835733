/* One picture of one camera.
 *
 *   light      colour or infrared: each has its own background
 *   exposure   the background is brought to the picture's brightness
 *   compare    |picture - mean| > 3 deviations, without ever-restless pixels, opened
 *   judge      most of it changed: light, not things; the background is learned anew
 *   things     blobs, less ghosts, light and what has come to rest (motion_things.c)
 *   learn      mean and deviation follow, slowly under what is there now
 *
 * Pictures come one a second or one an hour, so all rates are of time, not of pictures. */
#include "base/mem.h"
#include "base/time.h"
#include "pipeline/motion_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define THRESHOLD_FLOOR 18      /* grey levels */
#define THRESHOLD_FLOOR_LATE 26 /* for the first picture after a gap: shadows have wandered */
#define THRESHOLD_CEILING 90
#define DEVIATION_FIRST 4
#define RESTLESS_LIMIT 96 /* of 255: turns in more than every third picture */

#define LIGHT_SHARE 0.60 /* more changed pixels than this are no thing */
#define LIGHT_SHARE_LATE 0.35
#define SCENE_OTHER 0.40 /* less similar than this: another view, not another light */
#define SCENE_COVERED 0.35
#define SCENE_REFRESH_SECONDS 30.0

#define SLOWER_UNDER_THINGS 32.0 /* so that a thing does not draw its own likeness */
#define SLOW_SECONDS_MAX 10.0
#define LEARN_RATE_MIN (1.0 / 128) /* less would be lost in rounding */

#define COLOURED 10.0 /* mean spread of the channels, 0..255 */
#define COLOURLESS 5.0

static size_t pixels_of(const struct motion_camera *camera)
{
    return (size_t)camera->width * (size_t)camera->height;
}

static void model_release(struct motion_model *model)
{
    mem_free(&model->mean);
    mem_free(&model->deviation);
    mem_free(&model->scene);
    *model = (struct motion_model){0};
}

void motion_model_init(struct motion_model *model, size_t pixels)
{
    model_release(model);
    model->mean = mem_alloc_array(pixels, sizeof(*model->mean));
    model->deviation = mem_alloc_array(pixels, sizeof(*model->deviation));
    model->scene = mem_alloc(SCENE_PIXELS);
}

void motion_camera_release(struct motion_camera *camera)
{
    for (int light = 0; light < MOTION_LIGHTS; light++)
        model_release(&camera->models[light]);
    mem_free(&camera->shown);
    mem_free(&camera->age);
    mem_free(&camera->before);
    mem_free(&camera->restless);
}

void motion_camera_resize(struct motion_camera *camera, int width, int height)
{
    size_t pixels = (size_t)width * (size_t)height;

    motion_camera_release(camera);
    camera->width = width;
    camera->height = height;
    camera->shown = mem_alloc(pixels);
    camera->age = mem_alloc(pixels);
    camera->before = mem_alloc(pixels);
    camera->restless = mem_alloc(pixels);
    camera->age_rest = camera->learn_rest = 0;
    camera->burst_at = 0;
    camera->scene_lost = false;
}

struct motion_model *motion_camera_model(struct motion_camera *camera)
{
    return &camera->models[camera->light];
}

/* What was seen pixel by pixel belongs to the background that is no longer looked at. */
static void forget_changes(struct motion_camera *camera)
{
    memset(camera->age, 0, pixels_of(camera));
    memset(camera->before, 0, pixels_of(camera));
    camera->age_rest = camera->learn_rest = 0;
}

/* The picture is all there is to know: whatever stands in it is background for now. */
static void learn_anew(struct motion_camera *camera, const struct motion_picture *picture)
{
    struct motion_model *model = motion_camera_model(camera);
    size_t pixels = pixels_of(camera);

    motion_model_init(model, pixels);
    for (size_t i = 0; i < pixels; i++) {
        model->mean[i] = (uint16_t)(picture->gray[i] * PIXELS_SCALE);
        model->deviation[i] = DEVIATION_FIRST * PIXELS_SCALE;
    }
    memcpy(model->scene, picture->scene, SCENE_PIXELS);
    model->learned_at = model->last_at = model->scene_at = picture->taken_at;
    model->pictures = 1;
    forget_changes(camera);
    camera->burst_at = 0;
    camera->scene_lost = false;
}

static enum motion_light light_of(const struct motion_camera *camera,
                                  const struct motion_picture *picture)
{
    if (picture->saturation > COLOURED)
        return MOTION_COLOUR;
    if (picture->saturation < COLOURLESS)
        return MOTION_INFRARED;
    return camera->light;
}

/* The median of picture / background x256, which a thing in the picture hardly moves. */
static unsigned exposure_gain(const uint8_t *gray, const uint16_t *mean, int width, int height)
{
    uint32_t histogram[1024] = {0}, samples = 0, sum = 0;

    for (int y = 2; y < height; y += 4)
        for (int x = 2; x < width; x += 8) {
            size_t at = (size_t)y * (size_t)width + (size_t)x;
            unsigned usual = mean[at] / PIXELS_SCALE;
            if (usual < 16 || usual > 240 || gray[at] > 250)
                continue;
            unsigned ratio = gray[at] * 256u * PIXELS_SCALE / mean[at];
            histogram[ratio < 1023 ? ratio : 1023]++;
            samples++;
        }
    if (samples < 16)
        return 256;
    for (unsigned ratio = 0; ratio < 1024; ratio++) {
        sum += histogram[ratio];
        if (sum * 2 >= samples)
            return ratio < 64 ? 64 : ratio;
    }
    return 256;
}

static void follow_exposure(struct motion_camera *camera, const struct motion_picture *picture)
{
    struct motion_model *model = motion_camera_model(camera);
    unsigned gain = exposure_gain(picture->gray, model->mean, camera->width, camera->height);

    if (gain < 254 || gain > 258)
        pixels_gain(model->mean, gain, pixels_of(camera));
}

/* Leaves the changed pixels in work->changed and the opened, widened mask in work->mask. Returns
 * the share of pixels that really changed. */
static double compare(struct motion_camera *camera, const struct motion_picture *picture, bool late,
                      struct motion_work *work)
{
    struct motion_model *model = motion_camera_model(camera);
    size_t pixels = pixels_of(camera);
    int width = camera->width, height = camera->height;
    struct pixels_threshold threshold = {
        .floor = (late ? THRESHOLD_FLOOR_LATE : THRESHOLD_FLOOR) * PIXELS_SCALE,
        .ceiling = THRESHOLD_CEILING * PIXELS_SCALE,
    };

    pixels_compare(picture->gray, model->mean, model->deviation, threshold, work->changed, pixels);
    pixels_without_restless(work->changed, camera->restless, RESTLESS_LIMIT, work->mask, pixels);
    pixels_erode(work->mask, work->opened, work->spare, width, height);
    pixels_dilate(work->opened, work->mask, work->spare, width, height);
    size_t changed = pixels_count(work->mask, pixels);
    pixels_dilate(work->mask, work->opened, work->spare, width, height);
    uint8_t *mask = work->opened;
    work->opened = work->mask;
    work->mask = mask;
    return (double)changed / (double)pixels;
}

static int16_t rate_of(double rate)
{
    return (int16_t)lround(fmin(32767, rate * 32768));
}

/* A lamp went on or off: all that is no thing is learned at once. Learning only what crossed the
 * threshold would leave a seam, and the seam would look like a thing next time. */
static void learn_light(struct motion_camera *camera, const struct motion_picture *picture,
                        struct motion_work *work)
{
    struct motion_model *model = motion_camera_model(camera);

    for (size_t i = 0; i < pixels_of(camera); i++)
        if (!work->mask[i])
            model->mean[i] = (uint16_t)(picture->gray[i] * PIXELS_SCALE);
    model->learned_at = picture->taken_at;
}

static void learn(struct motion_camera *camera, const struct motion_picture *picture,
                  double seconds, struct motion_work *work)
{
    struct motion_model *model = motion_camera_model(camera);
    size_t pixels = pixels_of(camera);

    camera->age_rest += seconds;
    double whole = fmin(255, floor(camera->age_rest));
    camera->age_rest = fmod(camera->age_rest, 1.0);
    pixels_age(picture->gray, work->mask, (uint8_t)whole, camera->shown, camera->age, pixels);
    pixels_restless(work->changed, camera->before, camera->restless, pixels);

    camera->learn_rest += seconds;
    double rate = 1 - exp(-camera->learn_rest / MOTION_TAU_SECONDS);
    if (model->pictures < MOTION_YOUNG_PICTURES)
        rate = fmax(rate, 1.0 / (model->pictures + 1));
    if (rate < LEARN_RATE_MIN)
        return;
    double slow_seconds = fmin(camera->learn_rest, SLOW_SECONDS_MAX);
    double slow = 1 - exp(-slow_seconds / (MOTION_TAU_SECONDS * SLOWER_UNDER_THINGS));
    pixels_learn(picture->gray, work->mask, rate_of(rate), rate_of(slow), model->mean,
                 model->deviation, pixels);
    camera->learn_rest = 0;
}

/* The stored scene follows what is usual, so that daylight and seasons do not add up; what moves
 * is not in it. */
static void refresh_scene(struct motion_camera *camera, int64_t now)
{
    struct motion_model *model = motion_camera_model(camera);
    AUTO(picture_free)
    struct picture *usual = picture_new(PICTURE_GRAY, camera->width, camera->height);

    for (size_t i = 0; i < pixels_of(camera); i++)
        usual->pixels[i] = (uint8_t)(model->mean[i] / PIXELS_SCALE);
    AUTO(picture_free) struct picture *scene = picture_scale(usual, SCENE_WIDTH, SCENE_HEIGHT);
    memcpy(model->scene, scene->pixels, SCENE_PIXELS);
    model->scene_at = now;
}

/* Noted once, when it begins; a change that stays becomes the scene. */
static void judge_scene(struct motion_camera *camera, const struct motion_picture *picture,
                        double threshold, struct motion_finding *finding)
{
    struct motion_model *model = motion_camera_model(camera);
    double age = (double)(picture->taken_at - model->scene_at) / TIME_SECOND;
    bool lost = finding->similarity < threshold;

    if (lost && !camera->scene_lost) {
        finding->note = "scene_change";
        model->scene_at = picture->taken_at;
    } else if (age > (lost ? MOTION_ABSORB_SECONDS : SCENE_REFRESH_SECONDS)) {
        refresh_scene(camera, picture->taken_at);
        lost = false;
    }
    camera->scene_lost = lost;
}

/* Not things but another light, or another view. */
static void start_again(struct motion_camera *camera, const struct motion_picture *picture,
                        const char *note, struct motion_finding *finding)
{
    learn_anew(camera, picture);
    finding->count = 0;
    finding->learning = true;
    finding->note = note;
}

static void look_against(struct motion_camera *camera, const struct motion_picture *picture,
                         double scene_threshold, struct motion_work *work,
                         struct motion_finding *finding)
{
    struct motion_model *model = motion_camera_model(camera);
    double seconds = fmax(0, (double)(picture->taken_at - model->last_at) / TIME_SECOND);
    bool late = seconds > MOTION_GAP_SECONDS;
    int width = camera->width, height = camera->height;

    if (late)
        camera->burst_at = picture->taken_at;
    follow_exposure(camera, picture);
    double share = compare(camera, picture, late, work);
    uint32_t min_area = (uint32_t)fmax(6, width * height / 10000.0);
    bool too_much = share > (late ? LIGHT_SHARE_LATE : LIGHT_SHARE) ||
                    blobs_find(&work->blobs, work->mask, width, height, min_area) != 0;
    if (!too_much)
        motion_things_find(camera, picture, work, finding);
    finding->similarity =
        motion_scene_similarity(picture->scene, model->scene, finding, width, height);
    bool other_view = finding->similarity < SCENE_OTHER;
    if (too_much) {
        start_again(camera, picture, other_view ? "scene_change" : "light_change", finding);
        return;
    }
    if (other_view && motion_scene_covered(finding, width, height) > SCENE_COVERED) {
        start_again(camera, picture, "scene_change", finding);
        return;
    }
    judge_scene(camera, picture, scene_threshold, finding);
    if (finding->lit)
        learn_light(camera, picture, work);
    learn(camera, picture, seconds, work);
    model->last_at = picture->taken_at;
    model->pictures++;
}

void motion_camera_look(struct motion_camera *camera, const struct motion_picture *picture,
                        double scene_threshold, struct motion_work *work,
                        struct motion_finding *ret_finding)
{
    bool first = camera->width == 0;
    enum motion_light before = camera->light;

    *ret_finding = (struct motion_finding){.similarity = -1};
    if (camera->width != picture->width || camera->height != picture->height)
        motion_camera_resize(camera, picture->width, picture->height);
    camera->dirty = true;
    camera->light = light_of(camera, picture);
    bool switched = !first && camera->light != before;
    if (switched)
        forget_changes(camera);
    if (motion_camera_model(camera)->mean)
        look_against(camera, picture, scene_threshold, work, ret_finding);
    else
        start_again(camera, picture, NULL, ret_finding);
    if (switched)
        ret_finding->note = "infrared_switch";
}

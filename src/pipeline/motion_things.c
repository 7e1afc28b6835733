/* Which blobs are things.
 *
 * A blob may also be
 *   light    the background is still there, only brighter or darker: its texture is kept, or
 *            brightness changes softly across the outline. Learned at once
 *   a clock  a small text in place of another at the upper or lower edge. Learned at once
 *   a ghost  the background shows a thing that has gone: its outline is in the background and not
 *            in the picture. At once while the background is young (what stood in the first
 *            pictures was taken for background), else after GHOST_SECONDS
 *   resting  it has shown the same for MOTION_REST: no motion, but watched still
 *   absorbed it has rested for MOTION_ABSORB, or since a burst began: part of the background */
#include "base/time.h"
#include "pipeline/motion_private.h"

#include <math.h>
#include <string.h>

#define GHOST_SECONDS 10
#define BURST_SECONDS 60
#define BURST_SETTLE_SECONDS 10
#define YOUNG_SECONDS 20.0

#define MOST 0.6 /* of a blob's changed pixels */

#define OUTLINE_SAMPLES_MIN 6
#define GHOST_CONTRAST_MIN 12 /* grey levels across the outline */

#define SOFT_OUTLINE 0.4 /* of the blob's contrast */
#define TEXTURE_MIN 6.0  /* mean square of the gradient, in the brighter of the two lights */
#define TEXTURE_KEPT 0.8
#define LIGHT_NOTED_SHARE 0.2    /* of the picture */
#define LIGHT_SPREADS_SHARE 0.01 /* it has lit more than what crossed the threshold */
#define SMALL_IN_NEW_LIGHT 0.004 /* of the picture: a seam of the light, hardly a thing */

#define CLOCK_BAND 0.12   /* of the height, above and below */
#define CLOCK_HEIGHT 0.07 /* of the height */
#define CLOCK_WIDTH 0.25
#define CLOCK_TEXTURE 400.0 /* mean square of the gradient, before and now: letters are sharp */

enum fate { THING, RESTING, LIGHT, CLOCK, GHOST, ABSORBED };

static bool is_light(const struct motion_measures *m)
{
    double contrast = (double)m->contrast / m->changed;

    if (m->outline_samples >= OUTLINE_SAMPLES_MIN &&
        (double)m->outline_light < SOFT_OUTLINE * contrast * m->outline_samples)
        return true;
    return fmax(m->texture_now, m->texture_usual) > TEXTURE_MIN * m->changed &&
           m->texture_both > TEXTURE_KEPT * sqrt(m->texture_now * m->texture_usual);
}

static bool is_clock(const struct motion_measures *m, const struct blob *blob, int width,
                     int height)
{
    bool at_edge = blob->bottom < height * CLOCK_BAND || blob->top > height * (1 - CLOCK_BAND);
    bool small = blob->bottom - blob->top < height * CLOCK_HEIGHT &&
                 blob->right - blob->left < width * CLOCK_WIDTH;

    return at_edge && small && m->texture_now > CLOCK_TEXTURE * m->changed &&
           m->texture_usual > CLOCK_TEXTURE * m->changed;
}

static bool has_no_outline(const struct motion_measures *m)
{
    return m->outline_samples >= OUTLINE_SAMPLES_MIN && m->outline_usual > 2 * m->outline_now &&
           m->outline_usual > (uint64_t)GHOST_CONTRAST_MIN * m->outline_samples;
}

static enum fate fate_of(const struct motion_measures *m, bool young)
{
    double most = MOST * m->changed;

    if (is_light(m))
        return LIGHT;
    if (has_no_outline(m) && (young || m->gone >= most))
        return GHOST;
    if (m->absorbed >= most || m->settled >= most)
        return ABSORBED;
    return m->resting >= most ? RESTING : THING;
}

/* 256: never. */
static struct motion_ages ages_at(const struct motion_camera *camera, int64_t now)
{
    struct motion_ages ages = {(int)MOTION_REST_SECONDS, (int)MOTION_ABSORB_SECONDS, 256,
                               GHOST_SECONDS};
    int64_t burst = (now - camera->burst_at) / TIME_SECOND;

    if (camera->burst_at && burst >= BURST_SETTLE_SECONDS && burst < BURST_SECONDS)
        ages.settled =
            (int)burst > BURST_SETTLE_SECONDS + 2 ? (int)burst - 2 : BURST_SETTLE_SECONDS;
    return ages;
}

static bool is_young(const struct motion_model *model, int64_t now)
{
    return model->pictures < MOTION_YOUNG_PICTURES ||
           (double)(now - model->learned_at) < YOUNG_SECONDS * TIME_SECOND;
}

/* What is not watched as a thing any more is background from now on. */
static void apply_fate(struct motion_camera *camera, const struct motion_picture *picture,
                       const struct blob_run *run, enum fate fate, struct motion_work *work)
{
    struct motion_model *model = motion_camera_model(camera);
    size_t row = (size_t)run->y * (size_t)camera->width;

    if (fate == THING || fate == RESTING)
        return;
    memset(work->mask + row + run->left, 0, (size_t)(run->right - run->left));
    for (size_t at = row + run->left; at < row + run->right; at++) {
        model->mean[at] = (uint16_t)(picture->gray[at] * PIXELS_SCALE);
        work->changed[at] = 0;
    }
}

/* One picture's blobs, and what they turned out to be. */
struct judged {
    struct motion_measures measures[BLOBS_MAX];
    enum fate fates[BLOBS_MAX];
};

static void measure_all(const struct motion_camera *camera, const struct motion_picture *picture,
                        const struct motion_work *work, struct motion_measures *measures)
{
    const struct blobs *blobs = &work->blobs;
    struct motion_view view = {
        .gray = picture->gray,
        .changed = work->changed,
        .mask = work->mask,
        .age = camera->age,
        .mean = camera->models[camera->light].mean,
        .width = camera->width,
        .ages = ages_at(camera, picture->taken_at),
    };

    for (size_t i = 0; i < blobs->run_count; i++)
        if (blobs->runs[i].blob < BLOBS_MAX)
            motion_measure_run(&view, &blobs->runs[i], &measures[blobs->runs[i].blob]);
}

/* Returns the share of the picture that is lit differently. */
static double judge_all(struct motion_camera *camera, const struct motion_picture *picture,
                        const struct blobs *blobs, struct judged *judged)
{
    bool young = is_young(motion_camera_model(camera), picture->taken_at);
    double pixels = (double)camera->width * camera->height;
    uint32_t lit = 0;

    for (size_t i = 0; i < blobs->count; i++) {
        const struct motion_measures *m = &judged->measures[i];
        bool clock = is_clock(m, &blobs->items[i], camera->width, camera->height);
        judged->fates[i] = clock ? CLOCK : fate_of(m, young);
        lit += judged->fates[i] == LIGHT ? m->changed : 0;
    }
    if (lit <= LIGHT_SPREADS_SHARE * pixels)
        return 0;
    for (size_t i = 0; i < blobs->count; i++)
        if (judged->fates[i] == THING && judged->measures[i].changed < SMALL_IN_NEW_LIGHT * pixels)
            judged->fates[i] = LIGHT;
    return lit / pixels;
}

void motion_things_find(struct motion_camera *camera, const struct motion_picture *picture,
                        struct motion_work *work, struct motion_finding *finding)
{
    const struct blobs *blobs = &work->blobs;
    struct judged judged = {0};
    struct motion_candidate candidates[MOTION_CANDIDATES_MAX];
    size_t count = 0;

    measure_all(camera, picture, work, judged.measures);
    double lit = judge_all(camera, picture, blobs, &judged);
    for (size_t i = 0; i < blobs->count && count < MOTION_CANDIDATES_MAX; i++)
        if (judged.fates[i] == THING && judged.measures[i].changed)
            candidates[count++] = motion_candidate_of(&blobs->items[i], &judged.measures[i]);
    for (size_t i = 0; i < blobs->run_count; i++)
        if (blobs->runs[i].blob < BLOBS_MAX)
            apply_fate(camera, picture, &blobs->runs[i], judged.fates[blobs->runs[i].blob], work);
    finding->lit = lit > 0;
    if (lit > LIGHT_NOTED_SHARE)
        finding->note = "light_change";
    motion_boxes_report(candidates, count, camera->width, camera->height, finding);
}

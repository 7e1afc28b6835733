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
#include <stdlib.h>
#include <string.h>

#define GHOST_SECONDS 10
#define BURST_SECONDS 60
#define BURST_SETTLE_SECONDS 10
#define YOUNG_SECONDS 20.0
#define YOUNG_PICTURES 8

#define MOST 0.6 /* of a blob's changed pixels */

#define OUTLINE_SAMPLES_MIN 6
#define GHOST_CONTRAST_MIN 12 /* grey levels across the outline */
#define OUTLINE_RUN_MIN 8     /* narrower runs have no inside to compare with the outside */

#define SOFT_OUTLINE 0.4 /* of the blob's contrast */
#define DARK 16          /* grey levels below which ratios are mostly noise */

#define TEXTURE_STEP_MIN 12 /* grey levels over two pixels; less may be noise */
#define TEXTURE_MIN 6.0     /* mean square of the gradient, in the brighter of the two lights */
#define TEXTURE_KEPT 0.8
#define LIGHT_NOTED_SHARE 0.2    /* of the picture */
#define LIGHT_SPREADS_SHARE 0.01 /* it has lit more than what crossed the threshold */

#define CLOCK_BAND 0.12   /* of the height, above and below */
#define CLOCK_HEIGHT 0.07 /* of the height */
#define CLOCK_WIDTH 0.25
#define CLOCK_TEXTURE 400.0 /* mean square of the gradient, before and now: letters are sharp */

enum fate { THING, RESTING, LIGHT, CLOCK, GHOST, ABSORBED };

struct measures {
    uint32_t changed;                          /* pixels */
    uint64_t contrast;                         /* their sum of differences, grey levels */
    uint32_t resting, absorbed, settled, gone; /* pixels that have shown the same for so long */
    uint32_t outline_samples;
    uint64_t outline_now, outline_usual; /* steps across the outline */
    uint64_t outline_light;              /* steps that another light does not explain */
    double texture_both, texture_now, texture_usual;
};

struct ages {
    int resting, absorbed, settled, gone;
};

struct view {
    const uint8_t *gray, *changed, *mask, *age;
    const uint16_t *mean;
    int width;
    struct ages ages;
};

struct candidate {
    struct motion_box box;
    uint32_t changed;
    uint64_t contrast;
};

static int three_now(const struct view *view, size_t at)
{
    return (view->gray[at - 1] + view->gray[at] + view->gray[at + 1]) / 3;
}

static int three_usual(const struct view *view, size_t at)
{
    return (view->mean[at - 1] + view->mean[at] + view->mean[at + 1]) / (3 * PIXELS_SCALE);
}

/* One step from inside a thing to its surroundings, as it is now and as it usually is. Were it only
 * lit, the inside would be as much brighter than usual as the outside. */
static void measure_step(const struct view *view, size_t inside, size_t outside, struct measures *m)
{
    int now_in = three_now(view, inside), now_out = three_now(view, outside);
    int usual_in = three_usual(view, inside), usual_out = three_usual(view, outside);
    int lit = usual_in * now_out / (usual_out > DARK ? usual_out : DARK);

    m->outline_now += (unsigned)abs(now_in - now_out);
    m->outline_usual += (unsigned)abs(usual_in - usual_out);
    m->outline_light += (unsigned)abs(now_in - (usual_out > DARK ? lit : usual_in));
    m->outline_samples++;
}

static void measure_outline(const struct view *view, const struct blob_run *run, struct measures *m)
{
    size_t row = (size_t)run->y * (size_t)view->width;

    if (run->right - run->left < OUTLINE_RUN_MIN)
        return;
    if (run->left >= 6 && !view->mask[row + run->left - 4])
        measure_step(view, row + run->left + 4, row + run->left - 3, m);
    if (run->right + 6 <= view->width && !view->mask[row + run->right + 3])
        measure_step(view, row + run->right - 5, row + run->right + 2, m);
}

static void measure_pixel(const struct view *view, size_t at, struct measures *m)
{
    int away = view->gray[at] - view->mean[at] / PIXELS_SCALE;
    int age = view->age[at];

    m->changed++;
    m->contrast += (unsigned)abs(away);
    m->resting += age >= view->ages.resting;
    m->absorbed += age >= view->ages.absorbed;
    m->settled += age >= view->ages.settled;
    m->gone += age >= view->ages.gone;
}

static void measure_texture(const struct view *view, size_t at, struct measures *m)
{
    double now = view->gray[at + 1] - view->gray[at - 1];
    double usual = (view->mean[at + 1] - view->mean[at - 1]) / (double)PIXELS_SCALE;

    if (fmax(fabs(now), fabs(usual)) < TEXTURE_STEP_MIN)
        return;
    m->texture_both += now * usual;
    m->texture_now += now * now;
    m->texture_usual += usual * usual;
}

static void measure_run(const struct view *view, const struct blob_run *run, struct measures *m)
{
    size_t row = (size_t)run->y * (size_t)view->width;

    measure_outline(view, run, m);
    for (int x = run->left; x < run->right; x++) {
        if (!view->changed[row + (size_t)x])
            continue;
        measure_pixel(view, row + (size_t)x, m);
        if (x > 0 && x + 1 < view->width)
            measure_texture(view, row + (size_t)x, m);
    }
}

static bool is_light(const struct measures *m)
{
    double contrast = (double)m->contrast / m->changed;

    if (m->outline_samples >= OUTLINE_SAMPLES_MIN &&
        (double)m->outline_light < SOFT_OUTLINE * contrast * m->outline_samples)
        return true;
    return fmax(m->texture_now, m->texture_usual) > TEXTURE_MIN * m->changed &&
           m->texture_both > TEXTURE_KEPT * sqrt(m->texture_now * m->texture_usual);
}

static bool is_clock(const struct measures *m, const struct blob *blob, int width, int height)
{
    bool at_edge = blob->bottom < height * CLOCK_BAND || blob->top > height * (1 - CLOCK_BAND);
    bool small = blob->bottom - blob->top < height * CLOCK_HEIGHT &&
                 blob->right - blob->left < width * CLOCK_WIDTH;

    return at_edge && small && m->texture_now > CLOCK_TEXTURE * m->changed &&
           m->texture_usual > CLOCK_TEXTURE * m->changed;
}

static bool has_no_outline(const struct measures *m)
{
    return m->outline_samples >= OUTLINE_SAMPLES_MIN && m->outline_usual > 2 * m->outline_now &&
           m->outline_usual > (uint64_t)GHOST_CONTRAST_MIN * m->outline_samples;
}

static enum fate fate_of(const struct measures *m, bool young)
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
static struct ages ages_at(const struct motion_camera *camera, int64_t now)
{
    struct ages ages = {(int)MOTION_REST_SECONDS, (int)MOTION_ABSORB_SECONDS, 256, GHOST_SECONDS};
    int64_t burst = (now - camera->burst_at) / TIME_SECOND;

    if (camera->burst_at && burst >= BURST_SETTLE_SECONDS && burst < BURST_SECONDS)
        ages.settled =
            (int)burst > BURST_SETTLE_SECONDS + 2 ? (int)burst - 2 : BURST_SETTLE_SECONDS;
    return ages;
}

static bool is_young(const struct motion_model *model, int64_t now)
{
    return model->pictures < YOUNG_PICTURES ||
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

/* Blobs were widened by a pixel on each side to connect them; a thing is not. */
static struct candidate candidate_of(const struct blob *blob, const struct measures *m)
{
    int shrink_x = blob->right - blob->left > 4, shrink_y = blob->bottom - blob->top > 4;

    return (struct candidate){
        .box = {blob->left + shrink_x, blob->top + shrink_y, blob->right - shrink_x,
                blob->bottom - shrink_y, 0},
        .changed = m->changed,
        .contrast = m->contrast,
    };
}

static bool are_close(const struct motion_box *a, const struct motion_box *b, int across, int down)
{
    return a->left <= b->right + across && b->left <= a->right + across &&
           a->top <= b->bottom + down && b->top <= a->bottom + down;
}

static void swallow(struct candidate *into, const struct candidate *other)
{
    const struct motion_box *box = &other->box;

    into->box.left = box->left < into->box.left ? box->left : into->box.left;
    into->box.top = box->top < into->box.top ? box->top : into->box.top;
    into->box.right = box->right > into->box.right ? box->right : into->box.right;
    into->box.bottom = box->bottom > into->box.bottom ? box->bottom : into->box.bottom;
    into->changed += other->changed;
    into->contrast += other->contrast;
}

/* A person often falls apart into head, coat and legs: rather below each other than side by side.
 */
static size_t merge_close(struct candidate *candidates, size_t count, int width, int height)
{
    int across = width / 100 + 2, down = height / 40 + 2;

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            if (j == i || !are_close(&candidates[i].box, &candidates[j].box, across, down))
                continue;
            size_t kept = i < j ? i : j, gone = i < j ? j : i;
            swallow(&candidates[kept], &candidates[gone]);
            candidates[gone] = candidates[--count];
            i = kept; /* it has grown: all others are looked at again */
            j = (size_t)-1;
        }
    return count;
}

static double share_of(double value, double full)
{
    return fmax(0, fmin(1, value / full));
}

/* Half for standing out, the rest for size and for filling its box; never below one half. */
static double confidence_of(const struct candidate *candidate, int width, int height)
{
    const struct motion_box *box = &candidate->box;
    double area = (double)(box->right - box->left) * (box->bottom - box->top);
    double contrast = share_of((double)candidate->contrast / candidate->changed - 18, 50);
    double size = share_of(sqrt(area / ((double)width * height)), 0.15);
    double compact = share_of(candidate->changed / area, 0.6);

    return 0.5 + 0.49 * (0.5 * contrast + 0.3 * size + 0.2 * compact);
}

static int most_confident_first(const void *a, const void *b)
{
    const struct motion_box *x = a, *y = b;

    return x->confidence < y->confidence ? 1 : x->confidence > y->confidence ? -1 : 0;
}

static void report(const struct candidate *candidates, size_t count,
                   const struct motion_camera *camera, struct motion_finding *finding)
{
    struct motion_box boxes[BLOBS_MAX];
    unsigned kept = 0;
    double min_changed = camera->width * camera->height / 3500.0;

    for (size_t i = 0; i < count; i++) {
        if (candidates[i].changed < min_changed || candidates[i].changed < 9)
            continue;
        boxes[kept] = candidates[i].box;
        boxes[kept].confidence = confidence_of(&candidates[i], camera->width, camera->height);
        kept++;
    }
    qsort(boxes, kept, sizeof(*boxes), most_confident_first);
    finding->count = kept < DETECTOR_BOXES_MAX ? kept : DETECTOR_BOXES_MAX;
    memcpy(finding->boxes, boxes, finding->count * sizeof(*boxes));
}

void motion_things_find(struct motion_camera *camera, const struct motion_picture *picture,
                        struct motion_work *work, struct motion_finding *finding)
{
    struct motion_model *model = motion_camera_model(camera);
    struct measures measures[BLOBS_MAX] = {0};
    struct candidate candidates[BLOBS_MAX];
    enum fate fates[BLOBS_MAX];
    const struct blobs *blobs = &work->blobs;
    struct view view = {picture->gray,
                        work->changed,
                        work->mask,
                        camera->age,
                        model->mean,
                        camera->width,
                        ages_at(camera, picture->taken_at)};
    bool young = is_young(model, picture->taken_at);
    size_t count = 0;
    uint32_t lit = 0;

    for (size_t i = 0; i < blobs->run_count; i++)
        if (blobs->runs[i].blob < BLOBS_MAX)
            measure_run(&view, &blobs->runs[i], &measures[blobs->runs[i].blob]);
    for (size_t i = 0; i < blobs->count; i++) {
        fates[i] = is_clock(&measures[i], &blobs->items[i], camera->width, camera->height)
                       ? CLOCK
                       : fate_of(&measures[i], young);
        lit += fates[i] == LIGHT ? measures[i].changed : 0;
        if (fates[i] == THING && measures[i].changed)
            candidates[count++] = candidate_of(&blobs->items[i], &measures[i]);
    }
    for (size_t i = 0; i < blobs->run_count; i++)
        if (blobs->runs[i].blob < BLOBS_MAX)
            apply_fate(camera, picture, &blobs->runs[i], fates[blobs->runs[i].blob], work);
    double lit_share = lit / ((double)camera->width * camera->height);
    if (lit_share > LIGHT_NOTED_SHARE)
        finding->note = "light_change";
    finding->lit = lit_share > LIGHT_SPREADS_SHARE;
    count = merge_close(candidates, count, camera->width, camera->height);
    report(candidates, count, camera, finding);
}

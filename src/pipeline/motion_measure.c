/* What tells a thing from light, a ghost or a clock: its contrast, how long it has shown the same,
 * its outline and its texture. */
#include "pipeline/motion_private.h"

#include <math.h>
#include <stdlib.h>

#define OUTLINE_RUN_MIN 8   /* narrower runs have no inside to compare with the outside */
#define DARK 16             /* grey levels below which ratios are mostly noise */
#define TEXTURE_STEP_MIN 12 /* grey levels over two pixels; less may be noise */

static int three_now(const struct motion_view *view, size_t at)
{
    return (view->gray[at - 1] + view->gray[at] + view->gray[at + 1]) / 3;
}

static int three_usual(const struct motion_view *view, size_t at)
{
    return (view->mean[at - 1] + view->mean[at] + view->mean[at + 1]) / (3 * PIXELS_SCALE);
}

/* One step from inside a thing to its surroundings, as it is now and as it usually is. Were it only
 * lit, the inside would be as much brighter than usual as the outside. */
static void measure_step(const struct motion_view *view, size_t inside, size_t outside,
                         struct motion_measures *m)
{
    int now_in = three_now(view, inside), now_out = three_now(view, outside);
    int usual_in = three_usual(view, inside), usual_out = three_usual(view, outside);
    int lit = usual_in * now_out / (usual_out > DARK ? usual_out : DARK);

    m->outline_now += (unsigned)abs(now_in - now_out);
    m->outline_usual += (unsigned)abs(usual_in - usual_out);
    m->outline_light += (unsigned)abs(now_in - (usual_out > DARK ? lit : usual_in));
    m->outline_samples++;
}

static void measure_outline(const struct motion_view *view, const struct blob_run *run,
                            struct motion_measures *m)
{
    size_t row = (size_t)run->y * (size_t)view->width;

    if (run->right - run->left < OUTLINE_RUN_MIN)
        return;
    if (run->left >= 6 && !view->mask[row + run->left - 4])
        measure_step(view, row + run->left + 4, row + run->left - 3, m);
    if (run->right + 6 <= view->width && !view->mask[row + run->right + 3])
        measure_step(view, row + run->right - 5, row + run->right + 2, m);
}

static void measure_pixel(const struct motion_view *view, size_t at, struct motion_measures *m)
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

static void measure_texture(const struct motion_view *view, size_t at, struct motion_measures *m)
{
    double now = view->gray[at + 1] - view->gray[at - 1];
    double usual = (view->mean[at + 1] - view->mean[at - 1]) / (double)PIXELS_SCALE;

    if (fmax(fabs(now), fabs(usual)) < TEXTURE_STEP_MIN)
        return;
    m->texture_both += now * usual;
    m->texture_now += now * now;
    m->texture_usual += usual * usual;
}

void motion_measure_run(const struct motion_view *view, const struct blob_run *run,
                        struct motion_measures *m)
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

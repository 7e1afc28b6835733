#include "pipeline/motion_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Blobs were widened by a pixel on each side to connect them; a thing is not. */
struct motion_candidate motion_candidate_of(const struct blob *blob,
                                            const struct motion_measures *m)
{
    int shrink_x = blob->right - blob->left > 4, shrink_y = blob->bottom - blob->top > 4;

    return (struct motion_candidate){
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

static void swallow(struct motion_candidate *into, const struct motion_candidate *other)
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
static size_t merge_close(struct motion_candidate *candidates, size_t count, int width, int height)
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
static double confidence_of(const struct motion_candidate *candidate, int width, int height)
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

void motion_boxes_report(struct motion_candidate *candidates, size_t count, int width, int height,
                         struct motion_finding *finding)
{
    struct motion_box boxes[MOTION_CANDIDATES_MAX];
    unsigned kept = 0;
    double min_changed = width * height / 3500.0;

    count = merge_close(candidates, count, width, height);
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].changed < min_changed || candidates[i].changed < 9)
            continue;
        boxes[kept] = candidates[i].box;
        boxes[kept].confidence = confidence_of(&candidates[i], width, height);
        kept++;
    }
    qsort(boxes, kept, sizeof(*boxes), most_confident_first);
    finding->count = kept < DETECTOR_BOXES_MAX ? kept : DETECTOR_BOXES_MAX;
    memcpy(finding->boxes, boxes, finding->count * sizeof(*boxes));
}

#include "pipeline/batch_view.h"

#include "base/buf.h"
#include "base/map.h"
#include "pipeline/rule_verdict_private.h"

#include <errno.h>
#include <string.h>

#define STILL_OVERLAP 0.7 /* IoU: the same thing in the same place */
#define UNKNOWN_TYPE "unknown"

static const char *type_of(const struct detection *detection)
{
    return detection->object_type && detection->object_type[0] ? detection->object_type
                                                               : UNKNOWN_TYPE;
}

static double area_of(const struct detection *detection)
{
    if (detection->bbox_width <= 0 || detection->bbox_height <= 0)
        return 0;
    return (double)detection->bbox_width * detection->bbox_height;
}

static double share_of(const struct detection *detection)
{
    double whole = (double)detection->video_width * detection->video_height;
    double share = whole > 0 ? area_of(detection) / whole : 0;

    return share < 1 ? share : 1;
}

static double overlap_of(const struct detection *a, const struct detection *b)
{
    int left = a->bbox_x > b->bbox_x ? a->bbox_x : b->bbox_x;
    int top = a->bbox_y > b->bbox_y ? a->bbox_y : b->bbox_y;
    int64_t right_a = (int64_t)a->bbox_x + a->bbox_width,
            right_b = (int64_t)b->bbox_x + b->bbox_width;
    int64_t low_a = (int64_t)a->bbox_y + a->bbox_height,
            low_b = (int64_t)b->bbox_y + b->bbox_height;
    int64_t width = (right_a < right_b ? right_a : right_b) - left;
    int64_t height = (low_a < low_b ? low_a : low_b) - top;

    if (width <= 0 || height <= 0)
        return 0;
    double common = (double)width * (double)height;
    return common / (area_of(a) + area_of(b) - common);
}

static void add_class(struct batch_view *view, const struct detection *detection)
{
    struct rule_class_seen *seen = view->classes;
    struct rule_class_seen *end = seen + view->class_count;

    while (seen < end && strcmp(seen->object_type, type_of(detection)) != 0)
        seen++;
    if (seen == end) {
        if (view->class_count == BATCH_CLASSES_MAX)
            return;
        view->class_count++;
        seen->object_type = type_of(detection);
    }
    seen->count++;
    if (detection->confidence > seen->best_confidence)
        seen->best_confidence = detection->confidence;
}

static unsigned count_pictures(const struct detection_list *list)
{
    struct map *paths = map_new();

    for (size_t i = 0; i < list->count; i++)
        map_set(paths, span_of(list->items[i].file_path), paths);
    size_t count = map_count(paths);
    map_free(&paths);
    return (unsigned)count;
}

/* The largest thing in one picture; pictures of a batch follow each other in time. */
static double largest_of_picture(const struct detection_list *list, const char *file_path)
{
    double largest = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].file_path, file_path) == 0 && area_of(&list->items[i]) > largest)
            largest = area_of(&list->items[i]);
    }
    return largest;
}

/* How much it has grown from the first picture to the last: what comes closer grows. */
static double approach_of(const struct detection_list *list)
{
    const char *first = list->items[0].file_path, *last = list->items[list->count - 1].file_path;
    double before = largest_of_picture(list, first), after = largest_of_picture(list, last);

    if (strcmp(first, last) == 0 || before <= 0 || after <= 0)
        return 1;
    return after / before;
}

/* Of those after the first, how many lie where it lay. */
static double stationary_of(const struct detection_list *list)
{
    size_t still = 0;

    for (size_t i = 1; i < list->count; i++)
        still += overlap_of(&list->items[0], &list->items[i]) > STILL_OVERLAP;
    return list->count > 1 ? (double)still / (double)(list->count - 1) : 0;
}

static bool is_better(const struct detection *a, const struct detection *b)
{
    int points_a = rule_kind_of(type_of(a))->points + rule_points_confidence(a->confidence);
    int points_b = rule_kind_of(type_of(b))->points + rule_points_confidence(b->confidence);

    if (points_a != points_b)
        return points_a > points_b;
    return a->confidence * share_of(a) > b->confidence * share_of(b);
}

int batch_view_make(const struct detection_list *list, struct batch_view *ret_view)
{
    if (list->count == 0)
        return -ENODATA;
    *ret_view = (struct batch_view){.started_at = list->items[0].detected_at,
                                    .ended_at = list->items[list->count - 1].detected_at,
                                    .detections = (unsigned)list->count,
                                    .pictures = count_pictures(list),
                                    .approach = approach_of(list),
                                    .stationary = stationary_of(list),
                                    .best = &list->items[0]};
    for (size_t i = 0; i < list->count; i++) {
        const struct detection *detection = &list->items[i];
        add_class(ret_view, detection);
        if (share_of(detection) > ret_view->largest_share)
            ret_view->largest_share = share_of(detection);
        if (is_better(detection, ret_view->best))
            ret_view->best = detection;
    }
    return 0;
}

char *batch_view_types(const struct batch_view *view)
{
    AUTO(buf_release) struct buf types = BUF_INIT;

    for (size_t i = 0; i < view->class_count; i++) {
        if (i > 0)
            buf_add_char(&types, ',');
        buf_add_text(&types, view->classes[i].object_type);
    }
    return buf_detach(&types);
}

/* batch_view: what a batch's detections say together, in the numbers the rules ask for.
 *
 * Pure. Thread: any. Limit: BATCH_CLASSES_MAX classes; detections of further ones are counted,
 * their class is not looked at. */
#pragma once

#include "base/own.h"
#include "pipeline/rule_verdict.h"
#include "store/detections.h"

#include <stddef.h>
#include <stdint.h>

#define BATCH_CLASSES_MAX 32

struct batch_view {
    struct rule_class_seen classes[BATCH_CLASSES_MAX]; /* `usual` is the caller's to fill */
    size_t class_count;
    int64_t started_at, ended_at; /* first and last detected_at */
    unsigned detections, pictures;
    double largest_share, approach, stationary;
    const struct detection *best; /* the one to show */
};

/* The list is in the order of time and must live as long as the view. Returns 0, or -ENODATA when
 * it is empty. */
MUST_CHECK int batch_view_make(const struct detection_list *list, struct batch_view *ret_view);

/* "motion,person": the classes in the order they were first seen; mem_free(). */
char *batch_view_types(const struct batch_view *view);

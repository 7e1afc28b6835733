/* rule_verdict: how worrying a batch is, by rules that can be read, and why.
 *
 * Pure: the same input gives the same verdict, word for word. The score is the sum of its factors
 * (clamped to 0..100), and every factor is in the reasoning with its points, so a person can add
 * them up. Never invents: with no detections there is no verdict (-ENODATA). */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "store/baselines.h"
#include "store/detections.h"

#include <stdint.h>

#define RULE_FACTORS_MAX 12

struct rule_factor {
    const char
        *name;  /* "object", "confidence", "count", "hour", "dwell", "novelty", "recurrence" … */
    int points; /* may be negative */
    char detail[160]; /* "a person, the most telling thing seen" */
};

struct rule_class_seen {
    const char *object_type;
    unsigned count;
    double best_confidence;
    struct baseline usual; /* of this class at this hour on this camera, before this batch: it
                              counts batches, so one observation a batch and class */
};

struct rule_input {
    const char *camera_name;
    int64_t started_at, ended_at; /* of the batch's detections */
    int hour, weekday;            /* local, of started_at */
    const struct rule_class_seen *classes;
    size_t class_count;
    unsigned detections;
    unsigned pictures;    /* distinct files */
    double largest_share; /* of the picture's area, 0..1 */
    double approach;      /* growth of the box over the batch: last / first area; 1 = none */
    double stationary; /* share of detections whose box overlaps the batch's first by IoU > 0.7 */
    struct baseline activity;   /* anything at this hour and weekday */
    int64_t watched_since;      /* first observation of this camera; 0: never */
    int64_t previous_event_end; /* of this camera's last event; 0: none */
    int low_max, medium_max, high_max;
};

struct rule_verdict {
    int score;
    const char *level;    /* low medium high critical */
    struct buf summary;   /* one sentence for a person */
    struct buf reasoning; /* every factor and its points, then the sum */
    struct rule_factor factors[RULE_FACTORS_MAX];
    size_t factor_count;
};

/* Returns 0 or -ENODATA. The verdict is released by rule_verdict_release(). */
MUST_CHECK int rule_verdict_make(const struct rule_input *input, struct rule_verdict *ret_verdict);
void rule_verdict_release(struct rule_verdict *verdict);
const char *rule_level(int score, int low_max, int medium_max, int high_max);

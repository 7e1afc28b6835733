/* What the parts of rule_verdict share: the input as the rules look at it. */
#pragma once

#include "pipeline/rule_verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a class of things means. */
struct rule_kind {
    const char *class_name; /* NULL: any other */
    const char *phrase;     /* "a person" */
    int points;             /* for being there at all */
    int weight;             /* per cent that night, dwell, novelty … count for */
    enum rule_kind_group { RULE_OTHER, RULE_PERSON, RULE_VEHICLE, RULE_ANIMAL, RULE_MOTION } group;
};

enum rule_novelty {
    RULE_LEARNING, /* watched for less than a day */
    RULE_USUAL,
    RULE_COMMON,
    RULE_UNCOMMON,
    RULE_RARE,
    RULE_NEVER
};

struct rule_view {
    const struct rule_input *input;
    const struct rule_class_seen *lead; /* the most telling class */
    const struct rule_kind *kind;       /* of the lead */
    char subject[96];                   /* "a person", "something called drone" */
    int64_t dwell_s;
    double days; /* watched for */
    enum rule_novelty novelty;
    bool still; /* the same thing in the same place */
};

const struct rule_kind *rule_kind_of(const char *object_type);

/* 0 or -ENODATA. */
MUST_CHECK int rule_view_make(const struct rule_input *input, struct rule_view *ret_view);

int rule_points_confidence(double confidence);

/* One part of the score. False: it does not apply, and is not named. */
typedef bool rule_factor_make(const struct rule_view *view, struct rule_factor *factor);

struct rule_factor_type {
    const char *name;
    rule_factor_make *make;
};

extern const struct rule_factor_type rule_factor_types[];
extern const size_t rule_factor_type_count;

void rule_add_duration(struct buf *out, int64_t seconds);
void rule_add_summary(struct buf *out, const struct rule_view *view);

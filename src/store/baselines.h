/* baselines: what a camera usually sees at this hour (rest-api contract §28.11, §28.12), as counts.
 *
 * The original's moving average stays at 1.0 for ever (pipeline contract §9, Q11), so a slot here
 * holds a decayed count: on each observation value = value * 0.5^(days/half_life) + 1; samples is
 * the plain number of them. */
#pragma once

#include "base/own.h"
#include "store/store.h"

#include <stdint.h>

#define BASELINE_HALF_LIFE_DAYS 10.0

struct baseline {
    double value; /* decayed to `now` */
    int64_t samples;
    int64_t first_seen; /* 0: never */
};

/* This class, this camera, this local hour. Absent: zeros, 0. */
MUST_CHECK int baselines_class(struct store_tx *tx, const char *camera_id, const char *object_type,
                               int hour, int64_t now, struct baseline *ret_baseline);
/* All classes at this hour and weekday: what the place is like. */
MUST_CHECK int baselines_activity(struct store_tx *tx, const char *camera_id, int hour, int weekday,
                                  int64_t now, struct baseline *ret_baseline);
/* How long this camera has been watched: the first observation of any kind; 0 when none. */
MUST_CHECK int baselines_since(struct store_tx *tx, const char *camera_id, int64_t *ret_instant);
MUST_CHECK int baselines_observe(struct store_tx *tx, const char *camera_id,
                                 const char *object_type, int hour, int weekday, int64_t now);

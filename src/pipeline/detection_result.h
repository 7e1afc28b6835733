/* detection_result: what examining one picture gave, and the one transaction that makes it true. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "pipeline/batch_aggregator.h"
#include "pipeline/detector.h"
#include "pipeline/job.h"
#include "pipeline/stage.h"
#include "queue/queue.h"

#include <stdbool.h>

struct detection_result {
    /* given */
    const struct stage *stage;
    const struct batch_aggregator *aggregator;
    const struct queue_job *queue_job;
    const struct detection_job *job;

    /* what was found */
    enum intake_outcome outcome; /* detected, nothing, refused, failed */
    const char *reason;          /* of refused and failed: a stable word */
    struct buf detail;
    struct detector_result found; /* above the threshold only */
    bool is_scene_new;            /* the scene changed with this picture */

    /* detection_result_write() */
    struct batch_change batch;
    unsigned written, fast; /* detections; how many of them took the fast path */
};

void detection_result_release(struct detection_result *result);

/* Keeps what is sure enough, and decides between detected and nothing. */
void detection_result_filter(struct detection_result *result, double confidence_threshold);

/* A store_work. Returns 0 or -errno; -ENOENT when the job is not this worker's any more. */
MUST_CHECK int detection_result_write(struct store_tx *tx, void *result);

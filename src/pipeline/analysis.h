/* analysis: the judging of one batch, step by step. Blocks: workers. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "pipeline/batch_view.h"
#include "pipeline/job.h"
#include "pipeline/stage.h"
#include "queue/queue.h"

#include <stdbool.h>

struct analysis {
    /* given */
    const struct stage *stage;
    const struct queue_job *queue_job;
    const struct analysis_job *job;
    int64_t now;

    struct detection_list detections;
    struct batch_view view;
    char *camera_name; /* the id when the camera was deleted */
    char camera_id[CAMERA_ID_SIZE];
    struct rule_input input;
    struct rule_verdict verdict;
    struct buf thumbnail; /* its path, "" when there is none */
    int64_t event_id;
    bool is_doubled; /* the batch was an event already */
};

void analysis_release(struct analysis *analysis);

/* All of it. Returns 0; -ENODATA when the batch has no detections, then the job alone is ended;
 * -errno, with nothing written. */
MUST_CHECK int analysis_run(struct analysis *analysis);

/* detection_queue_worker: DetectionQueueWorker. From a job to detections, their batch and their
 * messages.
 *
 * A camera's pictures are examined one after another, in the order of their jobs; different cameras
 * side by side. What a picture gave is written in one transaction: detections, the camera's
 * last_seen, the file's outcome, the batch or the fast path's job, the messages, and the job's end;
 * so a picture is examined once, or again as if it never had been.
 *
 * A job that is none (pipeline contract §1.2) becomes a dead letter at once. A detector that fails
 * is tried again by retry_default, then the file's outcome is `failed` and the job a dead letter.
 * What the queue itself set aside (overflow, a picture that ends the process again and again) gets
 * the outcome `failed` too, so no file stays `queued` without a job. While the store cannot write,
 * results wait in memory and are tried again.
 *
 * Thread: start and stop on the main thread. */
#pragma once

#include "base/own.h"
#include "loop/loop.h"
#include "pipeline/batch_aggregator.h"
#include "pipeline/detector.h"
#include "pipeline/stage.h"

#define DETECTION_JOBS_MAX                                                                         \
    64 /* taken at once: with a worker, in a camera's line or being written */

struct detection_queue_worker;

/* detector and aggregator are borrowed. Returns 0 or -errno. */
MUST_CHECK int detection_queue_worker_start(const struct stage *stage, struct loop *loop,
                                            struct detector *detector,
                                            struct batch_aggregator *aggregator,
                                            struct detection_queue_worker **ret_worker);
/* Not on the loop's thread, while the loop runs: takes no more; returns when what is with a worker
 * or being written has ended. Stops the queue. */
void detection_queue_worker_stop(struct detection_queue_worker *worker);
void detection_queue_worker_free(struct detection_queue_worker **worker); /* after the loop's end */

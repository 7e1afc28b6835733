/* analysis_queue_worker: AnalysisQueueWorker. From a closed batch to an event with its reasons.
 *
 * Reads the detections and what the camera usually sees, asks the rules, draws the thumbnail of the
 * detection that shows it best, then writes one transaction: the event, one observation per class,
 * the `event` message and the job's end. A batch becomes one event, however often it is judged.
 *
 * A job that is none becomes a dead letter at once. Failures are tried again by retry_default, then
 * dead letters; while the store cannot write, jobs wait in memory and are tried again.
 *
 * Thread: start and stop on the main thread. */
#pragma once

#include "base/own.h"
#include "loop/loop.h"
#include "pipeline/stage.h"

#define ANALYSIS_THREADS 2

struct analysis_queue_worker;

MUST_CHECK int analysis_queue_worker_start(const struct stage *stage, struct loop *loop,
                                           struct analysis_queue_worker **ret_worker);
/* Not on the loop's thread, while the loop runs: takes no more; returns when what is with a worker
 * has ended. Stops the queue. */
void analysis_queue_worker_stop(struct analysis_queue_worker *worker);
void analysis_queue_worker_free(struct analysis_queue_worker **worker); /* after the loop's end */

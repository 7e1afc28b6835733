/* batch_aggregator: BatchAggregator. Detections of one camera that belong together.
 *
 * A batch is open from its first detection until BATCH_WINDOW_SECONDS after it, or until nothing
 * has been added for BATCH_IDLE_TIMEOUT_SECONDS, or until it is full and one more comes. Its rows
 * are the truth; the aggregator keeps their deadlines and a timer for the next one, so a batch is
 * closed when it is due and not at the next look (a look every BATCH_CHECK_INTERVAL_SECONDS catches
 * clocks that were set). Closing is one transaction: the batch goes, its analysis job and
 * `detection.batch` come.
 *
 * Thread: the loop's, unless said otherwise. */
#pragma once

#include "base/own.h"
#include "loop/loop.h"
#include "pipeline/camera_folder.h"
#include "pipeline/stage.h"
#include "store/batches.h"
#include "store/store.h"

#include <stdint.h>

#define BATCH_ID_SIZE 32

enum batch_close { BATCH_STAYS_OPEN, BATCH_TIMEOUT, BATCH_IDLE, BATCH_MAX_SIZE };

struct batch_deadlines {
    int64_t window_us, idle_us;
};

/* When it is due, and why it will be closed then. Wall clock. Pure. */
int64_t batch_due_at(const struct batch_deadlines *deadlines, int64_t started_at,
                     int64_t last_activity, enum batch_close *ret_reason);
/* Why it is to be closed now, or BATCH_STAYS_OPEN. The window is looked at first. */
enum batch_close batch_is_due(const struct batch_deadlines *deadlines, int64_t started_at,
                              int64_t last_activity, int64_t now);
const char *batch_close_name(enum batch_close reason); /* "timeout", "idle", "max_size" */

struct batch_aggregator;

/* Reads the open batches. Blocks: at the start only. */
MUST_CHECK int batch_aggregator_new(const struct stage *stage, struct loop *loop,
                                    struct batch_aggregator **ret_aggregator);
void batch_aggregator_start(struct batch_aggregator *aggregator);
/* Closes no more; calls on_idle on the loop once what is being written is written. */
void batch_aggregator_stop(struct batch_aggregator *aggregator, loop_call *on_idle, void *owner);
void batch_aggregator_free(struct batch_aggregator **aggregator); /* after the loop has ended */

/* What a transaction did to a camera's batch. Starts zeroed. */
struct batch_change {
    char id[BATCH_ID_SIZE]; /* the open one */
    int64_t started_at, last_activity;
    unsigned closed; /* how many were closed on the way */
};

/* Within a write transaction, any thread: the detection joins its camera's batch, which is made or
 * closed and followed by another as needed. Returns 0 or -errno. */
MUST_CHECK int batch_aggregator_add(const struct batch_aggregator *aggregator, struct store_tx *tx,
                                    const char *camera_id, int64_t detection_id,
                                    int64_t pipeline_start, int64_t now,
                                    struct batch_change *change);
/* After that transaction was committed. */
void batch_aggregator_changed(struct batch_aggregator *aggregator, const char *camera_id,
                              const struct batch_change *change);

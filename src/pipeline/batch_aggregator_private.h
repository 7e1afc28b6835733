/* The inside of the batch aggregator: batch_aggregator.c keeps the deadlines on the loop,
 * batch_rows.c changes the rows within transactions. */
#pragma once

#include "base/map.h"
#include "loop/timer.h"
#include "pipeline/batch_aggregator.h"

#include <stdbool.h>

struct batch_aggregator {
    const struct stage *stage;
    struct loop *loop;
    struct batch_deadlines deadlines;
    struct map *open; /* camera id -> struct open_batch */
    struct timer timer;
    unsigned closing;
    bool is_stopping;
    loop_call *on_idle;
    void *idle_owner;
};

/* Within a write transaction: the batch goes; its job and its message come, unless it is empty. */
MUST_CHECK int batch_close_now(const struct batch_aggregator *aggregator, struct store_tx *tx,
                               const struct batch *batch, enum batch_close reason, int64_t now);

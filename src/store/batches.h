/* batches: open batches of detections, one per camera at most, that survive a crash. */
#pragma once

#include "base/own.h"
#include "store/store.h"

#include <stdint.h>

struct batch {
    char *id; /* "batch-xxxxxxxx" */
    char *camera_id;
    int64_t started_at, last_activity; /* wall clock */
    char *pipeline_start;              /* ISO time of the first picture, or NULL */
    int64_t count;
};

struct batch_list {
    struct batch *items;
    size_t count;
};

void batch_release(struct batch *batch);
void batch_list_release(struct batch_list *list);

MUST_CHECK int batches_open_of(struct store_tx *tx, const char *camera_id,
                               struct batch *ret_batch); /* -ENOENT */
MUST_CHECK int batches_list(struct store_tx *tx, struct batch_list *ret_list);
MUST_CHECK int batches_insert(struct store_tx *tx,
                              const struct batch *batch); /* -EEXIST: the camera has an open one */
MUST_CHECK int batches_add(struct store_tx *tx, const char *batch_id, int64_t detection_id,
                           int64_t at);
/* Its detections in order of arrival, and the batch is gone. -ENOENT when somebody else closed it.
 * *ret_ids: mem_free. */
MUST_CHECK int batches_close(struct store_tx *tx, const char *batch_id, int64_t **ret_ids,
                             size_t *ret_count);

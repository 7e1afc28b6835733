/* announce: the pipeline's messages (realtime contract §9.2, §9.3), appended to the journal in the
 * transaction that makes them true.
 *
 * Instants are written in UTC with Z. Thread: within a write transaction. All return 0 or -errno.
 */
#pragma once

#include "base/own.h"
#include "journal/journal.h"
#include "pipeline/rule_verdict.h"
#include "store/cameras.h"
#include "store/detections.h"
#include "store/events.h"
#include "store/store.h"

#include <stdint.h>

struct camera_change {
    const struct camera *camera;        /* id and name are told */
    const enum camera_status *previous; /* NULL: it is new; as now: something else changed */
    enum camera_status status;
    const char *reason;  /* a stable word: "folder_missing" … */
    const char *details; /* a sentence, or NULL */
    int64_t at;
};
MUST_CHECK int announce_camera(struct journal *journal, struct store_tx *tx,
                               const struct camera_change *change);

MUST_CHECK int announce_detection(struct journal *journal, struct store_tx *tx,
                                  const struct detection *detection, const char *batch_id);

struct closed_batch {
    const char *id, *camera_id, *reason; /* "timeout", "idle", "max_size" */
    const int64_t *detection_ids;
    size_t count;
    int64_t started_at, closed_at;
};
MUST_CHECK int announce_batch(struct journal *journal, struct store_tx *tx,
                              const struct closed_batch *batch);

struct scene_change {
    int64_t id; /* of the file's intake row: scene changes have no table of their own yet */
    const char *camera_id;
    double similarity;
    int64_t at;
};
MUST_CHECK int announce_scene_change(struct journal *journal, struct store_tx *tx,
                                     const struct scene_change *change);

struct event_news {
    const struct event *event; /* detection_ids filled */
    const char *camera_name;
    int64_t thumbnail_detection; /* whose picture shows it best */
    int64_t at;
};
MUST_CHECK int announce_event(struct journal *journal, struct store_tx *tx,
                              const struct event_news *news);

/* [{"name","points","detail"}], what a score is the sum of. */
json_t *factors_to_json(const struct rule_factor *factors, size_t count);

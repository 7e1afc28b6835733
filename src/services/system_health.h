/* system_health: how everything is, in the words of the REST contract, and the metrics.
 *
 * The database is asked, not believed: after a failed write a report tries another one, so that a
 * disk that has room again is found out without waiting for the next picture.
 * Thread: workers (it may read and write the store). */
#pragma once

#include "base/json.h"
#include "base/own.h"
#include "journal/journal.h"
#include "pipeline/pipeline.h"
#include "queue/queue.h"
#include "realtime/broadcaster.h"
#include "store/store.h"

#include <stdbool.h>

/* Bytes free below which it is degraded; on a disk smaller than ten of them, a tenth of it. */
#define HEALTH_DISK_LOW (100LL * 1024 * 1024)

enum health_state { HEALTH_HEALTHY, HEALTH_DEGRADED, HEALTH_UNHEALTHY };

/* Borrowed; the pipeline may be NULL: not started. */
struct system_health_parts {
    struct store *store;
    struct journal *journal;
    struct queue *detections, *analyses;
    const struct pipeline *pipeline;
    const struct broadcaster *broadcaster;
    const char *data_dir;
};

/* The body of GET /api/system/health; *ret_state decides the status code. New reference. */
json_t *system_health_report(const struct system_health_parts *parts, enum health_state *ret_state);

/* The body of GET /ready and /api/system/health/ready. New reference. */
json_t *system_readiness_report(const struct system_health_parts *parts, bool *ret_ready);

/* Prometheus text 0.0.4, appended. */
void system_metrics(const struct system_health_parts *parts, struct buf *out);

/* system_health: how everything is, in the words of rest-api contract §8.1.
 * Thread: workers (it may read the store). */
#pragma once

#include "base/json.h"
#include "base/own.h"
#include "journal/journal.h"
#include "pipeline/pipeline.h"
#include "queue/queue.h"
#include "realtime/broadcaster.h"
#include "store/store.h"

enum health_state { HEALTH_HEALTHY, HEALTH_DEGRADED, HEALTH_UNHEALTHY };

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
/* The body of GET /ready and /api/system/health/ready. */
json_t *system_readiness_report(const struct system_health_parts *parts, bool *ret_ready);
/* Prometheus text 0.0.4. */
void system_metrics(const struct system_health_parts *parts, struct buf *out);

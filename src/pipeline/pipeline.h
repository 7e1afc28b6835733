/* pipeline: all stages together, started and stopped in order.
 *
 * Thread: pipeline_start() and pipeline_stop() on the main thread; pipeline_stats() any. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "journal/journal.h"
#include "loop/loop.h"
#include "queue/queue.h"
#include "store/intake.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct detector;
struct pipeline;

struct pipeline_settings {
    const char *camera_root;     /* FOSCAM_BASE_PATH, absolute; created if missing */
    const char *data_dir;        /* DATA_DIR, absolute: backgrounds/ and thumbnails/ lie below */
    bool polling;                /* FILE_WATCHER_POLLING */
    int64_t polling_interval_us; /* FILE_WATCHER_POLLING_INTERVAL, 1 s */
    int64_t debounce_us;         /* 0.5 s */
    int64_t stability_us;        /* 2 s; only when polling */
    int64_t backfill_us; /* FILE_WATCHER_BACKFILL_SECONDS, 1 h: older files found at start are left
                            alone */
    int64_t dedupe_ttl_us;   /* DEDUPE_TTL_SECONDS, 300 s */
    int64_t batch_window_us; /* BATCH_WINDOW_SECONDS, 90 s */
    int64_t batch_idle_us;   /* BATCH_IDLE_TIMEOUT_SECONDS, 30 s */
    int64_t
        batch_check_us; /* BATCH_CHECK_INTERVAL_SECONDS, 5 s: at most; the next deadline is exact */
    int batch_detections_max;           /* BATCH_MAX_DETECTIONS, 500 */
    double confidence_threshold;        /* DETECTION_CONFIDENCE_THRESHOLD, 0.5 */
    double fast_path_confidence;        /* FAST_PATH_CONFIDENCE_THRESHOLD, 0.90 */
    const char *const *fast_path_types; /* FAST_PATH_OBJECT_TYPES, NULL-terminated: person */
    int severity_low_max, severity_medium_max, severity_high_max; /* 29, 59, 84 */
    double scene_change_threshold;                                /* SCENE_CHANGE_THRESHOLD, 0.90 */
    int thumbnail_width, thumbnail_height, thumbnail_quality, thumbnail_font; /* 320, 240, 85, 14 */
    unsigned detect_threads; /* workers of the detect lane: cores, at most 4 */
};

/* What the stages stand on; borrowed until pipeline_stop(). */
struct pipeline_parts {
    struct loop *core;
    struct store *store;
    struct journal *journal;
    struct queue *detections;  /* QUEUE_DETECTION */
    struct queue *analyses;    /* QUEUE_ANALYSIS */
    struct detector *detector; /* NULL: the built-in one */
};

MUST_CHECK int pipeline_start(const struct pipeline_settings *settings,
                              const struct pipeline_parts *parts, struct pipeline **ret_pipeline,
                              struct buf *why);
/* No new files; what is being examined or judged ends, the rest waits for the next start. Stops
 * both queues. */
void pipeline_stop(struct pipeline **pipeline);

/* counts[i]: how many were at most bounds[i] and more than the one before; the last: beyond all. */
#define PIPELINE_BUCKETS_MAX 12
struct pipeline_histogram {
    const double *bounds;
    size_t bound_count;
    uint64_t counts[PIPELINE_BUCKETS_MAX + 1];
    double sum;
};

/* Classes that are counted by name; all others together as the last, "other". */
#define PIPELINE_CLASSES 11
extern const char *const pipeline_class_names[PIPELINE_CLASSES];

struct pipeline_stats {
    bool watcher_running;
    const char *watcher_kind;           /* "native" or "polling" */
    unsigned pending_files;             /* in debounce or stability wait */
    uint64_t files_seen;                /* since start */
    uint64_t outcomes[INTAKE_OUTCOMES]; /* since start; queued: every file that was accepted */
    uint64_t detections, batches_closed, events;
    uint64_t detections_by_class[PIPELINE_CLASSES];
    uint64_t events_by_level[4]; /* low, medium, high, critical */
    uint64_t jobs_refused, retries;
    struct pipeline_histogram detect_seconds, batch_seconds, analyze_seconds; /* of each job */
    struct pipeline_histogram confidence, risk_score;
    unsigned open_batches;
    bool detection_worker_running, analysis_worker_running;
    char last_error[160]; /* what stands still now and why; "" when all is well */
};
void pipeline_stats(const struct pipeline *pipeline, struct pipeline_stats *ret_stats);

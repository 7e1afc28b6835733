/* tally: what the stages count, and what stands still now.
 *
 * Counts are since the start and only for looking at: the database has the truth. A fault is a
 * stage that cannot go on for a reason outside it (the disk is full, the camera root is gone); it
 * is said once when it begins and once when it is over. Thread: any. */
#pragma once

#include "base/own.h"
#include "pipeline/pipeline.h"
#include "store/intake.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault { FAULT_ROOT, FAULT_INTAKE, FAULT_DETECTION, FAULT_BATCHES, FAULT_ANALYSIS, FAULTS };

/* Starts zeroed but for its bounds: tally_init(). */
struct tally_histogram {
    const double *bounds;
    size_t bound_count;
    atomic_ullong counts[PIPELINE_BUCKETS_MAX + 1];
    atomic_llong sum_millionths;
};

struct tally {
    atomic_bool is_watching, is_polling, is_detecting, is_analysing;
    atomic_uint pending_files, open_batches;
    atomic_ullong files_seen;
    atomic_ullong outcomes[INTAKE_OUTCOMES]; /* queued: every file that was accepted */
    atomic_ullong detections, batches_closed, events;
    atomic_ullong detections_by_class[PIPELINE_CLASSES], events_by_level[4];
    atomic_ullong jobs_refused; /* invalid ones, now dead letters */
    atomic_ullong retries;
    struct tally_histogram detect_seconds, batch_seconds, analyze_seconds, confidence, risk_score;
    atomic_int faults[FAULTS]; /* -errno, 0 when all is well */
};

void tally_init(struct tally *tally); /* zeroed before */
void tally_observe(struct tally_histogram *histogram, double value);
void tally_seconds(struct tally_histogram *histogram, int64_t since); /* monotonic, until now */
void tally_detection(struct tally *tally, const char *object_type, double confidence);
void tally_event(struct tally *tally, int risk_score, const char *risk_level);
void tally_read(const struct tally *tally, struct pipeline_stats *ret_stats);

/* error: -errno, or 0 when the stage goes on. */
void tally_fault(struct tally *tally, enum fault fault, int error);

/* "file_watcher: the store cannot write: No space left on device (12 files wait)", or "". */
void tally_last_error(const struct tally *tally, char *text, size_t size);

/* True for the errors of the store that pass by themselves once its disk or server is well: the
 * work is worth trying again without end. */
bool is_store_trouble(int error);

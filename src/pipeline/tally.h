/* tally: what the stages count, and what stands still now.
 *
 * Counts are since the start and only for looking at: the database has the truth. A fault is a
 * stage that cannot go on for a reason outside it (the disk is full, the camera root is gone); it
 * is said once when it begins and once when it is over. Thread: any. */
#pragma once

#include "base/own.h"
#include "store/intake.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum fault { FAULT_ROOT, FAULT_INTAKE, FAULT_DETECTION, FAULT_BATCHES, FAULT_ANALYSIS, FAULTS };

struct tally {
    atomic_bool is_watching, is_polling, is_detecting, is_analysing;
    atomic_uint pending_files, open_batches;
    atomic_ullong files_seen;
    atomic_ullong outcomes[INTAKE_OUTCOMES]; /* queued: every file that was accepted */
    atomic_ullong detections, batches_closed, events;
    atomic_ullong jobs_refused; /* invalid ones, now dead letters */
    atomic_ullong retries;
    atomic_int faults[FAULTS]; /* -errno, 0 when all is well */
};

/* error: -errno, or 0 when the stage goes on. */
void tally_fault(struct tally *tally, enum fault fault, int error);

/* "file_watcher: the store cannot write: No space left on device (12 files wait)", or "". */
void tally_last_error(const struct tally *tally, char *text, size_t size);

/* True for the errors of the store that pass by themselves once its disk or server is well: the
 * work is worth trying again without end. */
bool is_store_trouble(int error);

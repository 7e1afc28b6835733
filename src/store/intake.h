/* intake: what became of every file a camera dropped.
 *
 * One row per accepted path and content; the counts over `outcome` add up to the files seen.
 * Refused ones are the quarantine records: reason and detail. It is also what a restart compares
 * the folders with. */
#pragma once

#include "base/own.h"
#include "store/page.h"
#include "store/store.h"

#include <stdint.h>

enum intake_outcome {
    INTAKE_QUEUED,    /* waits for detection */
    INTAKE_DETECTED,  /* became one or more detections */
    INTAKE_NOTHING,   /* examined, nothing seen */
    INTAKE_DUPLICATE, /* the same bytes came a moment ago */
    INTAKE_REFUSED,   /* not a picture we can use: quarantine record */
    INTAKE_FAILED,    /* could not be examined after all tries: dead letter */
    INTAKE_OUTCOMES
};

struct intake {
    int64_t id;
    char *camera_id, *file_path, *file_hash; /* hash NULL for refused ones */
    int64_t size, modified_at;               /* of the file, bytes and µs */
    int64_t seen_at, finished_at;            /* finished 0: not yet */
    enum intake_outcome outcome;
    char *reason, *detail; /* of refusal or failure: a stable word, a sentence */
};

struct intake_list {
    struct intake *items;
    size_t count;
};

void intake_release(struct intake *intake);
void intake_list_release(struct intake_list *list);
const char *intake_outcome_name(enum intake_outcome outcome);

MUST_CHECK int intake_insert(struct store_tx *tx, const struct intake *intake, int64_t *ret_id);
MUST_CHECK int intake_finish(struct store_tx *tx, int64_t id, enum intake_outcome outcome,
                             const char *reason, const char *detail);
/* Failed, but only when it still waits: 1; 0 when it has its outcome or is unknown. */
MUST_CHECK int intake_fail_queued(struct store_tx *tx, int64_t id, const char *reason,
                                  const char *detail);
/* 1 when a file of this path, size and time is known already, 0 when not. */
MUST_CHECK int intake_knows(struct store_tx *tx, const char *file_path, int64_t size,
                            int64_t modified_at);
/* 1 when these bytes were accepted (queued, detected, nothing) since that instant, by any camera; 0
 * when not. */
MUST_CHECK int intake_has_hash(struct store_tx *tx, const char *file_hash, int64_t since);
/* The same, by this camera. */
MUST_CHECK int intake_has_hash_of(struct store_tx *tx, const char *camera_id, const char *file_hash,
                                  int64_t since);
/* The newest seen_at, 0 when the table is empty: where a restart's scan begins. */
MUST_CHECK int intake_last_seen(struct store_tx *tx, int64_t *ret_instant);
MUST_CHECK int intake_counts(struct store_tx *tx, int64_t ret_counts[INTAKE_OUTCOMES]);
/* Refused and failed, newest first. */
MUST_CHECK int intake_list_refused(struct store_tx *tx, int limit, struct intake_list *ret_list);

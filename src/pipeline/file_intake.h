/* file_intake: what becomes of one file: looked at, then entered in one transaction.
 *
 * A file is examined as far as it can be without a detector: it must be a regular file below the
 * root, with a name the queue can carry, and decode to its end. Then its intake row and, when it is
 * accepted, its job are written together, so that from then on it cannot be forgotten. */
#pragma once

#include "base/buf.h"
#include "base/digest.h"
#include "base/own.h"
#include "pipeline/camera_registry.h"
#include "pipeline/stage.h"
#include "store/intake.h"

#include <stdbool.h>
#include <stdint.h>

enum file_verdict {
    FILE_ACCEPTED,
    FILE_REFUSED, /* reason and detail say why */
    FILE_KNOWN,   /* this content of this path was entered before */
    FILE_GONE,    /* with its folder: whoever watches the folders finds it again */
    FILE_LATER,   /* could not be looked at: error */
    FILE_STALLED  /* the store does not answer: error */
};

struct file_intake {
    /* given */
    const struct stage *stage;
    const struct camera_registry *registry;
    char *path;       /* owned, absolute */
    bool is_last_try; /* a file that still cannot be read is refused */

    /* file_intake_examine() */
    enum file_verdict verdict;
    char *row_path; /* owned: as the row has it; printable where the name is not UTF-8 */
    const char *reason;
    struct buf detail;
    int error;
    int64_t size, modified_at, started_at;
    char hash[DIGEST_SHA256_HEX_SIZE];

    /* file_intake_enter() */
    char camera_id[CAMERA_ID_SIZE];
    enum intake_outcome outcome;
};

void file_intake_release(struct file_intake *intake);

/* Blocks for disk and decoding: workers. */
void file_intake_examine(struct file_intake *intake);

/* For FILE_ACCEPTED and FILE_REFUSED: a store_work. Returns 0 or -errno; -EEXIST when the camera
 * cannot be made because another one has its id. */
MUST_CHECK int file_intake_enter(struct store_tx *tx, void *intake);

/* After -EEXIST: the file is refused "camera_conflict", to be entered again. */
void file_intake_refuse_camera(struct file_intake *intake);

/* One line about what was entered. */
void file_intake_log(const struct file_intake *intake);

/* motion_blobs: the connected regions of a mask, as runs of pixels in rows.
 *
 * Touching at a corner is connected. Memory is the struct's and is used again for the next picture.
 * Limit: BLOBS_RUNS_MAX runs; a mask with more is noise, not things (-E2BIG). BLOBS_MAX blobs, the
 * largest. Thread: one at a time. */
#pragma once

#include "base/own.h"

#include <stddef.h>
#include <stdint.h>

#define BLOBS_RUNS_MAX 32768
#define BLOBS_MAX 512

struct blob_run {
    uint16_t left, right, y; /* pixels left .. right - 1 */
    uint16_t blob;           /* index of its blob; BLOBS_MAX: of none that was kept */
    uint32_t parent;         /* while finding */
};

struct blob {
    int left, top, right, bottom; /* right and bottom are outside */
    uint32_t area;                /* pixels of the mask */
};

struct blobs {
    struct blob_run *runs; /* by rows, then from left to right */
    size_t run_count;
    struct blob items[BLOBS_MAX]; /* largest first */
    size_t count;
};

void blobs_init(struct blobs *blobs);
void blobs_release(struct blobs *blobs);

/* Blobs of fewer than min_area pixels are left out. */
MUST_CHECK int blobs_find(struct blobs *blobs, const uint8_t *mask, int width, int height,
                          uint32_t min_area);

/* resume: where a reader goes on, and what it is told about the way there.
 *
 * Pure: a position that a reader names, and what is there now, give a plan. What is promised: the
 * reader receives everything after its position, or is told what it does not receive. Thread: any.
 */
#pragma once

#include "base/ids.h"
#include "base/own.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEQUENCE_MAX ((UINT64_C(1) << 53) - 1) /* what a JavaScript number holds exactly */

/* The last message a reader has. */
struct position {
    char epoch[IDS_EPOCH_SIZE]; /* "": the present one */
    uint64_t sequence;          /* 0: none yet */
};

/* Reads "<epoch>~<sequence>", "~<sequence>" or "<sequence>". Returns 0 or -EINVAL. */
MUST_CHECK int position_parse(struct span token, struct position *ret_position);
MUST_CHECK int position_set_epoch(struct position *position, struct span epoch); /* -EINVAL */

/* What there is. */
struct resume_state {
    const char *epoch;
    uint64_t oldest; /* readable from the journal; newest + 1 when none is */
    uint64_t head;   /* newest that this loop has heard of: what comes next is head + 1 */
    uint64_t newest; /* newest that anyone may have heard of, at least head */
    size_t replay_max;
};

enum gap_reason {
    GAP_NONE,
    GAP_TRIMMED, /* no longer kept, or beyond replay_max */
    GAP_SLOW,    /* the reader was too far behind */
    GAP_EPOCH,   /* the position is from another numbering */
    GAP_FUTURE   /* the position was never given out */
};
const char *gap_reason_name(enum gap_reason reason);

struct resume_plan {
    uint64_t next;          /* first sequence to send */
    uint64_t replayed;      /* messages from next to head */
    bool recovered;         /* nothing is missing */
    enum gap_reason broken; /* GAP_EPOCH, GAP_FUTURE: the position means nothing here; or none */
    uint64_t lost_from;     /* these are gone, to next - 1; 0: none are */
};

void resume_plan(const struct position *asked, const struct resume_state *state,
                 struct resume_plan *ret_plan);

/* Up to here the reader has everything before it was told of the plan: what a ping may say while
 * the answer, and its gap, are still to come. */
uint64_t resume_stands_at(const struct resume_plan *plan);

/* frames: a journal's message as the finished WebSocket frame that every client gets.
 *
 *   {"type","sequence","seq","epoch","id","timestamp","requires_ack","data"}
 *
 * Immutable and counted; made once, on whichever thread reads the journal. Thread: any. */
#pragma once

#include "base/bytes.h"
#include "base/span.h"
#include "journal/journal.h"
#include "realtime/kinds.h"
#include "realtime/subscriptions.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct frame {
    atomic_uint refs;
    bool requires_ack;
    uint64_t sequence;
    struct kind kind;    /* its number is KIND_UNLISTED until frame_set_kind() */
    struct bytes *bytes; /* owned: header and JSON */
    char text[];         /* what the kind's names point into */
};

struct frame *frame_new(const struct message *message);
struct frame *frame_ref(struct frame *frame);
void frame_unref(struct frame **frame);

/* Before the frame is shared. */
void frame_set_kind(struct frame *frame, unsigned number);

struct span frame_json(const struct frame *frame); /* without the WebSocket header */

/* The same message marked "replay":true. A new reference. */
struct bytes *frame_replay(const struct frame *frame);

/* What filters look at. Parses; owned, so that it can be kept: facts_free(). Never NULL. */
struct facts *frame_facts(const struct frame *frame);
void facts_free(struct facts **facts);

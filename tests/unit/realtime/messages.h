/* Messages as the journal would give them, without a journal. */
#pragma once

#include "unit.h"

#include "journal/journal.h"
#include "realtime/frames.h"

#define EPOCH "abcdefghijk"

/* On the stack; frames copy what they need. */
static inline struct message message_make(uint64_t sequence, const char *type, const char *data)
{
    return (struct message){
        .sequence = sequence,
        .timestamp = 1500000,
        .channel = JOURNAL_CHANNEL_EVENTS,
        .epoch = EPOCH,
        .type = span_of(type),
        .data = span_of(data),
    };
}

static inline struct frame *frame_make(uint64_t sequence, const char *type, const char *data)
{
    struct message message = message_make(sequence, type, data);

    return frame_new(&message);
}

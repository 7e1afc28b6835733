/* The inside of the broadcaster that its channels see. */
#pragma once

#include "journal/journal.h"
#include "loop/lane.h"
#include "realtime/broadcaster.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct broadcaster {
    struct broadcaster_settings settings; /* owned copies */
    struct journal *journal;
    struct loop *core;
    struct lane *read_lane;
    struct journal_position start; /* where the journal stood */
    struct frame **prefill;        /* the frames before that, until they are attached; counted */
    size_t prefill_count;

    /* One per net loop; complete before the net starts, unchanged after. */
    struct channel **channels;
    unsigned channel_count;

    struct hub *hub; /* the core loop's */
    atomic_ullong acks;
};

/* A count with one writer. */
static inline void counter_add(atomic_ullong *counter, unsigned long long more)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + more,
                          memory_order_relaxed);
}

/* hub.c: what the core loop does: numbers the kinds, hands out batches, keeps the acknowledgements.
 * hub_new() and hub_free() while the core loop does not run, or before it hears of the hub. */
struct hub *hub_new(struct broadcaster *broadcaster);
void hub_free(struct hub **hub);
void hub_number(struct hub *hub, struct frame *frame); /* a frame nobody else has yet */
void hub_start(void *hub);                             /* a loop_call: follows the journal */

/* loop_calls of their own argument, which they take over. */
struct hub_channel {
    struct hub *hub;
    struct channel *channel; /* counted */
};
void hub_on_channel(void *hub_channel);

struct hub_ack {
    struct hub *hub;
    uint64_t session;
    bool gone; /* the session ended */
    bool has_cumulative;
    uint64_t cumulative;
    size_t count;
    uint64_t sequences[];
};
void hub_on_ack(void *hub_ack);

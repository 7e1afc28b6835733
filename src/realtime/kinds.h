/* kinds: small numbers for the kinds of messages seen so far.
 *
 * A kind is a wire type together with the `event_type` of its data where that is one of its names.
 * Subscriptions remember by number what they think of a kind. The table belongs to the core loop;
 * the numbers travel with the frames.
 * Limit: KINDS_MAX - 1 kinds have numbers; whatever is seen after that is KIND_UNLISTED and matched
 * anew each time. */
#pragma once

#include "base/span.h"

#include <stddef.h>

#define KINDS_MAX 256
#define KIND_UNLISTED 0

struct kind {
    unsigned number;
    struct span type;
    struct span event_type; /* empty where it does not matter */
};

struct kinds;

struct kinds *kinds_new(void);
void kinds_free(struct kinds **kinds);
unsigned kinds_number(struct kinds *kinds, struct span type, struct span event_type);

/* subscriptions: SubscriptionManager. What clients want to hear.
 *
 * A client without a subscription (NULL) hears everything. A subscription is a set of patterns,
 * each with the filter it was asked for with; it is immutable, and clients that want the same share
 * one: together they are a cohort. For every kind of message (see kinds.h) it remembers what its
 * patterns said at first sight, so later messages of that kind cost a bit test.
 *
 * Thread: a table, and what it gives out, belongs to one net loop.
 * Limit:  SUBSCRIPTION_PATTERNS_MAX patterns; the lengths are the protocol's to check. */
#pragma once

#include "base/own.h"
#include "base/span.h"
#include "realtime/kinds.h"

#include <stdbool.h>
#include <stddef.h>

#define SUBSCRIPTION_PATTERNS_MAX 64
#define SUBSCRIPTION_PATTERN_MAX 256
#define SUBSCRIPTION_CAMERAS_MAX 64

struct subscriptions;
struct subscription;

/* Asks for messages whose data says so; a message that lacks the member does not pass. */
struct subscription_filter {
    struct span camera_ids[SUBSCRIPTION_CAMERAS_MAX]; /* camera_id is one of these */
    size_t camera_count;                              /* 0: any camera, or none */
    double risk_min;                                  /* risk_score at least; below 0: any */
};
#define SUBSCRIPTION_FILTER_NONE                                                                   \
    (struct subscription_filter)                                                                   \
    {                                                                                              \
        .risk_min = -1                                                                             \
    }

/* What filters look at, from a message's data. */
struct facts {
    struct span camera_id; /* at == NULL: absent */
    double risk_score;     /* below 0: absent */
};

struct subscriptions *subscriptions_new(void);
void subscriptions_free(struct subscriptions **table);         /* everything was given back */
size_t subscriptions_count(const struct subscriptions *table); /* different ones in use */

/* `base` (borrowed; NULL: nothing explicit yet) and these patterns, lower-cased by the caller. A
 * pattern that is there already takes the new filter. Returns 0 with a reference, or -ENOSPC over
 * the limit. */
MUST_CHECK int subscriptions_add(struct subscriptions *table, const struct subscription *base,
                                 const struct span *patterns, size_t count,
                                 const struct subscription_filter *filter,
                                 struct subscription **ret_subscription);

/* `base` without these patterns, which may leave a subscription to nothing; of NULL it is NULL. */
struct subscription *subscriptions_remove(struct subscriptions *table,
                                          const struct subscription *base,
                                          const struct span *patterns, size_t count);
void subscriptions_unref(struct subscriptions *table, struct subscription **subscription);

size_t subscription_patterns(const struct subscription *subscription); /* how many; of NULL 0 */

enum interest {
    INTEREST_NONE,
    INTEREST_ALL,     /* every message of this kind */
    INTEREST_FILTERED /* ask subscription_passes() */
};

/* `subscription` may be NULL. */
enum interest subscription_interest(struct subscription *subscription, const struct kind *kind);
bool subscription_passes(const struct subscription *subscription, const struct kind *kind,
                         const struct facts *facts);

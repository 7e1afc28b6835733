#include "realtime/subscriptions.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "realtime/event_names.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WORDS (KINDS_MAX / 64)

/* Immutable, shared by the patterns that were asked for together and by every set that grew from
 * theirs. */
struct filter {
    unsigned refs;
    struct buf key; /* the same filter has the same key; holds the cameras' names */
    size_t camera_count;
    struct span cameras[SUBSCRIPTION_CAMERAS_MAX];
    double risk_min;
};

struct want {
    struct span pattern;
    struct filter *filter; /* NULL: none */
};

struct subscription {
    unsigned refs;
    struct buf key; /* the same set has the same key; holds the patterns */
    /* What the patterns say of the kinds seen so far, one bit per kind. */
    uint64_t known[WORDS], all[WORDS], filtered[WORDS];
    size_t count;
    struct want wants[];
};

struct subscriptions {
    struct map *by_key;
};

struct subscriptions *subscriptions_new(void)
{
    struct subscriptions *table = mem_alloc(sizeof(*table));

    table->by_key = map_new();
    return table;
}

void subscriptions_free(struct subscriptions **table)
{
    if (!*table)
        return;
    assert(map_count((*table)->by_key) == 0);
    map_free(&(*table)->by_key);
    mem_free(table);
}

size_t subscriptions_count(const struct subscriptions *table)
{
    return map_count(table->by_key);
}

/* ---- Filters ---- */

static void filter_unref(struct filter **filter)
{
    if (*filter && --(*filter)->refs == 0) {
        buf_release(&(*filter)->key);
        mem_free(filter);
    }
    *filter = NULL;
}

static struct filter *filter_ref(struct filter *filter)
{
    if (filter)
        filter->refs++;
    return filter;
}

static int compare_spans(const void *left, const void *right)
{
    const struct span *a = left, *b = right;
    size_t common = a->len < b->len ? a->len : b->len;
    int order = common ? memcmp(a->at, b->at, common) : 0;

    return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* Adds a span so that two different rows of spans never give the same text; returns where the
 * span's bytes lie in the key. */
static size_t add_part(struct buf *key, struct span part)
{
    size_t at;

    buf_addf(key, "%zu:", part.len);
    at = key->len;
    buf_add_span(key, part);
    return at;
}

/* NULL when it asks for nothing. */
static struct filter *filter_new(const struct subscription_filter *wish)
{
    struct filter *filter;
    size_t at[SUBSCRIPTION_CAMERAS_MAX];

    assert(wish->camera_count <= SUBSCRIPTION_CAMERAS_MAX);
    if (!wish->camera_count && wish->risk_min < 0)
        return NULL;
    filter = mem_alloc(sizeof(*filter));
    filter->refs = 1;
    filter->risk_min = wish->risk_min;
    filter->camera_count = wish->camera_count;
    memcpy(filter->cameras, wish->camera_ids, wish->camera_count * sizeof(struct span));
    qsort(filter->cameras, filter->camera_count, sizeof(struct span), compare_spans);
    buf_addf(&filter->key, "%.17g;", wish->risk_min);
    for (size_t i = 0; i < filter->camera_count; i++)
        at[i] = add_part(&filter->key, filter->cameras[i]);
    for (size_t i = 0; i < filter->camera_count; i++)
        filter->cameras[i].at = filter->key.data + at[i];
    return filter;
}

static bool filter_passes(const struct filter *filter, const struct facts *facts)
{
    if (!filter)
        return true;
    if (filter->risk_min >= 0 && !(facts->risk_score >= filter->risk_min))
        return false;
    if (!filter->camera_count)
        return true;
    if (!facts->camera_id.at)
        return false;
    for (size_t i = 0; i < filter->camera_count; i++)
        if (span_equal(filter->cameras[i], facts->camera_id))
            return true;
    return false;
}

/* ---- Sets ---- */

/* A set while it is being put together; borrows patterns and filters. */
struct draft {
    size_t count;
    struct want wants[SUBSCRIPTION_PATTERNS_MAX];
};

static struct want *draft_find(struct draft *draft, struct span pattern)
{
    for (size_t i = 0; i < draft->count; i++)
        if (span_equal(draft->wants[i].pattern, pattern))
            return &draft->wants[i];
    return NULL;
}

static void draft_start(struct draft *draft, const struct subscription *base)
{
    draft->count = base ? base->count : 0;
    if (base)
        memcpy(draft->wants, base->wants, base->count * sizeof(struct want));
}

static int compare_wants(const void *left, const void *right)
{
    return compare_spans(&((const struct want *)left)->pattern,
                         &((const struct want *)right)->pattern);
}

/* The set's key, and where in it each pattern lies. */
static void draft_key(struct draft *draft, struct buf *key, size_t at[])
{
    qsort(draft->wants, draft->count, sizeof(struct want), compare_wants);
    buf_add_char(key, '=');
    for (size_t i = 0; i < draft->count; i++) {
        const struct filter *filter = draft->wants[i].filter;

        at[i] = add_part(key, draft->wants[i].pattern);
        add_part(key, filter ? buf_span(&filter->key) : (struct span){NULL, 0});
    }
}

/* The one subscription that wants what the draft wants. */
static struct subscription *intern(struct subscriptions *table, struct draft *draft)
{
    AUTO(buf_release) struct buf key = BUF_INIT;
    size_t at[SUBSCRIPTION_PATTERNS_MAX];
    struct subscription *set;

    draft_key(draft, &key, at);
    set = map_get(table->by_key, buf_span(&key));
    if (set) {
        set->refs++;
        return set;
    }
    set = mem_alloc(sizeof(*set) + draft->count * sizeof(struct want));
    set->refs = 1;
    set->key = key;
    key = BUF_INIT;
    set->count = draft->count;
    for (size_t i = 0; i < set->count; i++) {
        set->wants[i].pattern = (struct span){set->key.data + at[i], draft->wants[i].pattern.len};
        set->wants[i].filter = filter_ref(draft->wants[i].filter);
    }
    map_set(table->by_key, buf_span(&set->key), set);
    return set;
}

int subscriptions_add(struct subscriptions *table, const struct subscription *base,
                      const struct span *patterns, size_t count,
                      const struct subscription_filter *filter,
                      struct subscription **ret_subscription)
{
    AUTO(filter_unref) struct filter *shared = filter_new(filter);
    struct draft draft;

    draft_start(&draft, base);
    for (size_t i = 0; i < count; i++) {
        struct want *want = draft_find(&draft, patterns[i]);

        if (!want && draft.count == SUBSCRIPTION_PATTERNS_MAX)
            return -ENOSPC;
        if (!want)
            want = &draft.wants[draft.count++];
        *want = (struct want){patterns[i], shared};
    }
    *ret_subscription = intern(table, &draft);
    return 0;
}

struct subscription *subscriptions_remove(struct subscriptions *table,
                                          const struct subscription *base,
                                          const struct span *patterns, size_t count)
{
    struct draft draft;

    if (!base)
        return NULL;
    draft_start(&draft, base);
    for (size_t i = 0; i < count; i++) {
        struct want *want = draft_find(&draft, patterns[i]);

        if (want)
            *want = draft.wants[--draft.count];
    }
    return intern(table, &draft);
}

void subscriptions_unref(struct subscriptions *table, struct subscription **subscription)
{
    struct subscription *set = *subscription;

    *subscription = NULL;
    if (!set || --set->refs > 0)
        return;
    map_remove(table->by_key, buf_span(&set->key));
    for (size_t i = 0; i < set->count; i++)
        filter_unref(&set->wants[i].filter);
    buf_release(&set->key);
    mem_free(&set);
}

size_t subscription_patterns(const struct subscription *subscription)
{
    return subscription ? subscription->count : 0;
}

/* ---- Matching ---- */

static enum interest look_closely(const struct subscription *set, const struct kind *kind)
{
    struct event_names names;
    enum interest interest = INTEREST_NONE;

    event_names_init(&names, kind->type, kind->event_type);
    for (size_t i = 0; i < set->count; i++) {
        if (!event_names_match(&names, set->wants[i].pattern))
            continue;
        if (!set->wants[i].filter)
            return INTEREST_ALL;
        interest = INTEREST_FILTERED;
    }
    return interest;
}

enum interest subscription_interest(struct subscription *subscription, const struct kind *kind)
{
    size_t word = kind->number / 64;
    uint64_t bit = UINT64_C(1) << (kind->number % 64);
    enum interest interest;

    if (!subscription)
        return INTEREST_ALL;
    if (kind->number == KIND_UNLISTED)
        return look_closely(subscription, kind);
    assert(kind->number < KINDS_MAX);
    if (subscription->known[word] & bit) {
        if (subscription->all[word] & bit)
            return INTEREST_ALL;
        return subscription->filtered[word] & bit ? INTEREST_FILTERED : INTEREST_NONE;
    }
    interest = look_closely(subscription, kind);
    subscription->known[word] |= bit;
    if (interest == INTEREST_ALL)
        subscription->all[word] |= bit;
    if (interest == INTEREST_FILTERED)
        subscription->filtered[word] |= bit;
    return interest;
}

bool subscription_passes(const struct subscription *subscription, const struct kind *kind,
                         const struct facts *facts)
{
    struct event_names names;

    event_names_init(&names, kind->type, kind->event_type);
    for (size_t i = 0; i < subscription->count; i++) {
        const struct want *want = &subscription->wants[i];

        if (filter_passes(want->filter, facts) && event_names_match(&names, want->pattern))
            return true;
    }
    return false;
}

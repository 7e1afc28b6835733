/* Each key keeps the times of its latest events, at most limit + burst of them: an event is allowed
 * exactly when the oldest of that many has left the window. */
#include "resilience/rate.h"

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/own.h"

#include <assert.h>

#define TIMES_MIN 8
#define FORGET_PER_EVENT 2 /* how many stale keys an event clears away; more than it can add */

struct visitor {
    struct list node; /* in rate->visitors: the one seen longest ago is the first */
    char *key;        /* owned */
    size_t key_len;
    int64_t *times; /* owned; becomes a ring when it has grown to `allowed` */
    size_t count, cap;
    size_t next; /* where the next time goes: once the ring is full, the oldest stands there */
    int64_t last_seen;
};

struct rate {
    size_t allowed; /* limit + burst */
    int64_t window_us;
    size_t keys_max;
    struct map *visitors_by_key;
    struct list visitors;
};

struct rate *rate_new(unsigned limit, unsigned burst, int64_t window_us, size_t keys_max)
{
    struct rate *rate = mem_alloc(sizeof(*rate));

    assert(keys_max > 0);
    rate->allowed = (size_t)limit + burst;
    rate->window_us = window_us;
    rate->keys_max = keys_max;
    rate->visitors_by_key = map_new();
    list_init(&rate->visitors);
    return rate;
}

static void visitor_free(struct rate *rate, struct visitor *visitor)
{
    map_remove(rate->visitors_by_key, (struct span){visitor->key, visitor->key_len});
    list_remove(&visitor->node);
    mem_free(&visitor->key);
    mem_free(&visitor->times);
    mem_free(&visitor);
}

static struct visitor *seen_longest_ago(struct rate *rate)
{
    return CONTAINER_OF(rate->visitors.next, struct visitor, node);
}

void rate_free(struct rate **rate)
{
    struct rate *dead = *rate;

    *rate = NULL;
    if (!dead)
        return;
    while (!list_is_empty(&dead->visitors))
        visitor_free(dead, seen_longest_ago(dead));
    map_free(&dead->visitors_by_key);
    mem_free(&dead);
}

static void forget_stale(struct rate *rate, int64_t now)
{
    for (int i = 0; i < FORGET_PER_EVENT && !list_is_empty(&rate->visitors); i++) {
        struct visitor *visitor = seen_longest_ago(rate);
        if (now - visitor->last_seen < rate->window_us)
            return;
        visitor_free(rate, visitor);
    }
}

static struct visitor *visitor_of(struct rate *rate, struct span key)
{
    struct visitor *visitor = map_get(rate->visitors_by_key, key);

    if (visitor)
        return visitor;
    if (map_count(rate->visitors_by_key) >= rate->keys_max)
        visitor_free(rate, seen_longest_ago(rate));
    visitor = mem_alloc(sizeof(*visitor));
    list_init(&visitor->node);
    visitor->key_len = key.len;
    visitor->key = mem_alloc(key.len + 1);
    for (size_t i = 0; i < key.len; i++)
        visitor->key[i] = key.at[i];
    map_set(rate->visitors_by_key, key, visitor);
    return visitor;
}

static void record(struct visitor *visitor, size_t allowed, int64_t now)
{
    if (visitor->count == visitor->cap && visitor->cap < allowed) {
        size_t cap = visitor->cap ? visitor->cap * 2 : TIMES_MIN;
        visitor->cap = cap < allowed ? cap : allowed;
        visitor->times = mem_resize(visitor->times, visitor->cap * sizeof(*visitor->times));
        visitor->next = visitor->count;
    }
    visitor->times[visitor->next] = now;
    visitor->next = (visitor->next + 1) % visitor->cap;
    if (visitor->count < visitor->cap)
        visitor->count++;
}

bool rate_allow(struct rate *rate, struct span key, int64_t now)
{
    if (!rate->allowed)
        return false;
    forget_stale(rate, now);
    struct visitor *visitor = visitor_of(rate, key);
    bool allowed =
        visitor->count < rate->allowed || visitor->times[visitor->next] <= now - rate->window_us;

    record(visitor, rate->allowed, now);
    visitor->last_seen = now;
    list_remove(&visitor->node);
    list_append(&rate->visitors, &visitor->node);
    return allowed;
}

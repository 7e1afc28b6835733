#include "loop/group_lane.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#define ITEMS_MIN 64

struct group_lane {
    char name[16];
    group_lane_work *work;
    void *owner;
    size_t group_max, waiting_max;
    void **group; /* the worker's; group_max items */
    pthread_t worker;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t arrived, room;
    void **ring; /* owned; the items that wait, from `first` on */
    size_t first, waiting, cap;
    bool ending;
};

/* With the mutex held, as all that touches the ring. */
static void ring_add(struct group_lane *lane, void *item)
{
    if (lane->waiting == lane->cap) {
        size_t cap = lane->cap ? lane->cap * 2 : ITEMS_MIN;
        void **ring = mem_alloc_array(cap, sizeof(*ring));
        for (size_t i = 0; i < lane->waiting; i++)
            ring[i] = lane->ring[(lane->first + i) % lane->cap];
        mem_free(&lane->ring);
        lane->ring = ring;
        lane->first = 0;
        lane->cap = cap;
    }
    lane->ring[(lane->first + lane->waiting++) % lane->cap] = item;
}

static size_t ring_take(struct group_lane *lane)
{
    size_t count = lane->waiting < lane->group_max ? lane->waiting : lane->group_max;

    for (size_t i = 0; i < count; i++)
        lane->group[i] = lane->ring[(lane->first + i) % lane->cap];
    if (count)
        lane->first = (lane->first + count) % lane->cap;
    lane->waiting -= count;
    return count;
}

/* With the mutex held. 0 when the lane ends and nothing waits. */
static size_t next_group(struct group_lane *lane)
{
    while (!lane->waiting && !lane->ending)
        pthread_cond_wait(&lane->arrived, &lane->mutex);
    size_t count = ring_take(lane);
    pthread_cond_broadcast(&lane->room);
    return count;
}

static void *work(void *arg)
{
    struct group_lane *lane = arg;

    pthread_setname_np(pthread_self(), lane->name);
    pthread_mutex_lock(&lane->mutex);
    for (size_t count; (count = next_group(lane));) {
        pthread_mutex_unlock(&lane->mutex);
        lane->work(lane->owner, lane->group, count);
        pthread_mutex_lock(&lane->mutex);
    }
    pthread_mutex_unlock(&lane->mutex);
    return NULL;
}

static void destroy(struct group_lane **lane)
{
    pthread_cond_destroy(&(*lane)->arrived);
    pthread_cond_destroy(&(*lane)->room);
    pthread_mutex_destroy(&(*lane)->mutex);
    mem_free(&(*lane)->group);
    mem_free(&(*lane)->ring);
    mem_free(lane);
}

int group_lane_new(const char *name, group_lane_work *call, void *owner, size_t group_max,
                   size_t waiting_max, struct group_lane **ret_lane)
{
    if (!group_max || !waiting_max)
        return -EINVAL;
    struct group_lane *lane = mem_alloc(sizeof(*lane));
    snprintf(lane->name, sizeof(lane->name), "%s", name);
    lane->work = call;
    lane->owner = owner;
    lane->group_max = group_max;
    lane->waiting_max = waiting_max;
    lane->group = mem_alloc_array(group_max, sizeof(*lane->group));
    pthread_mutex_init(&lane->mutex, NULL);
    pthread_cond_init(&lane->arrived, NULL);
    pthread_cond_init(&lane->room, NULL);
    int r = pthread_create(&lane->worker, NULL, work, lane);
    if (r) {
        destroy(&lane);
        return -r;
    }
    *ret_lane = lane;
    return 0;
}

void group_lane_free(struct group_lane **lane)
{
    struct group_lane *ending = *lane;

    *lane = NULL;
    if (!ending)
        return;
    pthread_mutex_lock(&ending->mutex);
    ending->ending = true;
    pthread_cond_broadcast(&ending->arrived);
    pthread_cond_broadcast(&ending->room);
    pthread_mutex_unlock(&ending->mutex);
    int r = pthread_join(ending->worker, NULL);
    assert(r == 0); /* the worker must not end its own lane */
    (void)r;
    destroy(&ending);
}

int group_lane_submit(struct group_lane *lane, void *item)
{
    /* The worker itself never waits: nobody else would make room. */
    bool may_wait = !pthread_equal(pthread_self(), lane->worker);

    pthread_mutex_lock(&lane->mutex);
    while (may_wait && lane->waiting >= lane->waiting_max && !lane->ending)
        pthread_cond_wait(&lane->room, &lane->mutex);
    bool ending = lane->ending;
    if (!ending) {
        ring_add(lane, item);
        pthread_cond_signal(&lane->arrived);
    }
    pthread_mutex_unlock(&lane->mutex);
    return ending ? -ESHUTDOWN : 0;
}

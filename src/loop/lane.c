#include "loop/lane.h"

#include "base/list.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#define THREADS_MAX 64

struct job {
    struct list node;
    loop_call *call;
    void *arg;
};

struct lane {
    char name[13];
    size_t waiting_max;
    unsigned thread_count;
    pthread_t *threads; /* owned */

    pthread_mutex_t mutex; /* guards what follows; `waiting` is also read without it */
    pthread_cond_t changed;
    struct list jobs;
    atomic_size_t waiting;
    unsigned named;
    bool ending;
};

static void name_thread(struct lane *lane, unsigned number)
{
    char name[16];

    snprintf(name, sizeof(name), "%s%.2u", lane->name, number % 100);
    pthread_setname_np(pthread_self(), name);
}

/* With the mutex held. NULL when the lane ends and nothing waits. */
static struct job *next_job(struct lane *lane)
{
    while (list_is_empty(&lane->jobs) && !lane->ending)
        pthread_cond_wait(&lane->changed, &lane->mutex);
    struct list *node = list_take_first(&lane->jobs);
    if (!node)
        return NULL;
    atomic_fetch_sub(&lane->waiting, 1);
    return CONTAINER_OF(node, struct job, node);
}

static void *work(void *arg)
{
    struct lane *lane = arg;

    pthread_mutex_lock(&lane->mutex);
    name_thread(lane, lane->named++);
    for (struct job *job; (job = next_job(lane));) {
        pthread_mutex_unlock(&lane->mutex);
        job->call(job->arg);
        mem_free(&job);
        pthread_mutex_lock(&lane->mutex);
    }
    pthread_mutex_unlock(&lane->mutex);
    return NULL;
}

static int start_threads(struct lane *lane, unsigned threads)
{
    for (; lane->thread_count < threads; lane->thread_count++) {
        int r = pthread_create(&lane->threads[lane->thread_count], NULL, work, lane);
        if (r)
            return -r;
    }
    return 0;
}

int lane_new(const char *name, unsigned threads, size_t waiting_max, struct lane **ret_lane)
{
    if (threads < 1 || threads > THREADS_MAX)
        return -EINVAL;
    AUTO(lane_free) struct lane *lane = mem_alloc(sizeof(*lane));
    snprintf(lane->name, sizeof(lane->name), "%s", name);
    lane->waiting_max = waiting_max;
    lane->threads = mem_alloc_array(threads, sizeof(*lane->threads));
    pthread_mutex_init(&lane->mutex, NULL);
    pthread_cond_init(&lane->changed, NULL);
    list_init(&lane->jobs);
    int r = start_threads(lane, threads);
    if (r < 0)
        return r;
    *ret_lane = TAKE(lane);
    return 0;
}

void lane_free(struct lane **lane)
{
    struct lane *ending = *lane;

    *lane = NULL;
    if (!ending)
        return;
    pthread_mutex_lock(&ending->mutex);
    ending->ending = true;
    pthread_cond_broadcast(&ending->changed);
    pthread_mutex_unlock(&ending->mutex);
    for (unsigned i = 0; i < ending->thread_count; i++) {
        int r = pthread_join(ending->threads[i], NULL);
        assert(r == 0); /* a worker must not end its own lane */
        (void)r;
    }
    pthread_cond_destroy(&ending->changed);
    pthread_mutex_destroy(&ending->mutex);
    mem_free(&ending->threads);
    mem_free(&ending);
}

/* With the mutex held. */
static int refusal(const struct lane *lane)
{
    if (lane->ending)
        return -ESHUTDOWN;
    return atomic_load(&lane->waiting) >= lane->waiting_max ? -EAGAIN : 0;
}

int lane_submit(struct lane *lane, loop_call *call, void *arg)
{
    AUTO(mem_free) struct job *job = mem_alloc(sizeof(*job));
    *job = (struct job){.call = call, .arg = arg};

    pthread_mutex_lock(&lane->mutex);
    int r = refusal(lane);
    if (r == 0) {
        list_append(&lane->jobs, &job->node);
        job = NULL;
        atomic_fetch_add(&lane->waiting, 1);
        pthread_cond_signal(&lane->changed);
    }
    pthread_mutex_unlock(&lane->mutex);
    return r;
}

size_t lane_waiting(const struct lane *lane)
{
    return atomic_load(&lane->waiting);
}

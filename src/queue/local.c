#include "base/ids.h"
#include "base/mem.h"
#include "base/time.h"
#include "queue/queue_private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define STORE_PAUSE_US TIME_SECOND /* after the database could not write */

void queue_job_release(struct queue_job *job)
{
    mem_free(&job->body);
}

/* ---- Push ---- */

struct push {
    struct queue *queue;
    int64_t id;
};

static void on_pushed(void *arg, bool committed)
{
    struct push *push = arg;

    push->queue->pending--;
    if (committed)
        due_set(push->queue->due, push->id, 0);
    mem_free(&push);
}

static bool is_full(struct queue *queue)
{
    size_t waiting, taken;

    due_counts(queue->due, &waiting, &taken);
    return (int64_t)waiting + queue->pending >= (int64_t)queue->settings.waiting_max;
}

int queue_push(struct queue *queue, struct store_tx *tx, const char *body)
{
    struct push *push;
    int64_t id = 0;
    int result = 0;

    if (is_full(queue)) {
        if (queue->settings.overflow == QUEUE_OVERFLOW_REJECT) {
            atomic_fetch_add(&queue->rejected, 1);
            return -EAGAIN;
        }
        result = queue_make_room(queue, tx);
    }
    if (result >= 0)
        result = jobs_insert(tx, queue->name, body, &id);
    if (result < 0)
        return result;
    push = mem_alloc(sizeof(*push));
    *push = (struct push){queue, id};
    queue->pending++;
    store_tx_after(tx, on_pushed, push);
    return 0;
}

/* ---- Take ---- */

struct take {
    struct queue *queue;
    int64_t id;
    struct queue_job job;
};

/* 1: taken; 0: there is no such job (any more). */
static int take_row(struct store_tx *tx, void *arg)
{
    struct take *take = arg;
    AUTO(job_row_release) struct job_row row = {0};
    int result = jobs_get(tx, take->id, &row);

    if (result == -ENOENT) {
        queue_remove_after(take->queue, tx, take->id);
        return 0;
    }
    if (result < 0)
        return result;
    if (job_lost_tries(&row) >= QUEUE_CRASHES_MAX)
        return queue_bury(take->queue, tx, &row, take->queue->dead_name,
                          "no worker came to an end with this", "lease_expired");
    result = jobs_take(tx, take->id);
    if (result < 0)
        return result;
    take->job = (struct queue_job){.id = take->id,
                                   .attempt = row.attempts + 1,
                                   .lost_tries = job_lost_tries(&row),
                                   .body = TAKE(row.body)};
    return 1;
}

/* That a try began outlives the process, or a job that kills it would be tried for ever; it need
 * not outlive the power, so nobody waits for the disk. */
static enum store_sync take_sync(const struct queue *queue)
{
    enum store_sync sync = store_sync(queue->store);

    return sync == STORE_SYNC_FULL ? STORE_SYNC_NORMAL : sync;
}

int queue_take(struct queue *queue, int64_t wait_us, struct queue_job *ret_job)
{
    int64_t now = time_monotonic();
    int64_t until = wait_us < INT64_MAX - now ? now + wait_us : INT64_MAX;
    struct take take = {.queue = queue};

    while (due_take(queue->due, until - now, queue->settings.lease_us, &take.id)) {
        int result = store_write_sync(queue->store, take_sync(queue), take_row, &take);

        if (result == 1) {
            *ret_job = take.job;
            return 1;
        }
        queue_job_release(&take.job);
        now = time_monotonic();
        if (result < 0) {
            due_set(queue->due, take.id, now);
            due_pause(queue->due, now + STORE_PAUSE_US);
            return result;
        }
    }
    return 0;
}

/* ---- Finish and fail ---- */

int queue_finish(struct queue *queue, struct store_tx *tx, const struct queue_job *job)
{
    int result = jobs_delete(tx, job->id, job->attempt);

    if (result >= 0)
        queue_remove_after(queue, tx, job->id);
    return result;
}

struct failure {
    struct queue *queue;
    const struct queue_job *job;
    const struct retry_policy *policy;
    const char *error;
    int64_t delay_us;
};

/* "[1.000,2.113]" with one more. */
static char *longer_delays(const char *delays, int64_t delay_us)
{
    size_t len = strlen(delays);
    bool is_empty = len <= 2;

    assert(len >= 2 && delays[len - 1] == ']');
    return mem_printf("%.*s%s%.3f]", (int)len - 1, delays, is_empty ? "" : ",",
                      (double)delay_us / TIME_SECOND);
}

static double random_share(void)
{
    uint32_t number;

    ids_random(&number, sizeof(number));
    return number / (UINT32_MAX + 1.0);
}

static int fail_row(struct store_tx *tx, void *arg)
{
    struct failure *failure = arg;
    AUTO(job_row_release) struct job_row row = {0};
    AUTO(mem_free) char *delays = NULL;
    int result = jobs_get(tx, failure->job->id, &row);

    if (result < 0)
        return result;
    if (row.attempts != failure->job->attempt)
        return -ENOENT;
    if (!retry_allowed(failure->policy, row.failures + 1)) {
        result =
            queue_bury(failure->queue, tx, &row, failure->queue->dead_name, failure->error, NULL);
        return result < 0 ? result : 1;
    }
    failure->delay_us = retry_delay(failure->policy, row.failures + 1, random_share());
    delays = longer_delays(row.retry_delays, failure->delay_us);
    return jobs_put_off(tx, &row, failure->error, time_now() + failure->delay_us, delays);
}

int queue_fail(struct queue *queue, const struct queue_job *job, const struct retry_policy *policy,
               const char *error)
{
    struct failure failure = {.queue = queue, .job = job, .policy = policy, .error = error};
    int result = store_write(queue->store, fail_row, &failure);

    if (result == 0)
        due_set(queue->due, job->id, time_monotonic() + failure.delay_us);
    else if (result < 0 && result != -ENOENT)
        due_set(queue->due, job->id, time_monotonic() + STORE_PAUSE_US);
    return result;
}

void queue_stop(struct queue *queue)
{
    due_stop(queue->due);
}

void queue_depth(const struct queue *queue, struct queue_depth *ret_depth)
{
    size_t max = queue->settings.waiting_max;

    due_counts(queue->due, &ret_depth->waiting, &ret_depth->taken);
    ret_depth->dead = atomic_load(&queue->dead);
    ret_depth->is_full_soon = ret_depth->waiting * 5 >= max * 4;
    ret_depth->soon_full_at = (max * 4 + 4) / 5;
    ret_depth->overflowed = atomic_load(&queue->overflowed);
    ret_depth->dropped = atomic_load(&queue->dropped);
    ret_depth->rejected = atomic_load(&queue->rejected);
}

/* queue: a durable first-in first-out list of jobs.
 *
 * push: part of a store transaction. take: the oldest that is due, leased to this worker. finish:
 * part of the transaction that writes the job's result, so a job and its result are true together.
 * A job whose worker died comes back when its lease ends, or at the next start; its `attempt` says
 * so. Whoever lost the lease meanwhile gets -ENOENT from finish and fail, and must give up its
 * result. Dead letters are kept with their error, "dlq:<queue>" (rest-api contract §10).
 *
 * Limit: waiting_max (QUEUE_MAX_SIZE, 10,000) jobs wait; on overflow the oldest goes to the dead
 * letters "dlq:overflow:<queue>" (policy dlq). A warning is due at QUEUE_BACKPRESSURE_THRESHOLD
 * (0.8). QUEUE_CRASHES_MAX tries that neither finish nor fail make a dead letter of a job. Of
 * each kind of dead letters the newest QUEUE_DEAD_MAX are kept. All of it is counted.
 * Thread: queue_take() blocks and belongs to workers. */
#pragma once

#include "base/own.h"
#include "loop/loop.h"
#include "resilience/retry.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_DETECTION "detection_queue"
#define QUEUE_ANALYSIS "analysis_queue"

#define QUEUE_CRASHES_MAX 5  /* tries that ended with the process, or in silence */
#define QUEUE_DEAD_MAX 10000 /* dead letters of a kind */

struct queue;

enum queue_overflow { QUEUE_OVERFLOW_DLQ, QUEUE_OVERFLOW_REJECT, QUEUE_OVERFLOW_DROP_OLDEST };

struct queue_settings {
    const char *name;
    size_t waiting_max;
    enum queue_overflow overflow;
    int64_t lease_us; /* 5 min: a job taken for longer is given to another worker */
};

struct queue_job {
    int64_t id;
    unsigned attempt;    /* 1 the first time */
    unsigned lost_tries; /* before this one: tries that ended with the process, or in silence */
    char *body;          /* JSON text */
};

void queue_job_release(struct queue_job *job);

/* Loads what waited when the process ended. Returns 0 or -errno with `why`. */
MUST_CHECK int queue_open(struct store *store, const struct queue_settings *settings,
                          struct queue **ret_queue, struct buf *why);
/* After queue_stop() and its workers' end, before store_close(). Jobs that are still taken were
 * given up, which does not count as a try. Blocks. */
void queue_close(struct queue **queue);

/* Within a write transaction: there once it commits. -EAGAIN when full under policy reject. */
MUST_CHECK int queue_push(struct queue *queue, struct store_tx *tx, const char *body);

/* Waits up to wait_us for a job. Returns 1 with a job, 0 when none came or the queue was stopped,
 * -errno when the database cannot write: the job stays, and for a second nobody gets any. */
MUST_CHECK int queue_take(struct queue *queue, int64_t wait_us, struct queue_job *ret_job);

/* Within the transaction of the result: the job is gone once it commits. -ENOENT: the lease was
 * lost, another worker has or had the job; the transaction is to be given up. */
MUST_CHECK int queue_finish(struct queue *queue, struct store_tx *tx, const struct queue_job *job);

/* The try failed: it waits by the policy and comes again, or, when its tries are used up, becomes a
 * dead letter with this error. Its own transaction. Returns 0 (comes again), 1 (dead letter),
 * -ENOENT (the lease was lost), -errno (not written: it comes again all the same). */
MUST_CHECK int queue_fail(struct queue *queue, const struct queue_job *job,
                          const struct retry_policy *policy, const char *error);

void queue_stop(struct queue *queue); /* any thread: queue_take() returns 0 from now on */

struct queue_depth {
    size_t waiting, taken, dead;
    size_t soon_full_at;                    /* the threshold, in jobs that wait */
    bool is_full_soon;                      /* over the back-pressure threshold */
    uint64_t overflowed, dropped, rejected; /* since it was opened: to the dead letters; gone for
                                               good; refused */
};
void queue_depth(const struct queue *queue, struct queue_depth *ret_depth); /* any thread */

/* job_taker: takes jobs from a queue onto a loop, so many at a time.
 *
 * queue_take() blocks, so a thread of its own waits in it and hands each job over. Jobs beyond the
 * limit stay in the queue, where every other worker can have them. Nothing is taken beside a job
 * whose earlier tries ended with the process: should it be the reason, the others are not taken
 * along, or they would be set aside with it.
 * Thread: the loop's, unless said otherwise. */
#pragma once

#include "base/own.h"
#include "loop/loop.h"
#include "pipeline/tally.h"
#include "queue/queue.h"

struct job_taker;

/* The job is the callee's: queue_job_release(). */
typedef void job_taker_on_job(void *owner, struct queue_job *job);

struct job_taker_settings {
    const char *name; /* of the thread, at most 12 characters */
    struct queue *queue;
    unsigned at_once_max;
    struct tally *tally;
    enum fault fault; /* raised while the queue cannot be read */
    job_taker_on_job *on_job;
    void *owner;
};

/* Any thread; jobs come from now on. Returns 0 or -errno. */
MUST_CHECK int job_taker_start(struct loop *loop, const struct job_taker_settings *settings,
                               struct job_taker **ret_taker);
/* One of those given is over. */
void job_taker_done(struct job_taker *taker, const struct queue_job *job);

/* Not on the loop's thread, while it runs. Stops the queue and joins; no on_job from now on, a job
 * that comes too late waits for the next start. */
void job_taker_stop(struct job_taker *taker);
void job_taker_free(struct job_taker **taker); /* after the loop has ended */

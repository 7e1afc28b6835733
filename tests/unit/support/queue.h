/* A queue over a database of its own. */
#pragma once

#include "queue/queue.h"
#include "support/database.h"

struct queue_bench {
    struct database database;
    struct queue *queue;
    struct queue_settings settings;
};

static inline void queue_start(struct queue_bench *bench)
{
    AUTO(buf_release) struct buf why = BUF_INIT;

    if (queue_open(bench->database.store, &bench->settings, &bench->queue, &why) < 0)
        fail_msg("%s", buf_text(&why));
}

static inline void queue_bench_open(struct queue_bench *bench, size_t waiting_max,
                                    enum queue_overflow overflow)
{
    bench->settings = (struct queue_settings){
        .name = QUEUE_DETECTION,
        .waiting_max = waiting_max,
        .overflow = overflow,
        .lease_us = 300 * TIME_SECOND,
    };
    database_open(&bench->database, STORE_SYNC_NORMAL);
    queue_start(bench);
}

static inline void queue_bench_release(struct queue_bench *bench)
{
    if (bench->queue)
        queue_stop(bench->queue);
    queue_close(&bench->queue);
    database_release(&bench->database);
}

struct queue_call {
    struct queue *queue;
    const char *body;
    const struct queue_job *job;
    int answer; /* of the work when the call went well */
};

static inline int queue_call_push(struct store_tx *tx, void *arg)
{
    struct queue_call *call = arg;
    int result = queue_push(call->queue, tx, call->body);

    return result < 0 ? result : call->answer;
}

static inline int queue_call_finish(struct store_tx *tx, void *arg)
{
    struct queue_call *call = arg;
    int result = queue_finish(call->queue, tx, call->job);

    return result < 0 ? result : call->answer;
}

static inline int queue_push_now(struct queue_bench *bench, const char *body)
{
    struct queue_call call = {.queue = bench->queue, .body = body};

    return store_write(bench->database.store, queue_call_push, &call);
}

static inline int queue_finish_now(struct queue_bench *bench, const struct queue_job *job)
{
    struct queue_call call = {.queue = bench->queue, .job = job};

    return store_write(bench->database.store, queue_call_finish, &call);
}

/* The next job must be there and be this one. */
static inline void queue_take_this(struct queue_bench *bench, const char *body, unsigned attempt,
                                   struct queue_job *ret_job)
{
    assert_int_equal(queue_take(bench->queue, 30 * TIME_SECOND, ret_job), 1);
    assert_string_equal(ret_job->body, body);
    assert_int_equal(ret_job->attempt, attempt);
}

static inline struct queue_depth queue_depth_now(struct queue_bench *bench)
{
    struct queue_depth depth;

    queue_depth(bench->queue, &depth);
    return depth;
}

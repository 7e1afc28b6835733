/* The inside of the detection worker: detection_queue_worker.c takes jobs and writes results on the
 * loop, examination.c is what happens on a worker. */
#pragma once

#include "base/list.h"
#include "base/map.h"
#include "loop/latch.h"
#include "loop/timer.h"
#include "pipeline/camera_order.h"
#include "pipeline/detection_queue_worker.h"
#include "pipeline/detection_result.h"
#include "pipeline/job_taker.h"

#include <stdbool.h>
#include <stddef.h>

#define DETECTION_COMPONENT "detection_queue_worker"

struct detection_queue_worker {
    const struct stage *stage;
    struct loop *loop;
    struct detector *detector;
    struct batch_aggregator *aggregator;
    struct job_taker *taker;
    struct camera_order *order;
    struct map *changed_scenes; /* cameras whose change was told and is not over */
    struct timer house_timer;
    struct camera_work house_work;
    unsigned house_turns;
    bool is_save_due;
    size_t dead_swept;   /* dead letters whose files have their outcome */
    struct list waiting; /* struct examination: the store could not write their results */
    unsigned writing;
    bool is_stopping;
    struct latch ended;
};

/* One job from its taking to its end. */
struct examination {
    struct list node;
    struct detection_queue_worker *worker;
    struct camera_work work;
    struct timer retry_timer;
    struct queue_job queue_job;
    struct detection_job job;
    struct detection_result result;
    bool is_to_write;  /* else the queue was told already */
    unsigned failures; /* writes that failed */
    int error;
};

/* On a worker, with an examination. Afterwards is_to_write says whether there is a result, or the
 * queue was told already. */
void examination_run(void *examination);
void examination_bury(void *examination); /* its job is none */

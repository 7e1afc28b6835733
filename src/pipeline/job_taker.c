#include "pipeline/job_taker.h"

#include "base/mem.h"
#include "base/time.h"
#include "loop/lane.h"
#include "loop/timer.h"
#include "pipeline/on_loop.h"

#define WAIT_US (30 * TIME_SECOND) /* queue_stop() ends it at once */
#define RETRY_US TIME_SECOND

struct job_taker {
    struct loop *loop;
    struct lane *lane;
    struct job_taker_settings settings;
    struct timer retry_timer;
    unsigned under_way, suspects; /* of them: jobs that may have ended a process */
    bool is_asking;
    bool is_stopping;
    struct queue_job job; /* of the asking that goes on */
    int result;
};

static void ask(struct job_taker *taker);

static void on_answer(void *arg)
{
    struct job_taker *taker = arg;
    struct queue_job job = taker->job;
    int result = taker->result;

    taker->is_asking = false;
    taker->job = (struct queue_job){0};
    if (taker->is_stopping) {
        queue_job_release(&job);
        return;
    }
    tally_fault(taker->settings.tally, taker->settings.fault, result < 0 ? result : 0);
    if (result < 0) {
        timer_start(&taker->retry_timer, RETRY_US);
        return;
    }
    if (result > 0) {
        taker->under_way++;
        taker->suspects += job.lost_tries > 0;
        taker->settings.on_job(taker->settings.owner, &job);
    }
    ask(taker);
}

static void take_on_worker(void *arg)
{
    struct job_taker *taker = arg;

    taker->result = queue_take(taker->settings.queue, WAIT_US, &taker->job);
    loop_post(taker->loop, on_answer, taker);
}

static void ask(struct job_taker *taker)
{
    if (taker->is_asking || taker->is_stopping || taker->suspects > 0 ||
        taker->under_way >= taker->settings.at_once_max)
        return;
    taker->is_asking = lane_submit(taker->lane, take_on_worker, taker) == 0;
}

static void ask_again(void *arg)
{
    ask(arg);
}

int job_taker_start(struct loop *loop, const struct job_taker_settings *settings,
                    struct job_taker **ret_taker)
{
    struct job_taker *taker = mem_alloc(sizeof(*taker));

    taker->loop = loop;
    taker->settings = *settings;
    timer_init(&taker->retry_timer, loop, ask_again, taker);
    int r = lane_new(settings->name, 1, 1, &taker->lane);
    if (r < 0) {
        mem_free(&taker);
        return r;
    }
    loop_post(loop, ask_again, taker);
    *ret_taker = taker;
    return 0;
}

void job_taker_done(struct job_taker *taker, const struct queue_job *job)
{
    taker->under_way--;
    taker->suspects -= job->lost_tries > 0;
    ask(taker);
}

static void ask_no_more(void *arg)
{
    struct job_taker *taker = arg;

    taker->is_stopping = true;
    timer_stop(&taker->retry_timer);
}

void job_taker_stop(struct job_taker *taker)
{
    on_loop(taker->loop, ask_no_more, taker);
    queue_stop(taker->settings.queue);
    lane_free(&taker->lane);
}

void job_taker_free(struct job_taker **taker)
{
    if (!*taker)
        return;
    queue_job_release(&(*taker)->job);
    mem_free(taker);
}

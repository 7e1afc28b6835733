#include "unit.h"

#include "base/own.h"
#include "loop/group_lane.h"
#include "loop/latch.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#define ITEMS_MAX 20000

/* What the worker saw; the first group waits until it may end, so that the next one gathers. */
struct log {
    struct latch begun, may_end;
    bool hold_first;
    size_t groups, largest;
    size_t sizes[100];
    intptr_t items[ITEMS_MAX];
    size_t count;
};

static struct log log_of_work;

static struct log *log_new(bool hold_first)
{
    struct log *log = &log_of_work;

    *log = (struct log){.hold_first = hold_first};
    latch_init(&log->begun);
    latch_init(&log->may_end);
    return log;
}

static void log_release(struct log *log)
{
    latch_release(&log->begun);
    latch_release(&log->may_end);
}

static void work(void *owner, void **items, size_t count)
{
    struct log *log = owner;

    if (log->groups == 0 && log->hold_first) {
        latch_open(&log->begun);
        latch_wait(&log->may_end);
    }
    if (log->groups < COUNT_OF(log->sizes))
        log->sizes[log->groups] = count;
    log->groups++;
    if (count > log->largest)
        log->largest = count;
    for (size_t i = 0; i < count; i++)
        log->items[log->count++] = (intptr_t)items[i];
}

static void what_waits_goes_together(void **state)
{
    struct log *log = log_new(true);
    struct group_lane *lane = NULL;

    assert_int_equal(group_lane_new("test", work, log, 4, 100, &lane), 0);
    assert_int_equal(group_lane_submit(lane, (void *)0), 0);
    latch_wait(&log->begun);
    for (intptr_t i = 1; i <= 10; i++)
        assert_int_equal(group_lane_submit(lane, (void *)i), 0);
    latch_open(&log->may_end);
    group_lane_free(&lane);
    assert_null(lane);
    assert_int_equal(log->groups, 4);
    assert_int_equal(log->sizes[0], 1);
    assert_int_equal(log->sizes[1], 4);
    assert_int_equal(log->sizes[2], 4);
    assert_int_equal(log->sizes[3], 2);
    for (int i = 0; i <= 10; i++)
        assert_int_equal(log->items[i], i);
    log_release(log);
}

struct submitter {
    struct group_lane *lane;
    int number, each, refused;
    atomic_int done;
    pthread_t thread;
};

static void *submit_many(void *arg)
{
    struct submitter *submitter = arg;

    for (int i = 0; i < submitter->each; i++) {
        intptr_t item = (intptr_t)submitter->number << 32 | i;
        submitter->refused += group_lane_submit(submitter->lane, (void *)item) != 0;
        atomic_fetch_add(&submitter->done, 1);
    }
    return NULL;
}

static void submitter_start(struct submitter *submitter)
{
    assert_int_equal(pthread_create(&submitter->thread, NULL, submit_many, submitter), 0);
}

static void a_full_lane_makes_the_writer_wait(void **state)
{
    struct log *log = log_new(true);
    struct group_lane *lane = NULL;
    struct submitter submitter = {.number = 1, .each = 10};

    assert_int_equal(group_lane_new("test", work, log, 10, 3, &lane), 0);
    assert_int_equal(group_lane_submit(lane, (void *)0), 0);
    latch_wait(&log->begun);
    submitter.lane = lane;
    submitter_start(&submitter);
    while (atomic_load(&submitter.done) < 3)
        usleep(1000);
    usleep(20000); /* long enough for a fourth, were there no limit */
    assert_int_equal(atomic_load(&submitter.done), 3);
    latch_open(&log->may_end);
    pthread_join(submitter.thread, NULL);
    group_lane_free(&lane);
    assert_int_equal(log->count, 11);
    assert_true(log->largest <= 3);
    log_release(log);
}

static void *free_lane(void *arg)
{
    group_lane_free(arg);
    return NULL;
}

/* group_lane_free() waits for the held group, so it runs beside; the writer that waits for room is
 * refused while the group is still held. */
static void the_end_frees_those_who_wait(void **state)
{
    struct log *log = log_new(true);
    struct group_lane *lane = NULL;
    struct submitter submitter = {.number = 1, .each = 3};
    pthread_t ender;

    assert_int_equal(group_lane_new("test", work, log, 10, 2, &lane), 0);
    assert_int_equal(group_lane_submit(lane, (void *)0), 0);
    latch_wait(&log->begun);
    submitter.lane = lane;
    submitter_start(&submitter);
    while (atomic_load(&submitter.done) < 2)
        usleep(1000);
    assert_int_equal(pthread_create(&ender, NULL, free_lane, &lane), 0);
    pthread_join(submitter.thread, NULL);
    assert_int_equal(submitter.refused, 1);
    latch_open(&log->may_end);
    pthread_join(ender, NULL);
    assert_int_equal(log->count, 3);
    log_release(log);
}

static void each_submitters_order_is_kept(void **state)
{
    struct log *log = log_new(false);
    struct group_lane *lane = NULL;
    struct submitter submitters[4];
    int64_t next[4] = {0};

    assert_int_equal(group_lane_new("test", work, log, 64, 100, &lane), 0);
    for (int i = 0; i < 4; i++) {
        submitters[i] = (struct submitter){.lane = lane, .number = i, .each = ITEMS_MAX / 4};
        submitter_start(&submitters[i]);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(submitters[i].thread, NULL);
    group_lane_free(&lane);
    assert_int_equal(log->count, ITEMS_MAX);
    assert_true(log->largest <= 64);
    for (size_t i = 0; i < log->count; i++)
        assert_int_equal(log->items[i] & 0xffffffff, next[log->items[i] >> 32]++);
    log_release(log);
}

/* The worker hands itself more than may wait: nobody else could make room. */
struct self_feeding {
    struct group_lane *lane;
    struct latch fed;
    int seen, refused;
};

static void feed(void *owner, void **items, size_t count)
{
    struct self_feeding *self = owner;

    self->seen += (int)count;
    if (self->seen > 1)
        return;
    for (intptr_t i = 0; i < 10; i++)
        self->refused += group_lane_submit(self->lane, (void *)i) != 0;
    latch_open(&self->fed);
}

static void the_worker_never_waits_for_itself(void **state)
{
    struct self_feeding self = {.seen = 0};

    latch_init(&self.fed);
    assert_int_equal(group_lane_new("test", feed, &self, 2, 2, &self.lane), 0);
    assert_int_equal(group_lane_submit(self.lane, NULL), 0);
    latch_wait(&self.fed);
    group_lane_free(&self.lane);
    assert_int_equal(self.refused, 0);
    assert_int_equal(self.seen, 11);
    latch_release(&self.fed);
}

static void refuses_impossible_limits(void **state)
{
    struct group_lane *lane = NULL;

    assert_int_equal(group_lane_new("test", work, NULL, 0, 1, &lane), -EINVAL);
    assert_int_equal(group_lane_new("test", work, NULL, 1, 0, &lane), -EINVAL);
    assert_null(lane);
    group_lane_free(&lane);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_goes_together),
        cmocka_unit_test(a_full_lane_makes_the_writer_wait),
        cmocka_unit_test(the_end_frees_those_who_wait),
        cmocka_unit_test(each_submitters_order_is_kept),
        cmocka_unit_test(the_worker_never_waits_for_itself),
        cmocka_unit_test(refuses_impossible_limits),
    };
    return RUN_TESTS(tests);
}

#include "unit.h"

#include "loop/lane.h"
#include "loop/latch.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* A call that says it has begun and waits until it may end. */
struct hold {
    struct latch begun, may_end;
};

static void hold_init(struct hold *hold)
{
    latch_init(&hold->begun);
    latch_init(&hold->may_end);
}

static void hold_release(struct hold *hold)
{
    latch_release(&hold->begun);
    latch_release(&hold->may_end);
}

static void hold_call(void *arg)
{
    struct hold *hold = arg;

    latch_open(&hold->begun);
    latch_wait(&hold->may_end);
}

static void count_call(void *arg)
{
    atomic_fetch_add((atomic_int *)arg, 1);
}

struct order {
    int seen[100];
    int count;
};

static struct order order;

static void order_call(void *arg)
{
    order.seen[order.count++] = (int)(intptr_t)arg;
}

static void one_thread_keeps_the_order(void **state)
{
    struct lane *lane = NULL;

    memset(&order, 0, sizeof(order));
    assert_int_equal(lane_new("test", 1, 100, &lane), 0);
    for (intptr_t i = 0; i < 100; i++)
        assert_int_equal(lane_submit(lane, order_call, (void *)i), 0);
    lane_free(&lane);
    assert_null(lane);
    assert_int_equal(order.count, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(order.seen[i], i);
}

static void several_threads_work_at_once(void **state)
{
    struct lane *lane = NULL;
    struct hold holds[3];

    assert_int_equal(lane_new("test", 3, 10, &lane), 0);
    for (int i = 0; i < 3; i++) {
        hold_init(&holds[i]);
        assert_int_equal(lane_submit(lane, hold_call, &holds[i]), 0);
    }
    /* All three are under way before any may end. */
    for (int i = 0; i < 3; i++)
        latch_wait(&holds[i].begun);
    for (int i = 0; i < 3; i++)
        latch_open(&holds[i].may_end);
    lane_free(&lane);
    for (int i = 0; i < 3; i++)
        hold_release(&holds[i]);
}

static void the_limit_refuses(void **state)
{
    struct lane *lane = NULL;
    atomic_int count = 0;
    struct hold hold;

    hold_init(&hold);
    assert_int_equal(lane_new("test", 1, 2, &lane), 0);
    assert_int_equal(lane_submit(lane, hold_call, &hold), 0);
    latch_wait(&hold.begun);
    assert_int_equal(lane_waiting(lane), 0);
    assert_int_equal(lane_submit(lane, count_call, &count), 0);
    assert_int_equal(lane_submit(lane, count_call, &count), 0);
    assert_int_equal(lane_waiting(lane), 2);
    assert_int_equal(lane_submit(lane, count_call, &count), -EAGAIN);
    latch_open(&hold.may_end);
    lane_free(&lane);
    assert_int_equal(atomic_load(&count), 2);
    hold_release(&hold);
}

struct late {
    struct lane *lane;
    struct hold hold;
    atomic_int count;
    int result;
};

/* Waits until the lane's end has begun, which only shows by the refusal. */
static void submit_until_refused(void *arg)
{
    struct late *late = arg;

    latch_open(&late->hold.begun);
    do {
        late->result = lane_submit(late->lane, count_call, &late->count);
        usleep(100);
    } while (late->result == 0 || late->result == -EAGAIN);
}

static void the_end_refuses_and_finishes_what_waits(void **state)
{
    struct late late = {.count = 0};

    hold_init(&late.hold);
    assert_int_equal(lane_new("test", 2, 1000, &late.lane), 0);
    struct lane *lane = late.lane;
    assert_int_equal(lane_submit(lane, submit_until_refused, &late), 0);
    latch_wait(&late.hold.begun);
    lane_free(&lane);
    assert_int_equal(late.result, -ESHUTDOWN);
    hold_release(&late.hold);
}

#define SUBMITTERS 4
#define CALLS_EACH 3000

struct submitter {
    struct lane *lane;
    atomic_int *made;
    int refused;
    pthread_t thread;
};

static void *submit_many(void *arg)
{
    struct submitter *submitter = arg;

    for (int i = 0; i < CALLS_EACH; i++)
        submitter->refused += lane_submit(submitter->lane, count_call, submitter->made) != 0;
    return NULL;
}

static void every_call_is_made_or_refused(void **state)
{
    struct submitter submitters[SUBMITTERS];
    struct lane *lane = NULL;
    atomic_int made = 0;
    int refused = 0;

    assert_int_equal(lane_new("test", 3, 50, &lane), 0);
    for (int i = 0; i < SUBMITTERS; i++) {
        submitters[i] = (struct submitter){.lane = lane, .made = &made};
        assert_int_equal(pthread_create(&submitters[i].thread, NULL, submit_many, &submitters[i]),
                         0);
    }
    for (int i = 0; i < SUBMITTERS; i++) {
        pthread_join(submitters[i].thread, NULL);
        refused += submitters[i].refused;
    }
    lane_free(&lane);
    assert_int_equal(atomic_load(&made) + refused, SUBMITTERS * CALLS_EACH);
}

static void refuses_no_threads(void **state)
{
    struct lane *lane = NULL;

    assert_int_equal(lane_new("test", 0, 1, &lane), -EINVAL);
    assert_int_equal(lane_new("test", 100000, 1, &lane), -EINVAL);
    assert_null(lane);
    lane_free(&lane);
}

static void read_name(void *arg)
{
    pthread_getname_np(pthread_self(), arg, 16);
}

static void threads_have_names(void **state)
{
    struct lane *lane = NULL;
    char name[16] = "";

    assert_int_equal(lane_new("twelve-chars", 1, 1, &lane), 0);
    assert_int_equal(lane_submit(lane, read_name, name), 0);
    lane_free(&lane);
    assert_string_equal(name, "twelve-chars00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread_keeps_the_order),
        cmocka_unit_test(several_threads_work_at_once),
        cmocka_unit_test(the_limit_refuses),
        cmocka_unit_test(the_end_refuses_and_finishes_what_waits),
        cmocka_unit_test(every_call_is_made_or_refused),
        cmocka_unit_test(refuses_no_threads),
        cmocka_unit_test(threads_have_names),
    };
    return RUN_TESTS(tests);
}

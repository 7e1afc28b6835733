#include "unit.h"

#include "base/mem.h"
#include "base/time.h"
#include "loop/latch.h"
#include "loop/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct loop *make_loop(void)
{
    struct loop *loop = NULL;

    assert_int_equal(loop_new("test", &loop), 0);
    return loop;
}

static void stop_call(void *arg)
{
    loop_stop(arg);
}

struct order {
    struct loop *loop;
    int seen[16];
    int count;
};

struct note {
    struct order *order;
    int number;
};

static void note_call(void *arg)
{
    struct note *note = arg;

    loop_assert_here(note->order->loop);
    note->order->seen[note->order->count++] = note->number;
}

static void posts_arrive_in_order(void **state)
{
    AUTO(loop_free) struct loop *loop = make_loop();
    struct order order = {.loop = loop};
    struct note notes[5];

    for (int i = 0; i < 5; i++) {
        notes[i] = (struct note){&order, i};
        loop_post(loop, note_call, &notes[i]);
    }
    loop_stop(loop);
    loop_run(loop);
    assert_int_equal(order.count, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(order.seen[i], i);
}

static void a_loop_may_run_again(void **state)
{
    AUTO(loop_free) struct loop *loop = make_loop();
    struct order order = {.loop = loop};
    struct note note = {&order, 1};

    for (int i = 0; i < 3; i++) {
        loop_post(loop, note_call, &note);
        loop_post(loop, stop_call, loop);
        loop_run(loop);
    }
    assert_int_equal(order.count, 3);
}

/* What is posted after the stop is called by loop_free(), so nothing that was handed over leaks. */
struct chain {
    struct loop *loop;
    int left, called;
};

static void chain_call(void *arg)
{
    struct chain *chain = arg;

    chain->called++;
    if (chain->left-- > 0)
        loop_post(chain->loop, chain_call, chain);
}

static void freeing_calls_what_is_left(void **state)
{
    struct loop *loop = make_loop();
    struct chain chain = {.loop = loop, .left = 3};

    loop_stop(loop);
    loop_run(loop);
    loop_post(loop, chain_call, &chain);
    loop_free(&loop);
    assert_null(loop);
    assert_int_equal(chain.called, 4);
    loop_free(&loop);
}

#define POSTERS 8
#define POSTS_EACH 5000

struct poster {
    struct loop *loop;
    int number, next; /* next: the loop's */
    atomic_int *arrived;
    int *out_of_order;
    pthread_t thread;
};

struct numbered {
    struct poster *poster;
    int number;
};

static void numbered_call(void *arg)
{
    AUTO(mem_free) struct numbered *numbered = arg;
    struct poster *poster = numbered->poster;

    loop_assert_here(poster->loop);
    if (numbered->number != poster->next++)
        (*poster->out_of_order)++;
    if (atomic_fetch_add(poster->arrived, 1) + 1 == POSTERS * POSTS_EACH)
        loop_stop(poster->loop);
}

static void *post_many(void *arg)
{
    struct poster *poster = arg;

    for (int i = 0; i < POSTS_EACH; i++) {
        struct numbered *numbered = mem_alloc(sizeof(*numbered));
        *numbered = (struct numbered){poster, i};
        loop_post(poster->loop, numbered_call, numbered);
    }
    return NULL;
}

static void many_threads_post(void **state)
{
    AUTO(loop_free) struct loop *loop = make_loop();
    struct poster posters[POSTERS];
    atomic_int arrived = 0;
    int out_of_order = 0;

    assert_int_equal(loop_start(loop), 0);
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){
            .loop = loop, .number = i, .arrived = &arrived, .out_of_order = &out_of_order};
        assert_int_equal(pthread_create(&posters[i].thread, NULL, post_many, &posters[i]), 0);
    }
    for (int i = 0; i < POSTERS; i++)
        pthread_join(posters[i].thread, NULL);
    loop_join(loop);
    assert_int_equal(atomic_load(&arrived), POSTERS * POSTS_EACH);
    assert_int_equal(out_of_order, 0);
}

struct stopper {
    struct loop *loop;
    int posted, called; /* called: the loop's */
};

static void stopper_call(void *arg)
{
    ((struct stopper *)arg)->called++;
}

static void *post_and_stop(void *arg)
{
    struct stopper *stopper = arg;

    for (int i = 0; i < stopper->posted; i++)
        loop_post(stopper->loop, stopper_call, stopper);
    loop_stop(stopper->loop);
    return NULL;
}

/* The stop comes from another thread, right behind what it posted, at every phase of a turn. */
static void what_was_posted_before_the_stop_is_called(void **state)
{
    for (int i = 0; i < 500; i++) {
        AUTO(loop_free) struct loop *loop = make_loop();
        struct stopper stopper = {.loop = loop, .posted = i % 7};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, post_and_stop, &stopper), 0);
        loop_run(loop);
        assert_int_equal(stopper.called, stopper.posted);
        pthread_join(thread, NULL);
    }
}

/* One post at a time, each when the loop sleeps: a lost wake-up would hang here. */
static void latch_call(void *arg)
{
    latch_open(arg);
}

static void every_post_wakes_a_sleeping_loop(void **state)
{
    AUTO(loop_free) struct loop *loop = make_loop();

    assert_int_equal(loop_start(loop), 0);
    for (int i = 0; i < 2000; i++) {
        struct latch latch;
        latch_init(&latch);
        loop_post(loop, latch_call, &latch);
        latch_wait(&latch);
        latch_release(&latch);
    }
    loop_stop(loop);
    loop_join(loop);
    loop_join(loop);
}

struct elsewhere {
    struct loop *loop;
    bool here;
};

static void ask_here(void *arg)
{
    struct elsewhere *elsewhere = arg;

    elsewhere->here = loop_is_here(elsewhere->loop);
    loop_stop(elsewhere->loop);
}

static void knows_its_thread(void **state)
{
    AUTO(loop_free) struct loop *loop = make_loop();
    struct elsewhere elsewhere = {loop, false};

    assert_false(loop_is_here(loop));
    assert_int_equal(loop_start(loop), 0);
    assert_false(loop_is_here(loop));
    loop_post(loop, ask_here, &elsewhere);
    loop_join(loop);
    assert_true(elsewhere.here);
    assert_false(loop_is_here(loop));
}

struct ends {
    struct loop *loop;
    struct turn_end end;
    int called, posts_seen_before;
    int posts;
};

static void ends_post(void *arg)
{
    struct ends *ends = arg;

    ends->posts++;
    turn_end_request(ends->loop, &ends->end);
    turn_end_request(ends->loop, &ends->end);
}

static void ends_call(void *arg)
{
    struct ends *ends = arg;

    ends->called++;
    ends->posts_seen_before = ends->posts;
    loop_stop(ends->loop);
}

static void a_turn_ends_once(void **state)
{
    AUTO(loop_free) struct loop *loop = make_loop();
    struct ends ends = {.loop = loop};

    turn_end_init(&ends.end, ends_call, &ends);
    for (int i = 0; i < 3; i++)
        loop_post(loop, ends_post, &ends);
    loop_run(loop);
    assert_int_equal(ends.called, 1);
    assert_int_equal(ends.posts_seen_before, 3);
}

static void again_until_ten(void *arg)
{
    struct ends *ends = arg;

    if (++ends->called == 10)
        loop_stop(ends->loop);
    else
        turn_end_request(ends->loop, &ends->end);
}

static void an_end_may_ask_for_the_next(void **state)
{
    AUTO(loop_free) struct loop *loop = make_loop();
    struct ends ends = {.loop = loop};

    turn_end_init(&ends.end, again_until_ten, &ends);
    turn_end_request(loop, &ends.end);
    loop_run(loop); /* would sleep for ever if the next turn waited */
    assert_int_equal(ends.called, 10);
}

struct canceller {
    struct ends *other;
    struct loop *loop;
};

static void cancel_other(void *arg)
{
    struct canceller *canceller = arg;

    turn_end_cancel(&canceller->other->end);
    turn_end_cancel(&canceller->other->end);
    loop_stop(canceller->loop);
}

static void an_end_may_be_cancelled_by_another(void **state)
{
    AUTO(loop_free) struct loop *loop = make_loop();
    struct ends ends = {.loop = loop};
    struct canceller canceller = {&ends, loop};
    struct turn_end first;

    turn_end_init(&first, cancel_other, &canceller);
    turn_end_init(&ends.end, ends_call, &ends);
    turn_end_request(loop, &first);
    turn_end_request(loop, &ends.end);
    loop_run(loop);
    assert_int_equal(ends.called, 0);
}

static void now_moves_with_the_turns(void **state)
{
    AUTO(loop_free) struct loop *loop = make_loop();
    int64_t before = time_monotonic();

    loop_stop(loop);
    loop_run(loop);
    assert_true(loop_now(loop) >= before);
    assert_true(loop_now(loop) <= time_monotonic());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_arrive_in_order),
        cmocka_unit_test(a_loop_may_run_again),
        cmocka_unit_test(freeing_calls_what_is_left),
        cmocka_unit_test(many_threads_post),
        cmocka_unit_test(what_was_posted_before_the_stop_is_called),
        cmocka_unit_test(every_post_wakes_a_sleeping_loop),
        cmocka_unit_test(knows_its_thread),
        cmocka_unit_test(a_turn_ends_once),
        cmocka_unit_test(an_end_may_ask_for_the_next),
        cmocka_unit_test(an_end_may_be_cancelled_by_another),
        cmocka_unit_test(now_moves_with_the_turns),
    };
    return RUN_TESTS(tests);
}

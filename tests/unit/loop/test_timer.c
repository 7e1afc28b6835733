#include "unit.h"

#include "base/own.h"
#include "base/time.h"
#include "loop/timer.h"

#define TIMERS 200

struct clockwork;

struct tick {
    struct clockwork *clockwork;
    struct timer timer;
    int called;
};

struct clockwork {
    struct loop *loop;
    struct tick ticks[TIMERS];
    int64_t last_due;
    int called, out_of_order, early, stop_after;
};

static void on_due(void *owner)
{
    struct tick *tick = owner;
    struct clockwork *clockwork = tick->clockwork;

    tick->called++;
    clockwork->out_of_order += tick->timer.due < clockwork->last_due;
    clockwork->early += time_monotonic() < tick->timer.due;
    clockwork->last_due = tick->timer.due;
    if (++clockwork->called == clockwork->stop_after)
        loop_stop(clockwork->loop);
}

static void wind(struct clockwork *clockwork, loop_call *call)
{
    *clockwork = (struct clockwork){0};
    assert_int_equal(loop_new("test", &clockwork->loop), 0);
    for (int i = 0; i < TIMERS; i++) {
        clockwork->ticks[i].clockwork = clockwork;
        timer_init(&clockwork->ticks[i].timer, clockwork->loop, call, &clockwork->ticks[i]);
    }
}

static unsigned next_random(unsigned *random)
{
    *random = *random * 1664525 + 1013904223;
    return *random >> 8;
}

static void all_come_in_the_order_of_their_times(void **state)
{
    static struct clockwork clockwork;
    unsigned random = 7;

    wind(&clockwork, on_due);
    for (int i = 0; i < TIMERS; i++)
        timer_start(&clockwork.ticks[i].timer, next_random(&random) % 30000);
    clockwork.stop_after = TIMERS;
    loop_run(clockwork.loop);
    assert_int_equal(clockwork.out_of_order, 0);
    assert_int_equal(clockwork.early, 0);
    for (int i = 0; i < TIMERS; i++) {
        assert_int_equal(clockwork.ticks[i].called, 1);
        assert_false(timer_is_running(&clockwork.ticks[i].timer));
    }
    loop_free(&clockwork.loop);
}

/* Half are stopped and a third moved before they are due, from every place of the heap. */
static void stopped_ones_stay_silent(void **state)
{
    static struct clockwork clockwork;
    unsigned random = 11;

    wind(&clockwork, on_due);
    for (int i = 0; i < TIMERS; i++)
        timer_start(&clockwork.ticks[i].timer, 10000 + next_random(&random) % 10000);
    for (int i = 0; i < TIMERS; i += 2)
        timer_stop(&clockwork.ticks[i].timer);
    for (int i = 1; i < TIMERS; i += 6)
        timer_start(&clockwork.ticks[i].timer, next_random(&random) % 20000);
    timer_stop(&clockwork.ticks[0].timer);
    clockwork.stop_after = TIMERS / 2;
    loop_run(clockwork.loop);
    assert_int_equal(clockwork.out_of_order, 0);
    for (int i = 0; i < TIMERS; i++)
        assert_int_equal(clockwork.ticks[i].called, i % 2);
    loop_free(&clockwork.loop);
}

static void stop_the_others(void *owner)
{
    struct tick *tick = owner;

    for (int i = 0; i < TIMERS; i++)
        timer_stop(&tick->clockwork->ticks[i].timer);
    tick->clockwork->called++;
    loop_stop(tick->clockwork->loop);
}

static void a_callback_may_stop_all_that_are_due(void **state)
{
    static struct clockwork clockwork;

    wind(&clockwork, stop_the_others);
    for (int i = 0; i < TIMERS; i++)
        timer_start(&clockwork.ticks[i].timer, 0);
    loop_run(clockwork.loop);
    assert_int_equal(clockwork.called, 1);
    loop_free(&clockwork.loop);
}

static void count_turns(void *arg)
{
    (*(int *)arg)++;
}

struct again {
    struct tick *tick;
    struct turn_end end;
    int turns;
};

static void start_again(void *owner)
{
    struct again *again = owner;
    struct clockwork *clockwork = again->tick->clockwork;

    turn_end_request(clockwork->loop, &again->end);
    if (++clockwork->called == 50)
        loop_stop(clockwork->loop);
    else
        timer_start(&again->tick->timer, 0);
}

static void at_once_means_in_the_next_turn(void **state)
{
    static struct clockwork clockwork;
    struct again again = {.tick = &clockwork.ticks[0]};

    wind(&clockwork, on_due);
    turn_end_init(&again.end, count_turns, &again.turns);
    timer_init(&again.tick->timer, clockwork.loop, start_again, &again);
    timer_start(&again.tick->timer, 0);
    loop_run(clockwork.loop);
    assert_int_equal(clockwork.called, 50);
    assert_int_equal(again.turns, 50);
    loop_free(&clockwork.loop);
}

static void strange_delays(void **state)
{
    static struct clockwork clockwork;

    wind(&clockwork, on_due);
    timer_start(&clockwork.ticks[0].timer, INT64_MIN);
    timer_start(&clockwork.ticks[1].timer, INT64_MAX);
    assert_true(timer_is_running(&clockwork.ticks[1].timer));
    clockwork.stop_after = 1;
    loop_run(clockwork.loop);
    assert_int_equal(clockwork.ticks[0].called, 1);
    assert_int_equal(clockwork.ticks[1].called, 0);
    timer_stop(&clockwork.ticks[1].timer);
    loop_free(&clockwork.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_come_in_the_order_of_their_times),
        cmocka_unit_test(stopped_ones_stay_silent),
        cmocka_unit_test(a_callback_may_stop_all_that_are_due),
        cmocka_unit_test(at_once_means_in_the_next_turn),
        cmocka_unit_test(strange_delays),
    };
    return RUN_TESTS(tests);
}

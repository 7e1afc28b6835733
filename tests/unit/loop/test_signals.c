#include "unit.h"

#include "base/own.h"
#include "loop/signals.h"

#include <signal.h>
#include <unistd.h>

struct heard {
    struct loop *loop;
    struct signals *signals;
    int numbers[4];
    int count;
};

static void on_signal(void *owner, int number)
{
    struct heard *heard = owner;

    loop_assert_here(heard->loop);
    heard->numbers[heard->count++] = number;
    if (heard->count == 2)
        loop_stop(heard->loop);
}

static void signals_are_callbacks(void **state)
{
    struct heard heard = {.count = 0};

    assert_int_equal(loop_new("test", &heard.loop), 0);
    assert_int_equal(signals_start(heard.loop, on_signal, &heard, &heard.signals), 0);
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGINT);
    loop_run(heard.loop);
    assert_int_equal(heard.numbers[0] + heard.numbers[1], SIGTERM + SIGINT);
    signals_stop(&heard.signals);
    signals_stop(&heard.signals);
    loop_free(&heard.loop);
}

static void stop_both(void *owner, int number)
{
    struct heard *heard = owner;

    heard->count++;
    signals_stop(&heard->signals);
    loop_stop(heard->loop);
}

static void may_stop_in_their_own_callback(void **state)
{
    struct heard heard = {.count = 0};

    assert_int_equal(loop_new("test", &heard.loop), 0);
    assert_int_equal(signals_start(heard.loop, stop_both, &heard, &heard.signals), 0);
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGINT);
    loop_run(heard.loop);
    assert_int_equal(heard.count, 1);
    assert_null(heard.signals);
    loop_free(&heard.loop);
}

static void a_broken_pipe_is_an_error_not_an_end(void **state)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(write(ends[1], "x", 1), -1);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_are_callbacks),
        cmocka_unit_test(may_stop_in_their_own_callback),
        cmocka_unit_test(a_broken_pipe_is_an_error_not_an_end),
    };
    signals_block();
    return RUN_TESTS(tests);
}

#include "unit.h"

#include "base/own.h"
#include "loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS 6

/* Socket pairs whose near ends are watched; each callback does what its test says. */
struct bench;

struct seat {
    struct bench *bench;
    int near, far;
    struct watch *watch;
    int called;
    uint32_t events;
};

struct bench {
    struct loop *loop;
    struct seat seats[PAIRS];
    void (*act)(struct seat *seat);
};

static void on_ready(void *owner, uint32_t events)
{
    struct seat *seat = owner;

    seat->called++;
    seat->events = events;
    seat->bench->act(seat);
}

static void bench_start(struct bench *bench, void (*act)(struct seat *seat))
{
    *bench = (struct bench){.act = act};
    assert_int_equal(loop_new("test", &bench->loop), 0);
    for (int i = 0; i < PAIRS; i++) {
        struct seat *seat = &bench->seats[i];
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
                         0);
        *seat = (struct seat){.bench = bench, .near = pair[0], .far = pair[1]};
        assert_int_equal(
            watch_start(bench->loop, seat->near, EPOLLIN, on_ready, seat, &seat->watch), 0);
    }
}

static void bench_end(struct bench *bench)
{
    for (int i = 0; i < PAIRS; i++) {
        watch_stop(&bench->seats[i].watch);
        close(bench->seats[i].near);
        close(bench->seats[i].far);
    }
    loop_free(&bench->loop);
}

static void say(struct seat *seat)
{
    assert_int_equal(write(seat->far, "x", 1), 1);
}

static int total_calls(const struct bench *bench)
{
    int total = 0;

    for (int i = 0; i < PAIRS; i++)
        total += bench->seats[i].called;
    return total;
}

static void read_and_stop_after_all(struct seat *seat)
{
    char c;

    assert_int_equal(read(seat->near, &c, 1), 1);
    if (total_calls(seat->bench) == PAIRS)
        loop_stop(seat->bench->loop);
}

static void hears_what_is_ready(void **state)
{
    struct bench bench;

    bench_start(&bench, read_and_stop_after_all);
    for (int i = 0; i < PAIRS; i++)
        say(&bench.seats[i]);
    loop_run(bench.loop);
    for (int i = 0; i < PAIRS; i++) {
        assert_int_equal(bench.seats[i].called, 1);
        assert_int_equal(bench.seats[i].events, EPOLLIN);
    }
    bench_end(&bench);
}

/* The first one called ends itself and everybody else: their events of this turn are void. */
static void end_all(struct seat *seat)
{
    for (int i = 0; i < PAIRS; i++)
        watch_stop(&seat->bench->seats[i].watch);
    loop_stop(seat->bench->loop);
}

static void a_callback_may_end_itself_and_the_others(void **state)
{
    struct bench bench;

    bench_start(&bench, end_all);
    for (int i = 0; i < PAIRS; i++)
        say(&bench.seats[i]);
    loop_run(bench.loop);
    assert_int_equal(total_calls(&bench), 1);
    bench_end(&bench);
}

/* The first one ends all, closes them, and opens new ones that get the same numbers. */
static void replace_all(struct seat *seat)
{
    struct bench *bench = seat->bench;

    if (total_calls(bench) > 1)
        return;
    for (int i = 0; i < PAIRS; i++) {
        struct seat *other = &bench->seats[i];
        int pair[2], near = other->near;
        watch_stop(&other->watch);
        close(other->near);
        close(other->far);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
                         0);
        assert_int_equal(pair[0], near);
        other->near = pair[0];
        other->far = pair[1];
        assert_int_equal(
            watch_start(bench->loop, other->near, EPOLLIN, on_ready, other, &other->watch), 0);
    }
    loop_stop(bench->loop);
}

static void stale_events_do_not_reach_new_owners_of_a_number(void **state)
{
    struct bench bench;

    bench_start(&bench, replace_all);
    for (int i = 0; i < PAIRS; i++)
        say(&bench.seats[i]);
    loop_run(bench.loop);
    assert_int_equal(total_calls(&bench), 1);
    bench_end(&bench);
}

static void lose_interest(struct seat *seat)
{
    for (int i = 0; i < PAIRS; i++)
        watch_change(seat->bench->seats[i].watch, 0);
    loop_stop(seat->bench->loop);
}

static void changed_interest_holds_at_once(void **state)
{
    struct bench bench;

    bench_start(&bench, lose_interest);
    for (int i = 0; i < PAIRS; i++)
        say(&bench.seats[i]);
    loop_run(bench.loop);
    assert_int_equal(total_calls(&bench), 1);
    bench_end(&bench);
}

static void stop_loop(struct seat *seat)
{
    loop_stop(seat->bench->loop);
}

static void change_to_writing(void **state)
{
    struct bench bench;

    bench_start(&bench, stop_loop);
    watch_change(bench.seats[0].watch, EPOLLIN | EPOLLOUT);
    watch_change(bench.seats[0].watch, EPOLLIN | EPOLLOUT);
    loop_run(bench.loop);
    assert_int_equal(bench.seats[0].events, EPOLLOUT);
    bench_end(&bench);
}

static void hangups_are_heard_without_asking(void **state)
{
    struct bench bench;

    bench_start(&bench, stop_loop);
    watch_change(bench.seats[0].watch, 0);
    shutdown(bench.seats[0].far, SHUT_RDWR);
    loop_run(bench.loop);
    assert_true(bench.seats[0].events & EPOLLHUP);
    bench_end(&bench);
}

static void refuses_what_cannot_be_watched(void **state)
{
    AUTO(loop_free) struct loop *loop = NULL;
    struct watch *watch = NULL;

    assert_int_equal(loop_new("test", &loop), 0);
    assert_int_equal(watch_start(loop, -1, EPOLLIN, on_ready, NULL, &watch), -EBADF);
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int r = watch_start(loop, file, EPOLLIN, on_ready, NULL, &watch);
    assert_int_equal(r, -EPERM);
    assert_null(watch);
    close(file);
    watch_stop(&watch);
}

static void may_end_before_the_loop_ran(void **state)
{
    struct bench bench;

    bench_start(&bench, stop_loop);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears_what_is_ready),
        cmocka_unit_test(a_callback_may_end_itself_and_the_others),
        cmocka_unit_test(stale_events_do_not_reach_new_owners_of_a_number),
        cmocka_unit_test(changed_interest_holds_at_once),
        cmocka_unit_test(change_to_writing),
        cmocka_unit_test(hangups_are_heard_without_asking),
        cmocka_unit_test(refuses_what_cannot_be_watched),
        cmocka_unit_test(may_end_before_the_loop_ran),
    };
    return RUN_TESTS(tests);
}

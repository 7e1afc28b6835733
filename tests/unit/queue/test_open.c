#include "support/queue.h"

#include <errno.h>

static void restart(struct queue_bench *bench)
{
    queue_stop(bench->queue);
    queue_close(&bench->queue);
    store_close(&bench->database.store);
    database_start(&bench->database);
    queue_start(bench);
}

/* As after kill -9: what queue_close() wrote is undone. */
static void restart_after_crash(struct queue_bench *bench, const char *taken_before)
{
    AUTO(mem_free)
    char *sql = mem_printf(
        "UPDATE jobs SET taken_at = 1, attempts = attempts + 1 WHERE body = '%s'", taken_before);

    queue_stop(bench->queue);
    queue_close(&bench->queue);
    database_exec(&bench->database, sql);
    store_close(&bench->database.store);
    database_start(&bench->database);
    queue_start(bench);
}

static void what_waited_waits_again(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job first = {0}, second = {0};

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    assert_int_equal(queue_push_now(&bench, "1"), 0);
    assert_int_equal(queue_push_now(&bench, "2"), 0);
    restart(&bench);
    assert_int_equal(queue_depth_now(&bench).waiting, 2);
    queue_take_this(&bench, "1", 1, &first);
    queue_take_this(&bench, "2", 1, &second);
}

static void one_given_up_at_a_clean_end_lost_no_try(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job job = {0}, again = {0};

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    assert_int_equal(queue_push_now(&bench, "1"), 0);
    queue_take_this(&bench, "1", 1, &job);
    restart(&bench);
    queue_take_this(&bench, "1", 1, &again);
    assert_int_equal(queue_finish_now(&bench, &again), 0);
}

static void one_being_worked_on_at_a_crash_comes_back(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job job = {0}, again = {0};

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    assert_int_equal(queue_push_now(&bench, "1"), 0);
    queue_take_this(&bench, "1", 1, &job);
    restart_after_crash(&bench, "1");
    queue_take_this(&bench, "1", 2, &again);
    assert_int_equal(queue_finish_now(&bench, &job), -ENOENT);
    assert_int_equal(queue_finish_now(&bench, &again), 0);
}

static void one_that_ends_the_process_is_set_aside(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job other = {0}, none = {0};

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    assert_int_equal(queue_push_now(&bench, "killer"), 0);
    assert_int_equal(queue_push_now(&bench, "harmless"), 0);
    for (unsigned crash = 1; crash <= QUEUE_CRASHES_MAX; crash++) {
        AUTO(queue_job_release) struct queue_job job = {0};

        queue_take_this(&bench, "killer", crash, &job);
        restart_after_crash(&bench, "killer");
    }
    queue_take_this(&bench, "harmless", 1, &other);
    assert_int_equal(queue_take(bench.queue, 0, &none), 0);
    assert_int_equal(queue_depth_now(&bench).dead, 1);
    assert_int_equal(database_int(&bench.database,
                                  "SELECT count(*) FROM dead_letters WHERE name = "
                                  "'dlq:detection_queue' AND error = 'the process ended while this "
                                  "was being worked on' AND attempt_count = 5"),
                     1);
    restart(&bench);
    assert_int_equal(queue_depth_now(&bench).dead, 1);
}

static void queues_do_not_see_each_other(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(queue_close) struct queue *other = NULL;
    AUTO(queue_job_release) struct queue_job job = {0}, none = {0};
    struct queue_settings settings;

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    settings = bench.settings;
    settings.name = QUEUE_ANALYSIS;
    assert_int_equal(queue_push_now(&bench, "1"), 0);
    assert_int_equal(queue_open(bench.database.store, &settings, &other, &why), 0);
    assert_int_equal(queue_take(other, 0, &none), 0);
    queue_take_this(&bench, "1", 1, &job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waited_waits_again),
        cmocka_unit_test(one_given_up_at_a_clean_end_lost_no_try),
        cmocka_unit_test(one_being_worked_on_at_a_crash_comes_back),
        cmocka_unit_test(one_that_ends_the_process_is_set_aside),
        cmocka_unit_test(queues_do_not_see_each_other),
    };

    return RUN_TESTS(tests);
}

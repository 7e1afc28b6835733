#include "support/queue.h"

#include "base/json.h"
#include "loop/latch.h"
#include "store/dead_letters.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>

#define SHORT_LEASE_US (20 * TIME_MS)

static const struct retry_policy three_quick = {
    .attempts_max = 3, .base_us = 1000, .cap_us = 1000, .jitter_min = 0, .jitter_max = 0};

static void is_first_in_first_out(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job a = {0}, b = {0};

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    assert_int_equal(queue_push_now(&bench, "{\"n\":1}"), 0);
    assert_int_equal(queue_push_now(&bench, "{\"n\":2}"), 0);
    assert_int_equal(queue_depth_now(&bench).waiting, 2);
    queue_take_this(&bench, "{\"n\":1}", 1, &a);
    queue_take_this(&bench, "{\"n\":2}", 1, &b);
    assert_int_equal(queue_depth_now(&bench).waiting, 0);
    assert_int_equal(queue_depth_now(&bench).taken, 2);
    assert_int_equal(queue_finish_now(&bench, &a), 0);
    assert_int_equal(queue_finish_now(&bench, &b), 0);
    assert_int_equal(queue_depth_now(&bench).taken, 0);
    assert_int_equal(database_int(&bench.database, "SELECT count(*) FROM jobs"), 0);
}

static void what_was_rolled_back_was_never_pushed(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job job = {0};
    struct queue_call call = {.body = "{}", .answer = -ECANCELED};

    queue_bench_open(&bench, 1, QUEUE_OVERFLOW_REJECT);
    call.queue = bench.queue;
    assert_int_equal(store_write(bench.database.store, queue_call_push, &call), -ECANCELED);
    assert_int_equal(queue_depth_now(&bench).waiting, 0);
    assert_int_equal(queue_take(bench.queue, 0, &job), 0);
    assert_int_equal(queue_push_now(&bench, "{}"), 0); /* the place is free */
}

static void a_finish_that_was_rolled_back_leaves_the_job(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job job = {0};
    struct queue_call call = {.job = &job, .answer = -ECANCELED};

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    call.queue = bench.queue;
    assert_int_equal(queue_push_now(&bench, "{}"), 0);
    queue_take_this(&bench, "{}", 1, &job);
    assert_int_equal(store_write(bench.database.store, queue_call_finish, &call), -ECANCELED);
    assert_int_equal(queue_depth_now(&bench).taken, 1);
    assert_int_equal(queue_finish_now(&bench, &job), 0);
    assert_int_equal(queue_finish_now(&bench, &job), -ENOENT);
}

/* ---- Failing ---- */

static int read_dead(struct store_tx *tx, void *list)
{
    return dead_letters_list(tx, "dlq:detection_queue", 100, 0, list);
}

static void fails_until_its_tries_are_used_up(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(dead_letter_list_release) struct dead_letter_list dead = {0};
    int64_t before = time_now();

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    assert_int_equal(queue_push_now(&bench, "{\"n\":1}"), 0);
    for (unsigned attempt = 1; attempt <= 3; attempt++) {
        AUTO(queue_job_release) struct queue_job job = {0};

        queue_take_this(&bench, "{\"n\":1}", attempt, &job);
        assert_int_equal(queue_fail(bench.queue, &job, &three_quick, "no answer"), attempt == 3);
        assert_int_equal(queue_depth_now(&bench).waiting, attempt < 3);
        assert_int_equal(queue_depth_now(&bench).taken, 0);
    }
    assert_int_equal(queue_depth_now(&bench).dead, 1);
    assert_int_equal(database_int(&bench.database, "SELECT count(*) FROM jobs"), 0);
    assert_int_equal(store_read(bench.database.store, read_dead, &dead), 0);
    assert_int_equal(dead.count, 1);
    assert_string_equal(dead.items[0].original_job, "{\"n\":1}");
    assert_string_equal(dead.items[0].queue_name, "detection_queue");
    assert_string_equal(dead.items[0].error, "no answer");
    assert_int_equal(dead.items[0].attempt_count, 3);
    assert_true(dead.items[0].first_failed_at >= before);
    assert_true(dead.items[0].last_failed_at >= dead.items[0].first_failed_at);
    assert_string_equal(dead.items[0].retry_delays, "[0.001,0.001]");
    assert_string_equal(dead.items[0].context, "{\"detection_queue_depth\":0}");
}

static void one_that_failed_waits_while_others_go_on(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job first = {0}, second = {0}, none = {0};
    struct retry_policy slow = three_quick;

    slow.base_us = slow.cap_us = 600 * TIME_SECOND;
    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    assert_int_equal(queue_push_now(&bench, "1"), 0);
    assert_int_equal(queue_push_now(&bench, "2"), 0);
    queue_take_this(&bench, "1", 1, &first);
    assert_int_equal(queue_fail(bench.queue, &first, &slow, "later"), 0);
    queue_take_this(&bench, "2", 1, &second);
    assert_int_equal(queue_take(bench.queue, 0, &none), 0);
    assert_int_equal(queue_depth_now(&bench).waiting, 1);
}

/* ---- Leases ---- */

static void a_lost_lease_is_lost(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job slow = {0}, other = {0};

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    queue_close(&bench.queue);
    bench.settings.lease_us = SHORT_LEASE_US;
    queue_start(&bench);
    assert_int_equal(queue_push_now(&bench, "{}"), 0);
    queue_take_this(&bench, "{}", 1, &slow);
    queue_take_this(&bench, "{}", 2, &other); /* waits for the lease's end */
    assert_int_equal(other.id, slow.id);
    assert_int_equal(queue_finish_now(&bench, &slow), -ENOENT);
    assert_int_equal(queue_fail(bench.queue, &slow, &three_quick, "late"), -ENOENT);
    assert_int_equal(queue_finish_now(&bench, &other), 0);
    assert_int_equal(queue_finish_now(&bench, &slow), -ENOENT);
}

/* Late, but nobody has taken it over: the result counts, and nobody gets the job. */
static void a_late_finish_is_good_while_nobody_else_began(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job job = {0}, none = {0};

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    queue_close(&bench.queue);
    bench.settings.lease_us = 1;
    queue_start(&bench);
    assert_int_equal(queue_push_now(&bench, "{}"), 0);
    queue_take_this(&bench, "{}", 1, &job);
    assert_int_equal(queue_finish_now(&bench, &job), 0);
    assert_int_equal(queue_take(bench.queue, 0, &none), 0);
}

static void one_that_never_comes_to_an_end_is_set_aside(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job none = {0};
    AUTO(dead_letter_list_release) struct dead_letter_list dead = {0};

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    queue_close(&bench.queue);
    bench.settings.lease_us = 1;
    queue_start(&bench);
    assert_int_equal(queue_push_now(&bench, "{}"), 0);
    for (unsigned attempt = 1; attempt <= QUEUE_CRASHES_MAX; attempt++) {
        AUTO(queue_job_release) struct queue_job job = {0};

        queue_take_this(&bench, "{}", attempt, &job);
    }
    assert_int_equal(queue_take(bench.queue, 0, &none), 0);
    assert_int_equal(store_read(bench.database.store, read_dead, &dead), 0);
    assert_int_equal(dead.count, 1);
    assert_string_equal(dead.items[0].error_type, "lease_expired");
    assert_int_equal(queue_depth_now(&bench).dead, 1);
}

/* ---- Overflow ---- */

static void assert_jobs(struct queue_bench *bench, const char *first, const char *second)
{
    AUTO(queue_job_release) struct queue_job a = {0}, b = {0}, none = {0};

    queue_take_this(bench, first, 1, &a);
    queue_take_this(bench, second, 1, &b);
    assert_int_equal(queue_take(bench->queue, 0, &none), 0);
}

static void overflow_moves_the_oldest_to_the_dead_letters(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};

    queue_bench_open(&bench, 2, QUEUE_OVERFLOW_DLQ);
    assert_int_equal(queue_push_now(&bench, "1"), 0);
    assert_false(queue_depth_now(&bench).is_full_soon);
    assert_int_equal(queue_push_now(&bench, "2"), 0);
    assert_true(queue_depth_now(&bench).is_full_soon);
    assert_int_equal(queue_push_now(&bench, "3"), 0);
    assert_int_equal(queue_depth_now(&bench).waiting, 2);
    assert_int_equal(queue_depth_now(&bench).overflowed, 1);
    assert_int_equal(queue_depth_now(&bench).dead, 1);
    assert_int_equal(database_int(&bench.database,
                                  "SELECT count(*) FROM dead_letters WHERE original_job = '1' AND "
                                  "name = 'dlq:overflow:detection_queue' AND "
                                  "error_type = 'queue_overflow'"),
                     1);
    assert_jobs(&bench, "2", "3");
}

static void overflow_refuses(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};

    queue_bench_open(&bench, 2, QUEUE_OVERFLOW_REJECT);
    assert_int_equal(queue_push_now(&bench, "1"), 0);
    assert_int_equal(queue_push_now(&bench, "2"), 0);
    assert_int_equal(queue_push_now(&bench, "3"), -EAGAIN);
    assert_int_equal(queue_depth_now(&bench).rejected, 1);
    assert_int_equal(queue_depth_now(&bench).dead, 0);
    assert_jobs(&bench, "1", "2");
}

static void overflow_drops_the_oldest(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};

    queue_bench_open(&bench, 2, QUEUE_OVERFLOW_DROP_OLDEST);
    assert_int_equal(queue_push_now(&bench, "1"), 0);
    assert_int_equal(queue_push_now(&bench, "2"), 0);
    assert_int_equal(queue_push_now(&bench, "3"), 0);
    assert_int_equal(queue_depth_now(&bench).dropped, 1);
    assert_int_equal(queue_depth_now(&bench).dead, 0);
    assert_jobs(&bench, "2", "3");
}

static int push_five(struct store_tx *tx, void *queue)
{
    static const char *const bodies[] = {"1", "2", "3", "4", "5"};

    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        int result = queue_push(queue, tx, bodies[i]);
        if (result < 0)
            return result;
    }
    return 0;
}

/* The ones that are not yet committed count, and can be pushed out too. */
static void overflow_within_one_transaction(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job taken = {0};

    queue_bench_open(&bench, 2, QUEUE_OVERFLOW_DLQ);
    assert_int_equal(queue_push_now(&bench, "0"), 0);
    queue_take_this(&bench, "0", 1, &taken); /* it does not wait, so it stays */
    assert_int_equal(store_write(bench.database.store, push_five, bench.queue), 0);
    assert_int_equal(queue_depth_now(&bench).waiting, 2);
    assert_int_equal(queue_depth_now(&bench).overflowed, 3);
    assert_int_equal(store_write(bench.database.store, push_five, bench.queue), 0);
    assert_int_equal(queue_depth_now(&bench).waiting, 2); /* the limit has not moved */
    assert_jobs(&bench, "4", "5");
    assert_int_equal(queue_finish_now(&bench, &taken), 0);
}

/* ---- The end, and the disk ---- */

struct sleeper {
    struct queue *queue;
    int result;
    pthread_t thread;
};

static void *take_for_ever(void *arg)
{
    struct sleeper *sleeper = arg;
    AUTO(queue_job_release) struct queue_job job = {0};

    sleeper->result = queue_take(sleeper->queue, INT64_MAX, &job);
    return NULL;
}

static void stopping_wakes_whoever_waits(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job none = {0};
    struct sleeper sleepers[3];

    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    for (size_t i = 0; i < COUNT_OF(sleepers); i++) {
        sleepers[i] = (struct sleeper){.queue = bench.queue, .result = -1};
        assert_int_equal(pthread_create(&sleepers[i].thread, NULL, take_for_ever, &sleepers[i]), 0);
    }
    queue_stop(bench.queue);
    for (size_t i = 0; i < COUNT_OF(sleepers); i++) {
        pthread_join(sleepers[i].thread, NULL);
        assert_int_equal(sleepers[i].result, 0);
    }
    assert_int_equal(queue_push_now(&bench, "{}"), 0);
    assert_int_equal(queue_take(bench.queue, INT64_MAX, &none), 0);
}

static void set_file_limit(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void jobs_wait_while_the_disk_is_full(void **state)
{
    AUTO(queue_bench_release) struct queue_bench bench = {0};
    AUTO(queue_job_release) struct queue_job job = {0};

    signal(SIGXFSZ, SIG_IGN);
    queue_bench_open(&bench, 10, QUEUE_OVERFLOW_DLQ);
    assert_int_equal(queue_push_now(&bench, "{}"), 0);
    set_file_limit(1);
    assert_int_equal(queue_take(bench.queue, 0, &job), -ENOSPC);
    assert_int_equal(queue_depth_now(&bench).waiting, 1);
    assert_true(queue_take(bench.queue, 0, &job) <= 0); /* mostly 0: nobody may for a second */
    set_file_limit(RLIM_INFINITY);
    queue_take_this(&bench, "{}", 1, &job);
    set_file_limit(1);
    assert_int_equal(queue_finish_now(&bench, &job), -ENOSPC);
    assert_int_equal(queue_fail(bench.queue, &job, &three_quick, "x"), -ENOSPC);
    set_file_limit(RLIM_INFINITY);
    queue_job_release(&job);
    queue_take_this(&bench, "{}", 2, &job);
    assert_int_equal(queue_finish_now(&bench, &job), 0);
}

/* ---- Many at once ---- */

#define PRODUCERS 4
#define CONSUMERS 4
#define JOBS_EACH 100

struct crowd {
    struct queue_bench bench;
    atomic_int finished[PRODUCERS * JOBS_EACH];
    atomic_int next, left, lost;
};

static void *produce(void *arg)
{
    struct crowd *crowd = arg;

    for (int i = 0; i < JOBS_EACH; i++) {
        AUTO(mem_free) char *body = mem_printf("%d", atomic_fetch_add(&crowd->next, 1));

        assert_int_equal(queue_push_now(&crowd->bench, body), 0);
    }
    return NULL;
}

/* Every seventh job fails its first try. */
static void *consume(void *arg)
{
    struct crowd *crowd = arg;

    while (atomic_load(&crowd->left) > 0) {
        AUTO(queue_job_release) struct queue_job job = {0};
        int number, result;

        if (queue_take(crowd->bench.queue, 10 * TIME_SECOND, &job) != 1)
            break; /* stopped */
        number = (int)strtol(job.body, NULL, 10);
        if (number % 7 == 0 && job.attempt == 1) {
            assert_int_equal(queue_fail(crowd->bench.queue, &job, &three_quick, "once"), 0);
            continue;
        }
        result = queue_finish_now(&crowd->bench, &job);
        if (result == 0) {
            atomic_fetch_add(&crowd->finished[number], 1);
            if (atomic_fetch_sub(&crowd->left, 1) == 1)
                queue_stop(crowd->bench.queue);
        } else {
            atomic_fetch_add(&crowd->lost, 1);
        }
    }
    return NULL;
}

static void many_produce_and_many_consume(void **state)
{
    static struct crowd crowd;
    pthread_t threads[PRODUCERS + CONSUMERS];

    atomic_store(&crowd.left, PRODUCERS * JOBS_EACH);
    queue_bench_open(&crowd.bench, 10000, QUEUE_OVERFLOW_REJECT);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, i < PRODUCERS ? produce : consume, &crowd), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < COUNT_OF(crowd.finished); i++)
        assert_int_equal(atomic_load(&crowd.finished[i]), 1);
    assert_int_equal(atomic_load(&crowd.lost), 0);
    assert_int_equal(queue_depth_now(&crowd.bench).waiting, 0);
    assert_int_equal(queue_depth_now(&crowd.bench).taken, 0);
    assert_int_equal(database_int(&crowd.bench.database, "SELECT count(*) FROM jobs"), 0);
    queue_bench_release(&crowd.bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_first_in_first_out),
        cmocka_unit_test(what_was_rolled_back_was_never_pushed),
        cmocka_unit_test(a_finish_that_was_rolled_back_leaves_the_job),
        cmocka_unit_test(fails_until_its_tries_are_used_up),
        cmocka_unit_test(one_that_failed_waits_while_others_go_on),
        cmocka_unit_test(a_lost_lease_is_lost),
        cmocka_unit_test(a_late_finish_is_good_while_nobody_else_began),
        cmocka_unit_test(one_that_never_comes_to_an_end_is_set_aside),
        cmocka_unit_test(overflow_moves_the_oldest_to_the_dead_letters),
        cmocka_unit_test(overflow_refuses),
        cmocka_unit_test(overflow_drops_the_oldest),
        cmocka_unit_test(overflow_within_one_transaction),
        cmocka_unit_test(stopping_wakes_whoever_waits),
        cmocka_unit_test(jobs_wait_while_the_disk_is_full),
        cmocka_unit_test(many_produce_and_many_consume),
    };

    return RUN_TESTS(tests);
}

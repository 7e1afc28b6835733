#include "support/journal.h"

#include <pthread.h>

#define HEARD_MAX 2000
#define THREADS 8
#define APPENDS_EACH 100

struct listener {
    struct journal_bench *bench;
    struct journal_follower follower;
    uint64_t heard[HEARD_MAX];
    size_t count;
    struct message *kept;
    struct listener *ends;   /* whom it ends when it is first called */
    struct listener *begins; /* whom it lets begin */
};

static void on_message(void *owner, struct message *message)
{
    struct listener *listener = owner;

    loop_assert_here(listener->bench->core);
    assert_true(listener->count < HEARD_MAX);
    listener->heard[listener->count++] = message->sequence;
    if (!listener->kept)
        listener->kept = message_ref(message);
    if (listener->ends)
        journal_unfollow(&listener->ends->follower);
    if (listener->begins)
        journal_follow(listener->bench->journal, &listener->begins->follower, on_message,
                       listener->begins);
    listener->ends = listener->begins = NULL;
}

static void begin(void *arg)
{
    struct listener *listener = arg;

    journal_follow(listener->bench->journal, &listener->follower, on_message, listener);
}

static void end(void *arg)
{
    struct listener *listener = arg;

    journal_unfollow(&listener->follower);
    message_unref(&listener->kept);
}

static void post(struct listener *listener, loop_call *call)
{
    loop_post(listener->bench->core, call, listener);
    journal_settle(listener->bench);
}

static void hears_what_comes_after_it_began(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct listener listener = {.bench = &bench};

    journal_bench_open(&bench, STORE_SYNC_OFF, 1000);
    journal_add(&bench, "x", json_object());
    post(&listener, begin);
    journal_add(&bench, "detection.new", json_pack("{s:i}", "n", 2));
    journal_add(&bench, "x", json_object());
    journal_settle(&bench);
    assert_int_equal(listener.count, 2);
    assert_int_equal(listener.heard[0], 2);
    assert_int_equal(listener.heard[1], 3);
    assert_true(span_is(listener.kept->type, "detection.new"));
    assert_true(span_is(listener.kept->data, "{\"n\":2}"));
    post(&listener, end);
    journal_add(&bench, "x", json_object());
    journal_settle(&bench);
    assert_int_equal(listener.count, 2);
}

/* What is committed but not yet told when it begins to follow is in the past. */
static void begin_late(void *arg)
{
    struct listener *listener = arg;

    journal_add(listener->bench, "x", json_object()); /* blocks the loop: a test may */
    begin(listener);
}

static void hears_nothing_twice_that_it_can_read(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct listener listener = {.bench = &bench};

    journal_bench_open(&bench, STORE_SYNC_OFF, 1000);
    post(&listener, begin_late);
    journal_add(&bench, "x", json_object());
    journal_settle(&bench);
    assert_int_equal(listener.count, 1);
    assert_int_equal(listener.heard[0], 2);
    post(&listener, end);
}

static void may_end_and_begin_while_being_told(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct listener first = {.bench = &bench}, second = {.bench = &bench};
    struct listener third = {.bench = &bench}, late = {.bench = &bench};

    journal_bench_open(&bench, STORE_SYNC_OFF, 1000);
    post(&first, begin);
    post(&second, begin);
    post(&third, begin);
    first.ends = &second; /* who would be next */
    first.begins = &late;
    third.ends = &third;
    journal_add(&bench, "x", json_object());
    journal_settle(&bench);
    journal_add(&bench, "x", json_object());
    journal_settle(&bench);
    assert_int_equal(first.count, 2);
    assert_int_equal(second.count, 0);
    assert_int_equal(third.count, 1);
    assert_int_equal(late.count, 1);
    assert_int_equal(late.heard[0], 2);
    post(&first, end);
    post(&third, end);
    post(&late, end);
}

static void *append_many(void *arg)
{
    for (int i = 0; i < APPENDS_EACH; i++)
        journal_add(arg, "x", json_object());
    return NULL;
}

static void hears_all_of_many_in_order(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct listener listener = {.bench = &bench};
    pthread_t threads[THREADS];

    journal_bench_open(&bench, STORE_SYNC_NORMAL, 100);
    post(&listener, begin);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, append_many, &bench), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    journal_settle(&bench);
    assert_int_equal(listener.count, THREADS * APPENDS_EACH);
    for (size_t i = 0; i < listener.count; i++)
        assert_int_equal(listener.heard[i], i + 1);
    post(&listener, end);
}

/* The loop comes to what was posted when the journal is long gone. */
static void may_be_closed_before_the_loop_has_told(void **state)
{
    struct journal_bench bench = {.settings = {.messages_max = 10}};

    database_open(&bench.database, STORE_SYNC_OFF);
    assert_int_equal(loop_new("core", &bench.core), 0);
    journal_start(&bench);
    journal_add(&bench, "x", json_object());
    journal_close(&bench.journal);
    assert_null(bench.journal);
    loop_free(&bench.core);
    database_release(&bench.database);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears_what_comes_after_it_began),
        cmocka_unit_test(hears_nothing_twice_that_it_can_read),
        cmocka_unit_test(may_end_and_begin_while_being_told),
        cmocka_unit_test(hears_all_of_many_in_order),
        cmocka_unit_test(may_be_closed_before_the_loop_has_told),
    };

    return RUN_TESTS(tests);
}

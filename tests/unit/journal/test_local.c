#include "support/journal.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#define DATA json_pack("{s:i}", "n", 1)

static struct journal_position position(struct journal_bench *bench)
{
    struct journal_position position;

    journal_position(bench->journal, &position);
    return position;
}

static void numbers_are_dense_from_one(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};

    journal_bench_open(&bench, STORE_SYNC_FULL, 1000);
    assert_int_equal(position(&bench).last, 0);
    assert_int_equal(position(&bench).oldest, 1);
    assert_int_equal(strlen(position(&bench).epoch), 11);
    for (uint64_t i = 1; i <= 5; i++)
        assert_int_equal(journal_add(&bench, "detection.new", DATA), i);
    assert_int_equal(position(&bench).last, 5);
    assert_int_equal(position(&bench).oldest, 1);
}

static void what_was_appended_is_read_again(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct message *messages[4] = {0};
    int64_t before = time_now();

    journal_bench_open(&bench, STORE_SYNC_FULL, 1000);
    journal_add(&bench, "detection.new", json_pack("{s:s, s:i}", "text", "näme \"x\"", "id", 7));
    journal_add(&bench, "event", json_pack("{s:i}", "risk_score", 90));
    journal_add(&bench, "camera_status", json_object());
    assert_int_equal(journal_read(bench.journal, 1, 2, messages), 2);
    assert_int_equal(messages[0]->sequence, 1);
    assert_true(span_is(messages[0]->type, "detection.new"));
    assert_true(span_is(messages[0]->data, "{\"text\":\"näme \\\"x\\\"\",\"id\":7}"));
    assert_true(messages[0]->timestamp >= before && messages[0]->timestamp <= time_now());
    assert_false(messages[0]->requires_ack);
    assert_string_equal(messages[0]->channel, "events");
    assert_string_equal(messages[0]->epoch, position(&bench).epoch);
    assert_true(messages[1]->requires_ack);
    message_unref(&messages[0]);
    message_unref(&messages[1]);

    assert_int_equal(journal_read(bench.journal, 3, 4, messages), 1);
    assert_int_equal(messages[0]->sequence, 3);
    assert_true(span_is(messages[0]->data, "{}"));
    message_unref(&messages[0]);
    assert_null(messages[0]);
    assert_int_equal(journal_read(bench.journal, 4, 4, messages), 0);
}

static void asks_for_acknowledgement_when_it_is_grave(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    const struct {
        const char *type, *data;
        bool requires_ack;
    } cases[] = {
        {"event", "{\"risk_score\":79,\"risk_level\":\"high\"}", false},
        {"event", "{\"risk_score\":80,\"risk_level\":\"high\"}", true},
        {"event", "{\"risk_score\":80.5}", true},
        {"event", "{\"risk_score\":10,\"risk_level\":\"critical\"}", true},
        {"event", "{\"risk_score\":null,\"risk_level\":null}", false},
        {"event", "{\"risk_score\":\"99\",\"risk_level\":1}", false},
        {"event", "{}", false},
        {"detection.new", "{\"risk_score\":99,\"risk_level\":\"critical\"}", false},
    };

    journal_bench_open(&bench, STORE_SYNC_OFF, 1000);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct message *message = NULL;
        uint64_t sequence = journal_add(&bench, cases[i].type, json_loads(cases[i].data, 0, NULL));

        assert_int_equal(journal_read(bench.journal, sequence, 1, &message), 1);
        assert_int_equal(message->requires_ack, cases[i].requires_ack);
        message_unref(&message);
    }
}

/* ---- Numbers of what did not become true ---- */

struct writer {
    struct journal *journal;
    int appends;
    int answer; /* of its work */
    size_t data_size;
    uint64_t sequences[4];
    int result;
    struct latch done;
};

static int append_some(struct store_tx *tx, void *arg)
{
    struct writer *writer = arg;
    AUTO(mem_free) char *text = mem_alloc(writer->data_size + 1);
    AUTO(json_release) json_t *data = NULL;

    memset(text, 'x', writer->data_size);
    data = json_pack("{s:s}", "text", text);
    for (int i = 0; i < writer->appends; i++) {
        int result =
            journal_append(writer->journal, tx, "detection.new", data, &writer->sequences[i]);
        if (result < 0)
            return result;
    }
    if (writer->answer == -EEXIST) /* a statement that the database refuses, after the appends */
        return database_run_sql(tx, (void *)"INSERT INTO cameras (id, name, folder_path, "
                                            "created_at) VALUES ('porch', 'x', 'x', 1)");
    return writer->answer;
}

static void on_done(void *arg, int result)
{
    struct writer *writer = arg;

    writer->result = result;
    latch_open(&writer->done);
}

struct gate {
    struct latch begun, open;
};

static int wait_at_gate(struct store_tx *tx, void *arg)
{
    struct gate *gate = arg;

    latch_open(&gate->begun);
    latch_wait(&gate->open);
    return 0;
}

static void gate_passed(void *arg, int result)
{
}

/* All of them in one commit. */
static void write_together(struct journal_bench *bench, struct writer *writers, size_t count)
{
    struct gate gate;

    latch_init(&gate.begun);
    latch_init(&gate.open);
    store_write_async(bench->database.store, wait_at_gate, &gate, gate_passed);
    latch_wait(&gate.begun);
    for (size_t i = 0; i < count; i++) {
        writers[i].journal = bench->journal;
        latch_init(&writers[i].done);
        store_write_async(bench->database.store, append_some, &writers[i], on_done);
    }
    latch_open(&gate.open);
    for (size_t i = 0; i < count; i++) {
        latch_wait(&writers[i].done);
        latch_release(&writers[i].done);
    }
    latch_release(&gate.begun);
    latch_release(&gate.open);
}

static void assert_dense(struct journal_bench *bench, uint64_t last)
{
    assert_int_equal(position(bench).last, last);
    assert_int_equal(database_int(&bench->database, "SELECT count(*) FROM journal_messages"), last);
    assert_int_equal(database_int(&bench->database, "SELECT max(sequence) FROM journal_messages"),
                     last);
}

static void a_write_that_fails_gives_its_numbers_back(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct writer writers[] = {
        {.appends = 2}, {.appends = 3, .answer = -ECANCELED},
        {.appends = 1}, {.appends = 2, .answer = -EEXIST},
        {.appends = 1},
    };

    journal_bench_open(&bench, STORE_SYNC_NORMAL, 1000);
    database_add_camera(&bench.database);
    write_together(&bench, writers, COUNT_OF(writers));
    assert_int_equal(writers[0].sequences[1], 2);
    assert_int_equal(writers[1].result, -ECANCELED);
    assert_int_equal(writers[2].sequences[0], 3);
    assert_int_equal(writers[3].result, -EEXIST);
    assert_int_equal(writers[4].sequences[0], 4);
    assert_dense(&bench, 4);
    assert_int_equal(journal_add(&bench, "x", DATA), 5);
}

static void set_file_limit(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_failed_commit_gives_all_numbers_back(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct writer writers[] = {
        {.appends = 2, .data_size = 1000},
        {.appends = 3, .data_size = 200000}, /* this is what finds no room */
        {.appends = 1, .data_size = 10},
    };
    int failed = 0;

    signal(SIGXFSZ, SIG_IGN);
    journal_bench_open(&bench, STORE_SYNC_NORMAL, 1000);
    assert_int_equal(journal_add(&bench, "x", DATA), 1);
    set_file_limit(300000);
    write_together(&bench, writers, COUNT_OF(writers));
    set_file_limit(RLIM_INFINITY);
    for (size_t i = 0; i < COUNT_OF(writers); i++)
        failed += writers[i].result == -ENOSPC;
    assert_int_equal(failed, 3);
    assert_dense(&bench, 1);
    assert_int_equal(journal_add(&bench, "x", DATA), 2);
    assert_dense(&bench, 2);
}

static int append_too_much(struct store_tx *tx, void *arg)
{
    struct writer *writer = arg;
    AUTO(mem_free) char *text = mem_alloc(JOURNAL_MESSAGE_MAX + 1);
    AUTO(json_release) json_t *data = NULL;

    memset(text, 'x', JOURNAL_MESSAGE_MAX);
    data = json_pack("{s:s}", "text", text);
    assert_int_equal(journal_append(writer->journal, tx, "x", data, NULL), -EMSGSIZE);
    return append_some(tx, writer);
}

static void what_is_too_large_costs_nothing(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct writer writer = {.appends = 1};

    journal_bench_open(&bench, STORE_SYNC_NORMAL, 1000);
    writer.journal = bench.journal;
    assert_int_equal(store_write(bench.database.store, append_too_much, &writer), 0);
    assert_int_equal(writer.sequences[0], 1);
    assert_dense(&bench, 1);
}

/* ---- The old end ---- */

static void keeps_the_newest(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct message *message = NULL;

    journal_bench_open(&bench, STORE_SYNC_OFF, 100);
    for (uint64_t i = 1; i <= 1000; i++) {
        struct journal_position at;

        assert_int_equal(journal_add(&bench, "x", DATA), i);
        journal_position(bench.journal, &at);
        assert_int_equal(at.last, i);
        assert_true(at.last - at.oldest + 1 <= 100 + JOURNAL_PRUNE_BITE);
        assert_true(i < 100 || at.last - at.oldest + 1 >= 100);
    }
    assert_int_equal(database_int(&bench.database, "SELECT min(sequence) FROM journal_messages"),
                     position(&bench).oldest);
    assert_int_equal(journal_read(bench.journal, 1, 1, &message), 1);
    assert_int_equal(message->sequence, position(&bench).oldest);
    message_unref(&message);
}

static void a_lower_limit_is_reached_in_bites(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};

    journal_bench_open(&bench, STORE_SYNC_OFF, 1000);
    for (int i = 1; i <= 640; i++)
        journal_add(&bench, "x", DATA);
    bench.settings.messages_max = 100;
    journal_restart(&bench, NULL);
    assert_int_equal(position(&bench).oldest, 1);
    for (int i = 641; i <= 640 + JOURNAL_PRUNE_BITE; i++)
        journal_add(&bench, "x", DATA);
    assert_int_equal(position(&bench).oldest, 1 + 2 * JOURNAL_PRUNE_BITE);
    for (int i = 0; i < 12 * JOURNAL_PRUNE_BITE; i++)
        journal_add(&bench, "x", DATA);
    assert_true(position(&bench).last - position(&bench).oldest < 100 + JOURNAL_PRUNE_BITE);
}

static void an_undone_write_takes_nothing_off_the_old_end(void **state)
{
    AUTO(journal_bench_release) struct journal_bench bench = {0};
    struct writer writer = {.appends = 4, .answer = -ECANCELED};
    uint64_t oldest;

    journal_bench_open(&bench, STORE_SYNC_OFF, 10);
    for (int i = 1; i < 2 * JOURNAL_PRUNE_BITE; i++) /* the next one takes a bite */
        journal_add(&bench, "x", DATA);
    oldest = position(&bench).oldest;
    write_together(&bench, &writer, 1);
    assert_int_equal(writer.sequences[0], 2 * JOURNAL_PRUNE_BITE);
    assert_int_equal(position(&bench).oldest, oldest);
    assert_int_equal(database_int(&bench.database, "SELECT min(sequence) FROM journal_messages"),
                     oldest);
    assert_int_equal(journal_add(&bench, "x", DATA), 2 * JOURNAL_PRUNE_BITE);
    assert_int_equal(position(&bench).oldest, 2 * JOURNAL_PRUNE_BITE - 9);
    assert_int_equal(database_int(&bench.database, "SELECT min(sequence) FROM journal_messages"),
                     2 * JOURNAL_PRUNE_BITE - 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_dense_from_one),
        cmocka_unit_test(what_was_appended_is_read_again),
        cmocka_unit_test(asks_for_acknowledgement_when_it_is_grave),
        cmocka_unit_test(a_write_that_fails_gives_its_numbers_back),
        cmocka_unit_test(a_failed_commit_gives_all_numbers_back),
        cmocka_unit_test(what_is_too_large_costs_nothing),
        cmocka_unit_test(keeps_the_newest),
        cmocka_unit_test(a_lower_limit_is_reached_in_bites),
        cmocka_unit_test(an_undone_write_takes_nothing_off_the_old_end),
    };

    return RUN_TESTS(tests);
}

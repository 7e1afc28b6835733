#include "unit.h"

#include "base/mem.h"
#include "loop/latch.h"
#include "store/store_contract.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define READERS 3
#define WRITERS 8
#define WRITES_EACH 100

/* cmocka hands each test one pointer; the contract under test is the same for all of them. */
static const struct store_contract *contract;

struct bench {
    struct store *store;
};

static int run_sql(struct store_tx *tx, void *sql)
{
    AUTO(store_stmt_done) struct store_stmt *stmt = store_prepare_dynamic(tx, sql);

    return store_run(stmt);
}

static int exec(struct store *store, const char *sql)
{
    return store_write(store, run_sql, (void *)sql);
}

struct question {
    const char *sql;
    int64_t answer;
};

static int ask(struct store_tx *tx, void *arg)
{
    struct question *question = arg;
    AUTO(store_stmt_done) struct store_stmt *stmt = store_prepare_dynamic(tx, question->sql);
    int result = store_step(stmt);

    if (result == 1)
        question->answer = store_int(stmt, 0);
    return result < 0 ? result : 0;
}

static int64_t number(struct store *store, const char *sql)
{
    struct question question = {sql, -1};

    assert_int_equal(store_read(store, ask, &question), 0);
    return question.answer;
}

static int set_up(void **state)
{
    AUTO(mem_free) char *items = NULL;
    struct bench *bench = mem_alloc(sizeof(*bench));

    bench->store = contract->open(contract->context, READERS);
    items = mem_printf("CREATE TABLE contract_items (id INTEGER PRIMARY KEY, name TEXT UNIQUE, "
                       "share DOUBLE PRECISION, is_on %s, at %s, big BIGINT CHECK (big <> 13))",
                       contract->bool_type, contract->time_type);
    assert_int_equal(exec(bench->store, "DROP TABLE IF EXISTS contract_parts"), 0);
    assert_int_equal(exec(bench->store, "DROP TABLE IF EXISTS contract_items"), 0);
    assert_int_equal(exec(bench->store, items), 0);
    assert_int_equal(exec(bench->store, "CREATE TABLE contract_parts (id INTEGER PRIMARY KEY, "
                                        "item INTEGER REFERENCES contract_items (id))"),
                     0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    store_close(&bench->store);
    mem_free(&bench);
    return 0;
}

static struct store *store_of(void **state)
{
    return ((struct bench *)*state)->store;
}

/* ---- Statements ---- */

static int insert_values(struct store_tx *tx, void *arg)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "INSERT INTO contract_items (id, name, share, is_on, at, big) "
                          "VALUES ($1, $2, $3, $4, $5, $6)");
    int result;

    store_bind_int(stmt, 1, 1);
    store_bind_text(stmt, 2, "a 'quoted' \"näme\" $1");
    store_bind_double(stmt, 3, -0.125);
    store_bind_bool(stmt, 4, true);
    store_bind_time(stmt, 5, 1763720130123456);
    store_bind_int(stmt, 6, INT64_MIN);
    result = store_run(stmt);
    if (result < 0)
        return result;
    store_bind_int(stmt, 1, 2);
    store_bind_span(stmt, 2, (struct span){"", 0});
    store_bind_null(stmt, 3);
    store_bind_bool(stmt, 4, false);
    store_bind_null(stmt, 5);
    store_bind_int(stmt, 6, INT64_MAX);
    result = store_run(stmt);
    if (result < 0)
        return result;
    store_bind_int(stmt, 1, 3);
    store_bind_text(stmt, 2, NULL);
    return store_run(stmt) < 0 ? -EIO : 0; /* the others keep their values */
}

static int check_values(struct store_tx *tx, void *arg)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT id, name, share, is_on, at, big FROM contract_items ORDER BY id");

    assert_int_equal(store_step(stmt), 1);
    assert_int_equal(store_int(stmt, 0), 1);
    assert_string_equal(store_text(stmt, 1), "a 'quoted' \"näme\" $1");
    assert_true(store_double(stmt, 2) == -0.125);
    assert_true(store_bool(stmt, 3));
    assert_int_equal(store_time(stmt, 4), 1763720130123456);
    assert_true(store_int(stmt, 5) == INT64_MIN);
    assert_false(store_is_null(stmt, 2));

    assert_int_equal(store_step(stmt), 1);
    assert_string_equal(store_text(stmt, 1), "");
    assert_true(store_is_null(stmt, 2) && store_is_null(stmt, 4));
    assert_int_equal(store_time(stmt, 4), 0);
    assert_false(store_bool(stmt, 3));
    assert_true(store_int(stmt, 5) == INT64_MAX);

    assert_int_equal(store_step(stmt), 1);
    assert_null(store_text(stmt, 1));
    assert_true(store_is_null(stmt, 1));
    assert_int_equal(store_step(stmt), 0);
    return 7;
}

static void values_come_back(void **state)
{
    assert_int_equal(store_write(store_of(state), insert_values, NULL), 0);
    assert_int_equal(store_read(store_of(state), check_values, NULL), 7);
}

static int use_parameters(struct store_tx *tx, void *arg)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "SELECT CAST($10 AS INTEGER) * 100 + CAST($2 AS INTEGER) * 10 + CAST($1 AS INTEGER), "
            "CAST($2 AS INTEGER)");

    store_bind_int(stmt, 1, 3);
    store_bind_int(stmt, 2, 4);
    store_bind_int(stmt, 10, 5);
    assert_int_equal(store_step(stmt), 1);
    assert_int_equal(store_int(stmt, 0), 543);
    assert_int_equal(store_int(stmt, 1), 4);
    return 0;
}

static void parameters_go_by_their_number(void **state)
{
    assert_int_equal(store_read(store_of(state), use_parameters, NULL), 0);
    assert_int_equal(store_read(store_of(state), use_parameters, NULL), 0);
}

static struct store_stmt *select_up_to(struct store_tx *tx, int64_t top)
{
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT id FROM contract_items WHERE id <= $1 ORDER BY id");

    store_bind_int(stmt, 1, top);
    return stmt;
}

/* The same literal, walked within a walk of itself. */
static int walk_within_a_walk(struct store_tx *tx, void *arg)
{
    AUTO(store_stmt_done) struct store_stmt *outer = select_up_to(tx, 3);
    int64_t sum = 0;

    while (store_step(outer) == 1) {
        AUTO(store_stmt_done) struct store_stmt *inner = select_up_to(tx, store_int(outer, 0));

        while (store_step(inner) == 1)
            sum += store_int(inner, 0);
    }
    assert_int_equal(sum, 1 + 3 + 6);
    return 0;
}

static void a_statement_may_be_used_within_itself(void **state)
{
    assert_int_equal(store_write(store_of(state), insert_values, NULL), 0);
    assert_int_equal(store_read(store_of(state), walk_within_a_walk, NULL), 0);
}

static int insert_or_not(struct store_tx *tx, void *arg)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "INSERT INTO contract_items (id, name) VALUES ($1, 'once') "
                          "ON CONFLICT (name) DO NOTHING RETURNING id");

    store_bind_int(stmt, 1, 5);
    assert_int_equal(store_step(stmt), 1);
    assert_int_equal(store_int(stmt, 0), 5);
    assert_int_equal(store_step(stmt), 0);
    assert_int_equal(store_changes(tx), 1);
    store_bind_int(stmt, 1, 6);
    assert_int_equal(store_step(stmt), 0);
    assert_int_equal(store_changes(tx), 0);
    assert_int_equal(run_sql(tx, (void *)"UPDATE contract_items SET share = 1"), 0);
    assert_int_equal(store_changes(tx), 1);
    return 0;
}

static void returning_and_conflicts_and_changes(void **state)
{
    assert_int_equal(store_write(store_of(state), insert_or_not, NULL), 0);
    assert_int_equal(number(store_of(state), "SELECT count(*) FROM contract_items"), 1);
}

/* ---- Errors ---- */

static int insert_item(struct store_tx *tx, void *id)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "INSERT INTO contract_items (id, name) VALUES ($1, $2)");
    AUTO(mem_free) char *name = mem_printf("item %ld", (long)(intptr_t)id);

    store_bind_int(stmt, 1, (intptr_t)id);
    store_bind_text(stmt, 2, name);
    return store_run(stmt);
}

static int fail_after_insert(struct store_tx *tx, void *id)
{
    int result = insert_item(tx, id);

    assert_int_equal(result, 0);
    return -ECANCELED;
}

static int insert_and_say_yes(struct store_tx *tx, void *id)
{
    int first = insert_item(tx, (void *)((intptr_t)id + 1));
    int second = insert_item(tx, id);

    assert_int_equal(first, 0);
    assert_int_equal(insert_item(tx, (void *)((intptr_t)id + 2)), second);
    return 0;
}

static void errors_have_names(void **state)
{
    struct store *store = store_of(state);

    assert_int_equal(store_write(store, insert_item, (void *)1), 0);
    assert_int_equal(store_write(store, insert_item, (void *)1), -EEXIST);
    assert_int_equal(exec(store, "INSERT INTO contract_items (id, name) VALUES (2, 'item 1')"),
                     -EEXIST);
    assert_int_equal(exec(store, "INSERT INTO contract_parts (id, item) VALUES (1, 77)"), -ENOENT);
    assert_int_equal(exec(store, "INSERT INTO contract_items (id, big) VALUES (3, 13)"), -EINVAL);
    assert_int_equal(number(store, "SELECT count(*) FROM contract_items"), 1);
    assert_int_equal(store_health(store, NULL), 0);
}

static void what_failed_left_nothing(void **state)
{
    struct store *store = store_of(state);

    assert_int_equal(store_write(store, fail_after_insert, (void *)1), -ECANCELED);
    assert_int_equal(number(store, "SELECT count(*) FROM contract_items"), 0);
}

static void a_failed_statement_costs_the_transaction(void **state)
{
    struct store *store = store_of(state);

    assert_int_equal(store_write(store, insert_item, (void *)1), 0);
    assert_int_equal(store_write(store, insert_and_say_yes, (void *)1), -EEXIST);
    assert_int_equal(number(store, "SELECT count(*) FROM contract_items"), 1);
}

/* ---- Groups ---- */

struct log {
    char text[256];
};

struct member {
    store_work *work;
    intptr_t id;
    struct log *log;
    char name;
    int result;
    struct latch done;
};

static void note(void *arg, bool committed)
{
    struct member *member = arg;
    size_t len = strlen(member->log->text);

    snprintf(member->log->text + len, sizeof(member->log->text) - len, "%c%c ", member->name,
             committed ? '+' : '-');
}

static void note_second(void *arg, bool committed)
{
    struct member *member = arg;
    size_t len = strlen(member->log->text);

    snprintf(member->log->text + len, sizeof(member->log->text) - len, "%c2%c ", member->name,
             committed ? '+' : '-');
}

static int good(struct store_tx *tx, void *arg)
{
    struct member *member = arg;

    store_tx_after(tx, note, member);
    store_tx_after(tx, note_second, member);
    return insert_item(tx, (void *)member->id);
}

static int bad(struct store_tx *tx, void *arg)
{
    int result = good(tx, arg);

    return result < 0 ? result : -ECANCELED;
}

/* It is called after a group of which a member failed: the member must be undone by now. */
static int sees_undone(struct store_tx *tx, void *arg)
{
    struct member *member = arg;

    assert_non_null(strstr(member->log->text, "b2- b- "));
    assert_null(strstr(member->log->text, "a+"));
    return good(tx, arg);
}

static void on_done(void *arg, int result)
{
    struct member *member = arg;

    member->result = result;
    latch_open(&member->done);
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

static void one_that_fails_leaves_the_others(void **state)
{
    struct store *store = store_of(state);
    struct log log = {0};
    struct member members[] = {
        {.work = good, .id = 1, .name = 'a'},
        {.work = bad, .id = 2, .name = 'b'},
        {.work = sees_undone, .id = 3, .name = 'c'},
        {.work = good, .id = 3, .name = 'd'}, /* as c: refused by the database */
    };
    struct gate gate;

    latch_init(&gate.begun);
    latch_init(&gate.open);
    store_write_async(store, wait_at_gate, &gate, gate_passed);
    latch_wait(&gate.begun); /* what comes now waits together */
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        members[i].log = &log;
        latch_init(&members[i].done);
        store_write_async(store, members[i].work, &members[i], on_done);
    }
    latch_open(&gate.open);
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        latch_wait(&members[i].done);
        latch_release(&members[i].done);
    }
    assert_int_equal(members[0].result, 0);
    assert_int_equal(members[1].result, -ECANCELED);
    assert_int_equal(members[2].result, 0);
    assert_int_equal(members[3].result, -EEXIST);
    assert_string_equal(log.text, "b2- b- d2- d- a+ a2+ c+ c2+ ");
    assert_int_equal(number(store, "SELECT sum(id) FROM contract_items"), 1 + 3);
    latch_release(&gate.begun);
    latch_release(&gate.open);
}

static void hooks_run_before_the_write_returns(void **state)
{
    struct log log = {0};
    struct member member = {.id = 1, .log = &log, .name = 'a'};

    assert_int_equal(store_write(store_of(state), good, &member), 0);
    assert_string_equal(log.text, "a+ a2+ ");
    assert_int_equal(store_write(store_of(state), bad, &member), -EEXIST);
    assert_string_equal(log.text, "a+ a2+ a2- a- ");
}

static void every_durability_is_served(void **state)
{
    struct store *store = store_of(state);

    assert_int_equal(store_write_sync(store, STORE_SYNC_OFF, insert_item, (void *)1), 0);
    assert_int_equal(store_write_sync(store, STORE_SYNC_FULL, insert_item, (void *)2), 0);
    assert_int_equal(store_write_sync(store, STORE_SYNC_NORMAL, insert_item, (void *)3), 0);
    assert_int_equal(number(store, "SELECT count(*) FROM contract_items"), 3);
}

struct writer {
    struct store *store;
    intptr_t first;
    int failures;
    pthread_t thread;
};

static void *write_many(void *arg)
{
    struct writer *writer = arg;

    for (intptr_t i = 0; i < WRITES_EACH; i++)
        writer->failures +=
            store_write(writer->store, insert_item, (void *)(writer->first + i)) != 0;
    return NULL;
}

static void many_writers_and_readers(void **state)
{
    struct store *store = store_of(state);
    struct writer writers[WRITERS];

    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.store = store, .first = 1 + i * WRITES_EACH};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_many, &writers[i]), 0);
    }
    for (int64_t before = 0, now = 0; now < WRITERS * WRITES_EACH; before = now) {
        now = number(store, "SELECT count(*) FROM contract_items");
        assert_true(now >= before);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_int_equal(writers[i].failures, 0);
    }
}

/* ---- Readers ---- */

static int count_twice(struct store_tx *tx, void *store)
{
    struct question before = {"SELECT count(*) FROM contract_items", -1};
    struct question after = before;

    assert_int_equal(ask(tx, &before), 0);
    assert_int_equal(store_write(store, insert_item, (void *)1), 0);
    assert_int_equal(ask(tx, &after), 0);
    assert_int_equal(before.answer, 0);
    assert_int_equal(after.answer, 0);
    return 0;
}

static void a_reader_sees_one_moment_and_does_not_hold_the_writer(void **state)
{
    struct store *store = store_of(state);

    assert_int_equal(store_read(store, count_twice, store), 0);
    assert_int_equal(number(store, "SELECT count(*) FROM contract_items"), 1);
}

struct crowd {
    struct store *store;
    pthread_barrier_t inside;
    atomic_int entered;
};

static int meet(struct store_tx *tx, void *arg)
{
    struct crowd *crowd = arg;

    atomic_fetch_add(&crowd->entered, 1);
    pthread_barrier_wait(&crowd->inside);
    return 0;
}

static void *read_once(void *arg)
{
    struct crowd *crowd = arg;
    int result = store_read(crowd->store, meet, crowd);

    return (void *)(intptr_t)result;
}

/* Twice as many as there are connections: they meet in two rounds. */
static void readers_wait_for_a_free_connection(void **state)
{
    struct crowd crowd = {.store = store_of(state)};
    pthread_t threads[READERS * 2];
    void *result;

    pthread_barrier_init(&crowd.inside, NULL, READERS);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_once, &crowd), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], &result);
        assert_null(result);
    }
    assert_int_equal(atomic_load(&crowd.entered), READERS * 2);
    pthread_barrier_destroy(&crowd.inside);
}

static int write_in_a_read(struct store_tx *tx, void *arg)
{
    return run_sql(tx, (void *)"INSERT INTO contract_items (id) VALUES (1)");
}

static void a_reader_cannot_write(void **state)
{
    assert_true(store_read(store_of(state), write_in_a_read, NULL) < 0);
    assert_int_equal(number(store_of(state), "SELECT count(*) FROM contract_items"), 0);
}

/* ---- The end ---- */

static void what_was_written_is_there_after_opening_again(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(store_write(bench->store, insert_item, (void *)9), 0);
    store_close(&bench->store);
    bench->store = contract->open(contract->context, 1);
    assert_int_equal(number(bench->store, "SELECT id FROM contract_items"), 9);
}

static void closing_waits_for_what_was_asked(void **state)
{
    struct bench *bench = *state;
    struct log log = {0};
    struct member members[20];

    for (size_t i = 0; i < COUNT_OF(members); i++) {
        members[i] = (struct member){.id = (intptr_t)i + 1, .log = &log, .name = 'x', .result = 1};
        latch_init(&members[i].done);
        store_write_async(bench->store, good, &members[i], on_done);
    }
    store_close(&bench->store);
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        assert_int_equal(members[i].result, 0);
        latch_release(&members[i].done);
    }
    bench->store = contract->open(contract->context, 1);
    assert_int_equal(number(bench->store, "SELECT count(*) FROM contract_items"), 20);
}

#define CONTRACT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int store_contract_run(const struct store_contract *of_driver)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_TEST(values_come_back),
        CONTRACT_TEST(parameters_go_by_their_number),
        CONTRACT_TEST(a_statement_may_be_used_within_itself),
        CONTRACT_TEST(returning_and_conflicts_and_changes),
        CONTRACT_TEST(errors_have_names),
        CONTRACT_TEST(what_failed_left_nothing),
        CONTRACT_TEST(a_failed_statement_costs_the_transaction),
        CONTRACT_TEST(one_that_fails_leaves_the_others),
        CONTRACT_TEST(hooks_run_before_the_write_returns),
        CONTRACT_TEST(every_durability_is_served),
        CONTRACT_TEST(many_writers_and_readers),
        CONTRACT_TEST(a_reader_sees_one_moment_and_does_not_hold_the_writer),
        CONTRACT_TEST(readers_wait_for_a_free_connection),
        CONTRACT_TEST(a_reader_cannot_write),
        CONTRACT_TEST(what_was_written_is_there_after_opening_again),
        CONTRACT_TEST(closing_waits_for_what_was_asked),
    };

    contract = of_driver;
    return cmocka_run_group_tests_name("store_contract", tests, NULL, NULL);
}

/* kill -9 at any moment: what was acknowledged is there, numbers are dense, nothing is there twice.
 *
 * The child is this program again. It works with rows, messages and jobs and says on a pipe what
 * was acknowledged, after it was; the parent kills it, opens what it left, and compares. */
#include "support/journal.h"
#include "support/queue.h"

#include "store/intake.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define ROUNDS 6
#define WRITERS 3
#define RECORDS_MIN 40 /* acknowledged before the kill may come */

/* One line on the pipe: what was acknowledged. Written in one piece, so never torn. */
struct record {
    int64_t number;    /* of the row: the path says it */
    uint64_t sequence; /* 0: a job was finished */
    char epoch[IDS_EPOCH_SIZE];
};

struct child {
    struct journal_bench journal;
    struct queue_bench queue;
    int pipe;
};

struct unit {
    struct child *child;
    int64_t number;
    uint64_t sequence;
    const struct queue_job *job;
};

/* A row, a message about it, and a job to look at it again: one transaction. */
static int write_unit(struct store_tx *tx, void *arg)
{
    struct unit *unit = arg;
    AUTO(json_release) json_t *data = json_pack("{s:I}", "number", (json_int_t)unit->number);
    AUTO(mem_free) char *body = mem_printf("%lld", (long long)unit->number);
    AUTO(intake_release) struct intake intake = {.file_path = mem_strdup(body)};
    int64_t id = 0;
    int result = intake_insert(tx, &intake, &id);

    if (result >= 0)
        result = journal_append(unit->child->journal.journal, tx, "unit", data, &unit->sequence);
    if (result >= 0)
        result = queue_push(unit->child->queue.queue, tx, body);
    if (result >= 0 && unit->number % 5 == 0)
        return -ECANCELED; /* some are taken back after they appended */
    return result;
}

/* The result of a job: its row is marked, its message appended, itself gone. */
static int finish_unit(struct store_tx *tx, void *arg)
{
    struct unit *unit = arg;
    AUTO(json_release) json_t *data = json_pack("{s:I}", "done", (json_int_t)unit->number);
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "UPDATE intake SET size = size + 1 WHERE file_path = $1");
    int result;

    store_bind_text(stmt, 1, unit->job->body);
    result = store_run(stmt);
    if (result >= 0)
        result = journal_append(unit->child->journal.journal, tx, "done", data, NULL);
    return result < 0 ? result : queue_finish(unit->child->queue.queue, tx, unit->job);
}

static void report(struct child *child, const struct unit *unit)
{
    struct journal_position position;
    struct record record = {.number = unit->number, .sequence = unit->sequence};

    journal_position(child->journal.journal, &position);
    memcpy(record.epoch, position.epoch, sizeof(record.epoch));
    if (write(child->pipe, &record, sizeof(record)) != sizeof(record))
        abort();
}

static atomic_llong next_number;

static void *keep_writing(void *arg)
{
    struct child *child = arg;

    for (;;) {
        struct unit unit = {.child = child, .number = atomic_fetch_add(&next_number, 1)};
        int result = store_write(child->journal.database.store, write_unit, &unit);

        if (result == 0)
            report(child, &unit);
        else if (result != -ECANCELED)
            abort();
    }
    return NULL;
}

static void *keep_working(void *arg)
{
    struct child *child = arg;

    for (;;) {
        AUTO(queue_job_release) struct queue_job job = {0};
        struct unit unit = {.child = child, .job = &job};

        if (queue_take(child->queue.queue, 10 * TIME_SECOND, &job) != 1)
            abort();
        unit.number = strtoll(job.body, NULL, 10);
        if (store_write(child->journal.database.store, finish_unit, &unit) < 0)
            abort();
        report(child, &unit);
    }
    return NULL;
}

static void open_all(struct child *child, const char *path, enum store_sync sync)
{
    child->journal.settings.messages_max = 1000000;
    child->journal.database.settings =
        (struct store_settings){.path = path, .sync = sync, .readers = 1};
    database_start(&child->journal.database);
    assert_int_equal(loop_new("core", &child->journal.core), 0);
    journal_start(&child->journal);
    child->queue.settings = (struct queue_settings){
        .name = "test", .waiting_max = 100000, .lease_us = 300 * TIME_SECOND};
    child->queue.database.store = child->journal.database.store; /* borrowed */
    queue_start(&child->queue);
}

static void close_all(struct child *child)
{
    queue_close(&child->queue.queue);
    journal_close(&child->journal.journal);
    loop_free(&child->journal.core);
    store_close(&child->journal.database.store);
}

static int run_child(char **argv)
{
    static struct child child;
    pthread_t threads[WRITERS + 1];

    child.pipe = (int)strtol(argv[3], NULL, 10);
    atomic_store(&next_number, strtoll(argv[4], NULL, 10));
    open_all(&child, argv[2], (enum store_sync)strtol(argv[5], NULL, 10));
    if (loop_start(child.journal.core) < 0)
        abort();
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        if (pthread_create(&threads[i], NULL, i < WRITERS ? keep_writing : keep_working, &child))
            abort();
    pause();
    return 1;
}

/* ---- The parent ---- */

struct seen {
    struct record *records;
    size_t count, room;
    int64_t next_number;
};

static pid_t start_child(const char *path, enum store_sync sync, int64_t first, int *ret_pipe)
{
    char fd[16], number[32], level[16];
    int ends[2];
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    snprintf(fd, sizeof(fd), "%d", ends[1]);
    snprintf(number, sizeof(number), "%lld", (long long)first);
    snprintf(level, sizeof(level), "%d", sync);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execl("/proc/self/exe", "test_crash", "--child", path, fd, number, level, NULL);
        _exit(127);
    }
    close(ends[1]);
    *ret_pipe = ends[0];
    return pid;
}

static bool read_record(int pipe, struct seen *seen)
{
    struct record record;
    ssize_t len = read(pipe, &record, sizeof(record));

    if (len == 0)
        return false;
    assert_int_equal(len, sizeof(record));
    if (seen->count == seen->room) {
        seen->room = seen->room ? seen->room * 2 : 1024;
        seen->records = mem_resize(seen->records, seen->room * sizeof(record));
    }
    seen->records[seen->count++] = record;
    if (record.number >= seen->next_number)
        seen->next_number = record.number + 1;
    return true;
}

/* Lets it work, kills it, and hears everything it still said. */
static void work_and_kill(const char *path, enum store_sync sync, struct seen *seen,
                          unsigned *random)
{
    int pipe, status;
    size_t before = seen->count;
    pid_t pid = start_child(path, sync, seen->next_number, &pipe);

    *random = *random * 1664525u + 1013904223u;
    while (seen->count < before + RECORDS_MIN + (*random >> 16) % 200)
        assert_true(read_record(pipe, seen));
    usleep(*random % 5000); /* anywhere within a commit */
    assert_int_equal(kill(pid, SIGKILL), 0);
    while (read_record(pipe, seen))
        ;
    close(pipe);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static int64_t count_of(struct database *database, const char *format, int64_t number)
{
    AUTO(mem_free) char *sql = mem_printf(format, (long long)number);

    return database_int(database, sql);
}

/* Every acknowledged record against what the database holds. */
static void check(const char *path, enum store_sync sync, struct seen *seen)
{
    struct child found = {0};
    struct database *database = &found.journal.database;
    struct journal_position position;

    open_all(&found, path, sync);
    journal_position(found.journal.journal, &position);
    for (size_t i = 0; i < seen->count; i++) {
        const struct record *record = &seen->records[i];

        assert_string_equal(record->epoch, position.epoch);
        if (record->sequence) { /* the row, and its message at the number that was told */
            assert_int_equal(count_of(database,
                                      "SELECT count(*) FROM intake WHERE file_path = "
                                      "'%lld'",
                                      record->number),
                             1);
            assert_int_equal(count_of(database,
                                      "SELECT json_extract(data, '$.number') FROM journal_messages "
                                      "WHERE sequence = %lld AND type = 'unit'",
                                      (int64_t)record->sequence),
                             record->number);
        } else { /* done once, and not waiting any more */
            assert_int_equal(count_of(database, "SELECT size FROM intake WHERE file_path = '%lld'",
                                      record->number),
                             1);
            assert_int_equal(
                count_of(database, "SELECT count(*) FROM jobs WHERE body = '%lld'", record->number),
                0);
        }
    }
    /* Dense; every row has its message and every message its row; done or waiting, never both. */
    assert_int_equal(database_int(database, "SELECT count(*) FROM journal_messages"),
                     position.last);
    assert_int_equal(database_int(database, "SELECT max(sequence) FROM journal_messages"),
                     position.last);
    assert_int_equal(database_int(database, "SELECT count(*) FROM intake"),
                     database_int(database, "SELECT count(DISTINCT json_extract(data, "
                                            "'$.number')) FROM journal_messages WHERE type = "
                                            "'unit'"));
    assert_int_equal(database_int(database, "SELECT count(*) FROM journal_messages WHERE type = "
                                            "'done'"),
                     database_int(database, "SELECT count(*) FROM intake WHERE size = 1"));
    assert_int_equal(database_int(database, "SELECT count(*) FROM intake WHERE size > 1"), 0);
    assert_int_equal(database_int(database, "SELECT count(*) FROM intake WHERE size = 0"),
                     database_int(database, "SELECT count(*) FROM jobs") +
                         database_int(database, "SELECT count(*) FROM dead_letters"));
    seen->next_number = database_int(database, "SELECT max(CAST(file_path AS INTEGER)) + 1 "
                                               "FROM intake");
    close_all(&found);
}

static void survive(enum store_sync sync)
{
    AUTO(scratch_free) char *folder = scratch_new();
    AUTO(mem_free) char *path = mem_printf("%s/vigil.db", folder);
    struct seen seen = {.next_number = 1};
    unsigned random = (unsigned)time_now();

    fprintf(stderr, "kill times from %u\n", random);
    for (int round = 0; round < ROUNDS; round++) {
        work_and_kill(path, sync, &seen, &random);
        check(path, sync, &seen);
    }
    mem_free(&seen.records);
}

static void nothing_acknowledged_is_lost_at_full(void **state)
{
    survive(STORE_SYNC_FULL);
}

static void nothing_acknowledged_is_lost_at_normal(void **state)
{
    survive(STORE_SYNC_NORMAL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_acknowledged_is_lost_at_full),
        cmocka_unit_test(nothing_acknowledged_is_lost_at_normal),
    };

    if (argc == 6 && !strcmp(argv[1], "--child"))
        return run_child(argv);
    return RUN_TESTS(tests);
}

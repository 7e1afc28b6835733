/* All stages together, from files to events; and what is left when the process is killed. */
#include "support/detector.h"
#include "support/pipeline.h"

#include "pipeline/pipeline.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

struct whole_bench {
    struct stage_bench stage;
    struct fake_detector detector;
    struct pipeline *pipeline;
};

static void bench_open(struct whole_bench *bench)
{
    stage_bench_open(&bench->stage);
    fake_init(&bench->detector, "motion", 0.8);
    bench->stage.stage.settings.batch_idle_us = 300 * TIME_MS;
    bench->stage.stage.settings.batch_window_us = 2 * TIME_SECOND;
}

static void start(struct whole_bench *bench)
{
    AUTO(buf_release) struct buf why = BUF_INIT;

    bench->stage.stage.parts.detector = &bench->detector.base;
    if (pipeline_start(&bench->stage.stage.settings, &bench->stage.stage.parts, &bench->pipeline,
                       &why) < 0)
        fail_msg("%s", buf_text(&why));
}

static void bench_release(struct whole_bench *bench)
{
    pipeline_stop(&bench->pipeline);
    stage_bench_release(&bench->stage);
}

static struct pipeline_stats stats_of(const struct whole_bench *bench)
{
    struct pipeline_stats stats;

    pipeline_stats(bench->pipeline, &stats);
    return stats;
}

/* ---- From files to events ---- */

static void assert_order(struct stage_bench *stage, const char *before, const char *after)
{
    AUTO(mem_free)
    char *sql = mem_printf("SELECT (SELECT min(sequence) FROM journal_messages WHERE type = '%s') "
                           "< (SELECT min(sequence) FROM journal_messages WHERE type = '%s')",
                           before, after);

    assert_int_equal(bench_int(stage, sql), 1);
}

static void a_file_becomes_an_event(void **state)
{
    AUTO(bench_release) struct whole_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_mkdir(stage, "Front Door");
    start(&bench);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM cameras"), 1);
    bench_drop_picture(stage, "Front Door/a.jpg", 1);
    bench_drop_picture(stage, "Front Door/b.jpg", 2);
    bench_await(stage, "SELECT count(*) FROM events", 1);

    assert_order(stage, "camera_status", "detection.new");
    assert_order(stage, "detection.new", "detection.batch");
    assert_order(stage, "detection.batch", "event");
    AUTO(json_release) json_t *event = bench_message(stage, "event", 0);
    assert_string_equal(json_member_text(event, "camera_name"), "Front Door");
    assert_int_equal(json_member_int(event, "detection_count", 0), 2);
    AUTO(mem_free)
    char *thumbnail = mem_printf("%s/thumbnails/%lld_thumb.jpg", stage->stage.settings.data_dir,
                                 (long long)bench_int(stage, "SELECT id FROM detections WHERE "
                                                             "thumbnail_path IS NOT NULL"));
    assert_int_equal(access(thumbnail, R_OK), 0);

    AWAIT(stats_of(&bench).events == 1);
    struct pipeline_stats stats = stats_of(&bench);
    assert_true(stats.watcher_running && stats.detection_worker_running &&
                stats.analysis_worker_running);
    assert_string_equal(stats.watcher_kind, "native");
    assert_string_equal(stats.last_error, "");
    assert_int_equal(stats.files_seen, 2);
    assert_int_equal(stats.outcomes[INTAKE_DETECTED], 2);
    assert_int_equal(stats.detections, 2);
    assert_int_equal(stats.batches_closed, 1);
}

/* Generous: a loaded machine under a sanitizer. The real numbers come from bench/ingest. */
static void the_event_follows_its_batch_at_once(void **state)
{
    AUTO(bench_release) struct whole_bench bench = {0};

    bench_open(&bench);
    start(&bench);
    bench_mkdir(&bench.stage, "cam");
    bench_drop_picture(&bench.stage, "cam/a.jpg", 1);
    bench_await(&bench.stage, "SELECT count(*) FROM events", 1);
    int64_t took =
        bench_int(&bench.stage, "SELECT (SELECT created_at FROM journal_messages WHERE type = "
                                "'event') - (SELECT created_at FROM journal_messages WHERE type = "
                                "'detection.batch')");
    assert_in_range(took, 0, 3 * TIME_SECOND);
}

static void a_sure_person_becomes_an_event_at_once(void **state)
{
    AUTO(bench_release) struct whole_bench bench = {0};

    bench_open(&bench);
    fake_init(&bench.detector, "person", 0.95);
    bench.stage.stage.settings.batch_idle_us = 3600 * TIME_SECOND;
    bench.stage.stage.settings.batch_window_us = 3600 * TIME_SECOND;
    start(&bench);
    bench_mkdir(&bench.stage, "cam");
    bench_drop_picture(&bench.stage, "cam/a.jpg", 1);
    bench_await(&bench.stage, "SELECT count(*) FROM events WHERE is_fast_path = 1", 1);
}

static void many_cameras_lose_nothing(void **state)
{
    enum { CAMERAS = 8, PICTURES = 25 };
    AUTO(bench_release) struct whole_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    start(&bench);
    for (uint32_t i = 0; i < CAMERAS * PICTURES; i++) {
        AUTO(mem_free) char *folder = mem_printf("cam%u", i % CAMERAS);
        AUTO(mem_free) char *name = mem_printf("cam%u/%u.jpg", i % CAMERAS, i);
        bench_mkdir(stage, folder);
        if (i % 10 == 9)
            bench_write(stage, name, SPAN_LITERAL("this is no picture"));
        else
            bench_drop_picture(stage, name, i);
    }
    bench_await_count(stage, "detected", CAMERAS * PICTURES * 9 / 10);
    bench_await_count(stage, "refused", CAMERAS * PICTURES / 10);
    bench_await(stage, "SELECT count(*) FROM batches", 0);
    bench_await(stage, "SELECT count(*) FROM jobs", 0);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM event_detections"),
                     CAMERAS * PICTURES * 9 / 10);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM dead_letters"), 0);
    assert_false(atomic_load(&bench.detector.was_concurrent));
}

static void stops_in_the_middle_and_goes_on(void **state)
{
    enum { PICTURES = 60 };
    AUTO(bench_release) struct whole_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench.detector.pause_us = 3 * TIME_MS;
    for (int round = 0; round < 4; round++) {
        start(&bench);
        bench_mkdir(stage, "cam");
        for (uint32_t i = 0; i < PICTURES / 4; i++) {
            AUTO(mem_free) char *name = mem_printf("cam/%d-%u.jpg", round, i);
            bench_drop_picture(stage, name, (uint32_t)round * 100 + i);
        }
        pipeline_stop(&bench.pipeline);
        bench_restart(stage, NULL);
    }
    start(&bench);
    bench_await_count(stage, "detected", PICTURES);
    bench_await(stage, "SELECT count(*) FROM event_detections", PICTURES);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM detections"), PICTURES);
    assert_int_equal(atomic_load(&bench.detector.saves), 0);
}

/* ---- A full disk ---- */

#define FULL_AT 65536 /* less than the database's log has already, more than a picture has */

static void set_file_limit(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_makes_wait_and_loses_nothing(void **state)
{
    enum { ROUNDS = 4, PICTURES = 15 };
    AUTO(bench_release) struct whole_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench.detector.pause_us = 2 * TIME_MS;
    start(&bench);
    bench_mkdir(stage, "cam");
    bench_drop_picture(stage, "cam/first.jpg", 5000);
    bench_await_count(stage, "detected", 1);
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < PICTURES; i++) {
            AUTO(mem_free) char *name = mem_printf("cam/%d-%u.jpg", round, i);
            bench_drop_picture(stage, name, (uint32_t)round * 100 + i);
            /* At another place each time: before, among and behind the files of this round. */
            if ((int)i == round * 5 % PICTURES)
                set_file_limit(FULL_AT);
        }
        AWAIT(stats_of(&bench).last_error[0]);
        nanosleep(&(struct timespec){.tv_nsec = 400000000}, NULL); /* batches fall due meanwhile */
        set_file_limit(RLIM_INFINITY);
        AWAIT(!stats_of(&bench).last_error[0]);
    }
    int64_t all = ROUNDS * PICTURES + 1;
    bench_await_count(stage, "detected", all);
    bench_await(stage, "SELECT count(*) FROM event_detections", all);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM intake"), all);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM detections"), all);
    assert_int_equal(bench_messages(stage, "detection.new"), all);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM dead_letters"), 0);
}

static void says_why_it_does_not_start(void **state)
{
    AUTO(bench_release) struct whole_bench bench = {0};
    AUTO(buf_release) struct buf why = BUF_INIT;

    bench_open(&bench);
    bench.stage.stage.settings.camera_root = "/proc/none/here";
    bench.stage.stage.parts.detector = &bench.detector.base;
    assert_true(pipeline_start(&bench.stage.stage.settings, &bench.stage.stage.parts,
                               &bench.pipeline, &why) < 0);
    assert_non_null(strstr(buf_text(&why), "/proc/none/here"));
    assert_null(bench.pipeline);
}

/* ---- Killed at any moment ---- */

static void close_data(struct stage_bench *stage)
{
    bench_close_queues(stage);
    journal_close(&stage->journal.journal);
    store_close(&stage->journal.database.store);
}

static void open_data(struct stage_bench *stage)
{
    database_start(&stage->journal.database);
    journal_start(&stage->journal);
    bench_open_queues(stage, 10000);
}

/* What runs in the other process until it is killed. */
static void run_until_killed(const char *folder, const char *root)
{
    struct whole_bench bench = {0};

    setenv("TMPDIR", folder, 1);
    bench_open(&bench);
    close_data(&bench.stage); /* its own stays empty */
    AUTO(mem_free) char *path = mem_printf("%s/vigil.db", folder);
    bench.stage.journal.database.settings.path = path;
    bench.stage.root = (char *)root;
    bench.stage.stage.settings.camera_root = root;
    bench.stage.stage.settings.data_dir = folder;
    open_data(&bench.stage);
    start(&bench);
    for (;;)
        pause();
}

static pid_t start_process(const char *self, const char *folder, const char *root)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        execl(self, self, "run", folder, root, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void kill_process(pid_t pid)
{
    int status = 0;

    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL); /* it lived until then */
}

/* The database of the other process, which has it to itself: looked at, never written. */
static int64_t outside_int(const struct stage_bench *stage, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t number = -1;

    if (sqlite3_open_v2(stage->journal.database.path, &db, SQLITE_OPEN_READONLY, NULL) ==
            SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return number;
}

static void killed_at_any_moment_it_loses_and_doubles_nothing(void **state)
{
    enum { ROUNDS = 10, CAMERAS = 3 };
    AUTO(bench_release) struct whole_bench bench = {0};
    struct stage_bench *stage = &bench.stage;
    uint32_t dropped = 0;

    bench_open(&bench);
    close_data(stage);
    for (uint32_t i = 0; i < CAMERAS; i++) {
        AUTO(mem_free) char *folder = mem_printf("cam%u", i);
        bench_mkdir(stage, folder);
    }
    for (int round = 0; round < ROUNDS; round++) {
        pid_t pid = start_process("/proc/self/exe", stage->journal.database.folder, stage->root);
        int64_t until = time_monotonic() + (150 + round * 97 % 450) * TIME_MS;
        while (time_monotonic() < until) {
            AUTO(mem_free) char *name = mem_printf("cam%u/%u.jpg", dropped % CAMERAS, dropped);
            bench_drop_picture(stage, name, dropped);
            dropped++;
            nanosleep(&(struct timespec){.tv_nsec = 15000000}, NULL);
        }
        /* A job that ended five processes in a row would be set aside: now and then all is done. */
        if (round % 3 == 2)
            AWAIT(outside_int(stage, "SELECT count(*) FROM jobs") == 0 &&
                  outside_int(stage, "SELECT count(*) FROM intake") == dropped);
        kill_process(pid);
    }
    open_data(stage);
    start(&bench);
    bench_await_count(stage, "detected", dropped);
    bench_await(stage, "SELECT count(*) FROM event_detections", dropped);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM intake"), dropped);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM detections"), dropped);
    assert_int_equal(bench_int(stage, "SELECT count(DISTINCT file_path) FROM detections"), dropped);
    assert_int_equal(bench_int(stage, "SELECT count(DISTINCT detection_id) FROM event_detections"),
                     dropped);
    assert_int_equal(bench_messages(stage, "detection.new"), dropped);
    assert_int_equal(bench_messages(stage, "event"),
                     bench_int(stage, "SELECT count(*) FROM events"));
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM dead_letters"), 0);
    assert_int_equal(bench_int(stage, "SELECT max(sequence) - count(*) FROM journal_messages"), 0);
}

static unsigned events_the_kernel_keeps(void)
{
    FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
    unsigned kept = 0;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%u", &kept), 1);
    fclose(file);
    return kept;
}

/* Events that the kernel could not keep for us are made good by a walk. */
static void more_events_than_the_kernel_keeps(void **state)
{
    enum { PICTURES = 20 };
    static const char detected[] = "SELECT count(*) FROM intake WHERE outcome = 'detected'";
    AUTO(bench_release) struct whole_bench bench = {0};
    struct stage_bench *stage = &bench.stage;
    unsigned kept = events_the_kernel_keeps();

    if (kept > 100000)
        skip();
    bench_open(&bench);
    close_data(stage);
    bench_mkdir(stage, "cam");
    pid_t pid = start_process("/proc/self/exe", stage->journal.database.folder, stage->root);
    bench_drop_picture(stage, "cam/first.jpg", 5000);
    AWAIT(outside_int(stage, detected) == 1);

    assert_int_equal(kill(pid, SIGSTOP), 0);
    for (unsigned i = 0; i < kept / 2 + 100; i++) { /* each is created and closed: two events */
        AUTO(mem_free) char *name = mem_printf("cam/.%u", i);
        bench_write(stage, name, SPAN_LITERAL(""));
    }
    for (uint32_t i = 0; i < PICTURES; i++) {
        AUTO(mem_free) char *name = mem_printf("cam/%u.jpg", i);
        bench_drop_picture(stage, name, i);
    }
    assert_int_equal(kill(pid, SIGCONT), 0);
    AWAIT(outside_int(stage, detected) == PICTURES + 1);
    kill_process(pid);
    open_data(stage);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_becomes_an_event),
        cmocka_unit_test(the_event_follows_its_batch_at_once),
        cmocka_unit_test(a_sure_person_becomes_an_event_at_once),
        cmocka_unit_test(many_cameras_lose_nothing),
        cmocka_unit_test(stops_in_the_middle_and_goes_on),
        cmocka_unit_test(says_why_it_does_not_start),
        cmocka_unit_test(a_full_disk_makes_wait_and_loses_nothing),
        cmocka_unit_test(killed_at_any_moment_it_loses_and_doubles_nothing),
        cmocka_unit_test(more_events_than_the_kernel_keeps),
    };

    signal(SIGXFSZ, SIG_IGN);
    if (argc == 4)
        run_until_killed(argv[2], argv[3]);
    return RUN_TESTS(tests);
}

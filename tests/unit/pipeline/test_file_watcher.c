#include "support/pipeline.h"

#include "base/log.h"
#include "pipeline/file_watcher.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

struct watcher_bench {
    struct stage_bench stage;
    struct file_watcher_limits limits;
    struct file_watcher *watcher;
};

static void bench_open(struct watcher_bench *bench)
{
    stage_bench_open(&bench->stage);
    bench->limits = file_watcher_limits_default;
    bench->limits.folder_check_us = 100 * TIME_MS;
}

static int read_last_seen(struct store_tx *tx, void *arg)
{
    return intake_last_seen(tx, arg);
}

static void start(struct watcher_bench *bench)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    int64_t last_seen = 0;

    assert_int_equal(store_read(bench->stage.journal.database.store, read_last_seen, &last_seen),
                     0);
    if (file_watcher_start(&bench->stage.stage, bench->stage.registry, &bench->limits, last_seen,
                           &bench->watcher, &why) < 0)
        fail_msg("%s", buf_text(&why));
}

static void bench_release(struct watcher_bench *bench)
{
    file_watcher_stop(&bench->watcher);
    stage_bench_release(&bench->stage);
}

/* Once a picture of this camera has been entered, what was dropped before it has been seen. */
static void sync_with(struct watcher_bench *bench, const char *camera, uint32_t seed)
{
    AUTO(mem_free) char *name = mem_printf("%s/sync-%u.jpg", camera, seed);
    AUTO(mem_free)
    char *sql = mem_printf("SELECT count(*) FROM intake WHERE file_path LIKE '%%/%s'", name);

    bench_drop_picture(&bench->stage, name, seed);
    bench_await(&bench->stage, sql, 1);
}

static unsigned pending(struct watcher_bench *bench)
{
    return atomic_load(&bench->stage.tally.pending_files);
}

/* ---- What arrives ---- */

static void takes_what_is_closed_moved_or_linked_here(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;
    AUTO(buf_release) struct buf one = BUF_INIT, two = BUF_INIT;

    bench_open(&bench);
    bench_mkdir(stage, "cam");
    start(&bench);
    sync_with(&bench, "cam", 100);
    bench_picture(1, &one);
    bench_write(stage, "cam/written.jpg", buf_span(&one));
    bench_drop_picture(stage, "cam/moved.jpg", 2);
    bench_picture(3, &two);
    bench_write(stage, "cam/.hidden", buf_span(&two));
    AUTO(mem_free) char *hidden = bench_path(stage, "cam/.hidden");
    AUTO(mem_free) char *linked = bench_path(stage, "cam/linked.jpg");
    assert_int_equal(link(hidden, linked), 0);
    bench_await_count(stage, "queued", 4);
    AWAIT(atomic_load(&stage->tally.files_seen) == 4);
    AWAIT(atomic_load(&stage->tally.outcomes[INTAKE_QUEUED]) == 4);
    AWAIT(pending(&bench) == 0);
}

static void finds_folders_that_come_with_their_files(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    start(&bench);
    bench_mkdir(stage, "first");
    sync_with(&bench, "first", 100);
    for (uint32_t i = 0; i < 20; i++) {
        AUTO(mem_free) char *folder = mem_printf("cam%u", i);
        AUTO(mem_free) char *deeper = mem_printf("cam%u/2026/11", i);
        AUTO(mem_free) char *middle = mem_printf("cam%u/2026", i);
        AUTO(mem_free) char *name = mem_printf("cam%u/2026/11/a.jpg", i);
        bench_mkdir(stage, folder);
        bench_mkdir(stage, middle);
        bench_mkdir(stage, deeper);
        bench_drop_picture(stage, name, i);
    }
    bench_await_count(stage, "queued", 21);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM cameras"), 21);
}

static void leaves_alone_what_is_not_its_business(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_mkdir(stage, "cam");
    start(&bench);
    sync_with(&bench, "cam", 100);
    bench_drop_picture(stage, "root.jpg", 1);
    bench_drop_picture(stage, "cam/.hidden.jpg", 2);
    bench_drop_picture(stage, "cam/notes.txt", 3);
    bench_drop_picture(stage, "cam/clip.mp4", 4);
    bench_mkdir(stage, "---");
    bench_drop_picture(stage, "---/a.jpg", 5);
    bench_mkdir(stage, "cam/.thumbs");
    bench_drop_picture(stage, "cam/.thumbs/a.jpg", 6);
    sync_with(&bench, "cam", 101);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM intake"), 2);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM cameras"), 1);
}

static void waits_until_nothing_more_happens_to_a_file(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    stage->stage.settings.debounce_us = 300 * TIME_MS;
    bench_mkdir(stage, "cam");
    start(&bench);
    sync_with(&bench, "cam", 100);
    for (uint32_t i = 0; i < 5; i++) {
        bench_drop_picture(stage, "cam/a.jpg", i);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    bench_await_count(stage, "queued", 2);
    sync_with(&bench, "cam", 101);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM intake WHERE file_path LIKE '%/a.jpg'"),
                     1);
}

static void a_truncated_file_comes_again_when_it_is_complete(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;
    AUTO(buf_release) struct buf picture = BUF_INIT;

    bench_open(&bench);
    bench_mkdir(stage, "cam");
    start(&bench);
    sync_with(&bench, "cam", 100);
    bench_picture(1, &picture);
    bench_write(stage, "cam/a.jpg", (struct span){picture.data, picture.len / 2});
    bench_await_count(stage, "refused", 1);
    bench_write(stage, "cam/a.jpg", buf_span(&picture));
    bench_await_count(stage, "queued", 2);
}

static void bad_files_disturb_nobody(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_mkdir(stage, "cam");
    start(&bench);
    sync_with(&bench, "cam", 100);
    bench_write(stage, "cam/empty.jpg", SPAN_LITERAL(""));
    bench_write(stage, "cam/text.jpg", SPAN_LITERAL("no picture, but a text of some length"));
    AUTO(mem_free) char *pipe_path = bench_path(stage, "cam/pipe.jpg");
    AUTO(mem_free) char *link_path = bench_path(stage, "cam/link.jpg");
    assert_int_equal(mkfifo(pipe_path, 0644), 0);
    assert_int_equal(symlink("/etc/passwd", link_path), 0);
    bench_mkdir(stage, "cam/folder.jpg");
    bench_drop_picture(stage, "cam/folder.jpg/inside.jpg", 7);
    bench_drop_picture(stage, "cam/bad\xff.jpg", 8);
    bench_await_count(stage, "refused", 5);
    bench_await_count(stage, "queued", 2);
    AWAIT(pending(&bench) == 0);
}

/* ---- While nobody watched ---- */

static void finds_what_came_while_it_was_down(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_mkdir(stage, "cam");
    bench_mkdir(stage, "cam/old");
    bench_drop_picture(stage, "cam/old/a.jpg", 1);
    bench_age(stage, "cam/old/a.jpg", -7200);
    bench_drop_picture(stage, "cam/recent.jpg", 2);
    bench_age(stage, "cam/recent.jpg", -600);
    start(&bench);
    bench_await_count(stage, "queued", 1);
    sync_with(&bench, "cam", 100);
    file_watcher_stop(&bench.watcher);

    /* An old picture of another camera was copied here meanwhile, with its time. */
    bench_mkdir(stage, "new");
    bench_drop_picture(stage, "new/a.jpg", 3);
    bench_age(stage, "new/a.jpg", -86400);
    bench_drop_picture(stage, "cam/b.jpg", 4);
    AUTO(mem_free) char *old = bench_path(stage, "cam/old/a.jpg");
    assert_int_equal(unlink(old), 0);
    bench_restart(stage, NULL);
    start(&bench);
    bench_await_count(stage, "queued", 4);
    sync_with(&bench, "cam", 101);
    bench_count(stage, "queued", 5);
}

static void older_ones_come_first(void **state)
{
    enum { FILES = 40 };
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_mkdir(stage, "cam");
    for (int i = 0; i < FILES; i++) {
        AUTO(mem_free) char *name = mem_printf("cam/%d.jpg", i * 7 % FILES);
        bench_drop_picture(stage, name, (uint32_t)i);
        bench_age(stage, name, -1000 + i * 7 % FILES);
    }
    start(&bench);
    bench_await_count(stage, "queued", FILES);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM intake a JOIN intake b ON a.id < b.id "
                                      "WHERE a.modified_at > b.modified_at"),
                     0);
}

/* ---- Limits ---- */

static void more_files_than_may_wait_are_all_found(void **state)
{
    enum { FILES = 900 };
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;
    AUTO(buf_release) struct buf picture = BUF_INIT;

    bench_open(&bench);
    bench.limits.pending_max = 300;
    stage->stage.settings.debounce_us = 200 * TIME_MS;
    bench_mkdir(stage, "cam");
    start(&bench);
    sync_with(&bench, "cam", 5000);
    bench_picture(1, &picture);
    for (uint32_t i = 0; i < FILES; i++) {
        AUTO(mem_free) char *name = mem_printf("cam/%u.jpg", i);
        AUTO(buf_release) struct buf bytes = BUF_INIT;
        buf_add_span(&bytes, buf_span(&picture));
        buf_addf(&bytes, "%u", i);
        bench_drop(stage, name, buf_span(&bytes));
    }
    bench_await_count(stage, "queued", FILES + 1);
    assert_int_equal(bench_int(stage, "SELECT count(DISTINCT file_path) FROM intake"), FILES + 1);
}

static void files_wait_while_the_queue_is_nearly_full(void **state)
{
    enum { FILES = 60 };
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_close_queues(stage);
    bench_open_queues(stage, 20);
    bench_mkdir(stage, "cam");
    start(&bench);
    for (uint32_t i = 0; i < FILES; i++) {
        AUTO(mem_free) char *name = mem_printf("cam/%u.jpg", i);
        bench_drop_picture(stage, name, i);
    }
    /* As slowly as they are taken, they come; none is pushed out. */
    for (int i = 0; i < FILES; i++) {
        AUTO(queue_job_release) struct queue_job job = {0};
        assert_int_equal(queue_take(bench.stage.detections, PATIENCE_US, &job), 1);
    }
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM dead_letters"), 0);
    bench_count(stage, "queued", FILES);
}

static void without_watches_it_polls(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench.limits.watched_max = 3;
    bench_mkdir(stage, "one");
    bench_mkdir(stage, "two");
    bench_drop_picture(stage, "one/a.jpg", 1);
    start(&bench);
    bench_await_count(stage, "queued", 1);
    assert_false(atomic_load(&stage->tally.is_polling));
    bench_mkdir(stage, "three");
    bench_drop_picture(stage, "three/a.jpg", 2);
    bench_await_count(stage, "queued", 2);
    assert_true(atomic_load(&stage->tally.is_polling));
    bench_drop_picture(stage, "three/b.jpg", 3);
    bench_drop_picture(stage, "one/b.jpg", 4);
    bench_await_count(stage, "queued", 4);
}

/* ---- Polling ---- */

static void polling_finds_new_changed_and_moved_files(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    stage->stage.settings.polling = true;
    bench_mkdir(stage, "cam");
    bench_drop_picture(stage, "cam/old.jpg", 1);
    bench_age(stage, "cam/old.jpg", -7200);
    bench_drop_picture(stage, "cam/recent.jpg", 2);
    start(&bench);
    bench_await_count(stage, "queued", 1);
    assert_true(atomic_load(&stage->tally.is_polling));
    bench_drop_picture(stage, "cam/new.jpg", 3);
    bench_await_count(stage, "queued", 2);
    bench_drop_picture(stage, "cam/new.jpg", 4); /* the same name, another picture */
    bench_await_count(stage, "queued", 3);
    bench_drop_picture(stage, "cam/.part2", 5); /* an old picture moved into a known folder */
    bench_age(stage, "cam/.part2", -86400);
    AUTO(mem_free) char *part = bench_path(stage, "cam/.part2");
    AUTO(mem_free) char *moved = bench_path(stage, "cam/moved.jpg");
    assert_int_equal(rename(part, moved), 0);
    bench_await_count(stage, "queued", 4);
    assert_int_equal(
        bench_int(stage, "SELECT count(*) FROM intake WHERE file_path LIKE '%/old.jpg'"), 0);
}

static void polling_waits_for_a_file_to_rest(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;
    AUTO(buf_release) struct buf picture = BUF_INIT;

    bench_open(&bench);
    stage->stage.settings.polling = true;
    stage->stage.settings.stability_us = 400 * TIME_MS;
    bench_mkdir(stage, "cam");
    start(&bench);
    sync_with(&bench, "cam", 100);
    bench_picture(1, &picture);
    AUTO(mem_free) char *path = bench_path(stage, "cam/slow.jpg");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    for (size_t at = 0; at < picture.len; at += picture.len / 6 + 1) {
        size_t left = picture.len - at, step = picture.len / 6 + 1;
        assert_true(write(fd, picture.data + at, left < step ? left : step) > 0);
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    close(fd);
    bench_await_count(stage, "queued", 2);
    bench_count(stage, "refused", 0);
}

/* ---- Folders that come and go ---- */

static void respect_modes(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];

    assert_int_equal(syscall(SYS_capget, &header, data), 0);
    data[0].effective &= ~(1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH);
    assert_int_equal(syscall(SYS_capset, &header, data), 0);
}

static void await_status(struct stage_bench *stage, const char *id, const char *status,
                         const char *reason)
{
    AUTO(mem_free)
    char *sql = mem_printf("SELECT count(*) FROM journal_messages WHERE type = 'camera_status' AND "
                           "data LIKE '%%\"camera_id\":\"%s\"%%\"status\":\"%s\"%%\"reason\":"
                           "\"%s\"%%'",
                           id, status, reason);

    bench_await(stage, sql, 1);
}

static void a_folder_that_vanishes_is_an_error_until_it_returns(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_mkdir(stage, "cam");
    bench_mkdir(stage, "other");
    start(&bench);
    sync_with(&bench, "cam", 100);
    AUTO(mem_free) char *folder = bench_path(stage, "cam");
    AUTO(mem_free) char *away = mem_printf("%s-away", stage->root);
    assert_int_equal(rename(folder, away), 0);
    await_status(stage, "cam", "error", "folder_missing");
    bench_assert_text(stage, "SELECT status FROM cameras WHERE id = 'cam'", "error");
    sync_with(&bench, "other", 101);
    bench_assert_text(stage, "SELECT status FROM cameras WHERE id = 'other'", "online");

    AUTO(buf_release) struct buf picture = BUF_INIT;
    bench_picture(1, &picture);
    AUTO(mem_free) char *inside = mem_printf("%s/meanwhile.jpg", away);
    FILE *file = fopen(inside, "w");
    fwrite(picture.data, 1, picture.len, file);
    fclose(file);
    assert_int_equal(rename(away, folder), 0);
    await_status(stage, "cam", "online", "folder_returned");
    bench_assert_text(stage, "SELECT status FROM cameras WHERE id = 'cam'", "online");
    bench_await_count(stage, "queued", 3);
    sync_with(&bench, "cam", 102);
}

static void an_unreadable_folder_is_an_error_until_it_is_readable(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_mkdir(stage, "cam");
    start(&bench);
    sync_with(&bench, "cam", 100);
    AUTO(mem_free) char *folder = bench_path(stage, "cam");
    bench_drop_picture(stage, "cam/a.jpg", 1);
    assert_int_equal(chmod(folder, 0), 0);
    await_status(stage, "cam", "error", "folder_unreadable");
    assert_int_equal(chmod(folder, 0755), 0);
    await_status(stage, "cam", "online", "folder_returned");
    bench_await_count(stage, "queued", 2);
    sync_with(&bench, "cam", 101);
}

static void the_root_may_go_and_come(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;
    struct pipeline_stats stats = {0};

    bench_open(&bench);
    bench_mkdir(stage, "cam");
    start(&bench);
    sync_with(&bench, "cam", 100);
    AUTO(mem_free) char *away = mem_printf("%s-away", stage->root);
    assert_int_equal(rename(stage->root, away), 0);
    await_status(stage, "cam", "error", "root_missing");
    AWAIT(atomic_load(&stage->tally.faults[FAULT_ROOT]) < 0);
    tally_last_error(&stage->tally, stats.last_error, sizeof(stats.last_error));
    assert_non_null(strstr(stats.last_error, "the camera root cannot be read"));
    assert_int_equal(rename(away, stage->root), 0);
    await_status(stage, "cam", "online", "folder_returned");
    AWAIT(atomic_load(&stage->tally.faults[FAULT_ROOT]) == 0);
    bench_drop_picture(stage, "cam/after.jpg", 1);
    bench_await_count(stage, "queued", 2);
}

static void a_subfolder_may_be_renamed(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_mkdir(stage, "cam");
    bench_mkdir(stage, "cam/a");
    bench_mkdir(stage, "cam/a/deep");
    start(&bench);
    sync_with(&bench, "cam", 100);
    AUTO(mem_free) char *before = bench_path(stage, "cam/a");
    AUTO(mem_free) char *after = bench_path(stage, "cam/b");
    assert_int_equal(rename(before, after), 0);
    sync_with(&bench, "cam/b", 101);
    sync_with(&bench, "cam/b/deep", 102);
    bench_mkdir(stage, "cam/a");
    sync_with(&bench, "cam/a", 103);
    bench_count(stage, "refused", 0);
}

/* ---- A store that cannot write ---- */

#define FULL_AT 65536 /* less than the database's log has already, more than a picture has */

/* The database sees a full disk: no file may grow beyond this. */
static void set_file_limit(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void files_wait_until_the_store_can_write(void **state)
{
    AUTO(bench_release) struct watcher_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_mkdir(stage, "cam");
    start(&bench);
    sync_with(&bench, "cam", 100);
    set_file_limit(FULL_AT);
    for (uint32_t i = 0; i < 10; i++) {
        AUTO(mem_free) char *name = mem_printf("cam/%u.jpg", i);
        bench_drop_picture(stage, name, i);
    }
    AWAIT(pending(&bench) == 10);
    AWAIT(atomic_load(&stage->tally.faults[FAULT_INTAKE]) == -ENOSPC);
    bench_await_count(stage, "queued", 1);
    set_file_limit(RLIM_INFINITY);
    bench_await_count(stage, "queued", 11);
    AWAIT(pending(&bench) == 0);
    AWAIT(atomic_load(&stage->tally.faults[FAULT_INTAKE]) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_closed_moved_or_linked_here),
        cmocka_unit_test(finds_folders_that_come_with_their_files),
        cmocka_unit_test(leaves_alone_what_is_not_its_business),
        cmocka_unit_test(waits_until_nothing_more_happens_to_a_file),
        cmocka_unit_test(a_truncated_file_comes_again_when_it_is_complete),
        cmocka_unit_test(bad_files_disturb_nobody),
        cmocka_unit_test(finds_what_came_while_it_was_down),
        cmocka_unit_test(older_ones_come_first),
        cmocka_unit_test(more_files_than_may_wait_are_all_found),
        cmocka_unit_test(files_wait_while_the_queue_is_nearly_full),
        cmocka_unit_test(without_watches_it_polls),
        cmocka_unit_test(polling_finds_new_changed_and_moved_files),
        cmocka_unit_test(polling_waits_for_a_file_to_rest),
        cmocka_unit_test(a_folder_that_vanishes_is_an_error_until_it_returns),
        cmocka_unit_test(an_unreadable_folder_is_an_error_until_it_is_readable),
        cmocka_unit_test(the_root_may_go_and_come),
        cmocka_unit_test(a_subfolder_may_be_renamed),
        cmocka_unit_test(files_wait_until_the_store_can_write),
    };

    respect_modes();
    signal(SIGXFSZ, SIG_IGN);
    return RUN_TESTS(tests);
}

/* What the stages stand on: a database, the journal, both queues, a camera root, short times. */
#pragma once

#include "support/journal.h"

#include "pipeline/camera_registry.h"
#include "pipeline/stage.h"
#include "queue/queue.h"
#include "support/pictures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

#define PATIENCE_US (60 * TIME_SECOND) /* how long a loaded machine may take */

struct stage_bench {
    struct journal_bench journal;
    struct queue *detections, *analyses;
    struct tally tally;
    struct stage stage;
    struct camera_registry *registry;
    char *root; /* the camera folders */
};

static inline struct queue *bench_queue(struct stage_bench *bench, const char *name,
                                        size_t waiting_max)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct queue_settings settings = {.name = name,
                                      .waiting_max = waiting_max,
                                      .overflow = QUEUE_OVERFLOW_DLQ,
                                      .lease_us = 300 * TIME_SECOND};
    struct queue *queue = NULL;

    if (queue_open(bench->journal.database.store, &settings, &queue, &why) < 0)
        fail_msg("%s", buf_text(&why));
    return queue;
}

static inline void bench_open_queues(struct stage_bench *bench, size_t waiting_max)
{
    bench->detections = bench_queue(bench, QUEUE_DETECTION, waiting_max);
    bench->analyses = bench_queue(bench, QUEUE_ANALYSIS, waiting_max);
    bench->stage.parts = (struct pipeline_parts){.core = bench->journal.core,
                                                 .store = bench->journal.database.store,
                                                 .journal = bench->journal.journal,
                                                 .detections = bench->detections,
                                                 .analyses = bench->analyses};
    bench->registry =
        camera_registry_new(bench->journal.database.store, bench->journal.journal, bench->root);
}

static inline void stage_bench_open(struct stage_bench *bench)
{
    static const char *const fast_types[] = {"person", NULL};

    journal_bench_open(&bench->journal, STORE_SYNC_OFF, 100000);
    bench->root = mem_printf("%s/cameras", bench->journal.database.folder);
    assert_int_equal(mkdir(bench->root, 0755), 0);
    bench->stage.tally = &bench->tally;
    tally_init(&bench->tally);
    bench->stage.settings = (struct pipeline_settings){
        .camera_root = bench->root,
        .data_dir = bench->journal.database.folder,
        .polling_interval_us = 50 * TIME_MS,
        .debounce_us = 30 * TIME_MS,
        .stability_us = 100 * TIME_MS,
        .backfill_us = 3600 * TIME_SECOND,
        .dedupe_ttl_us = 300 * TIME_SECOND,
        .batch_window_us = 90 * TIME_SECOND,
        .batch_idle_us = 30 * TIME_SECOND,
        .batch_check_us = 5 * TIME_SECOND,
        .batch_detections_max = 500,
        .confidence_threshold = 0.5,
        .fast_path_confidence = 0.9,
        .fast_path_types = fast_types,
        .severity_low_max = 29,
        .severity_medium_max = 59,
        .severity_high_max = 84,
        .scene_change_threshold = 0.9,
        .thumbnail_width = 320,
        .thumbnail_height = 240,
        .thumbnail_quality = 85,
        .thumbnail_font = 14,
        .detect_threads = 2,
    };
    bench_open_queues(bench, 10000);
}

static inline void bench_close_queues(struct stage_bench *bench)
{
    camera_registry_free(&bench->registry);
    if (bench->detections)
        queue_stop(bench->detections);
    if (bench->analyses)
        queue_stop(bench->analyses);
    queue_close(&bench->detections);
    queue_close(&bench->analyses);
}

static inline void stage_bench_release(struct stage_bench *bench)
{
    bench_close_queues(bench);
    journal_bench_release(&bench->journal);
    mem_free(&bench->root);
}

/* Everything but the files and the loop once more, as after a restart. */
static inline void bench_restart(struct stage_bench *bench, const char *sql_between)
{
    bench_close_queues(bench);
    journal_restart(&bench->journal, sql_between);
    bench_open_queues(bench, 10000);
}

static inline int64_t bench_int(struct stage_bench *bench, const char *sql)
{
    return database_int(&bench->journal.database, sql);
}

static inline void bench_exec(struct stage_bench *bench, const char *sql)
{
    database_exec(&bench->journal.database, sql);
}

/* Waits until the statement gives this number. */
static inline void bench_await(struct stage_bench *bench, const char *sql, int64_t expected)
{
    int64_t give_up = time_monotonic() + PATIENCE_US, found;

    while ((found = bench_int(bench, sql)) != expected) {
        if (time_monotonic() > give_up)
            fail_msg("waited in vain: %s gives %lld, not %lld", sql, (long long)found,
                     (long long)expected);
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
}

#define AWAIT(condition)                                                                           \
    do {                                                                                           \
        int64_t give_up_ = time_monotonic() + PATIENCE_US;                                         \
        while (!(condition)) {                                                                     \
            if (time_monotonic() > give_up_)                                                       \
                fail_msg("waited in vain for %s", #condition);                                     \
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);                               \
        }                                                                                          \
    } while (0)

static inline void bench_count(struct stage_bench *bench, const char *outcome, int64_t expected)
{
    AUTO(mem_free)
    char *sql = mem_printf("SELECT count(*) FROM intake WHERE outcome = '%s'", outcome);

    assert_int_equal(bench_int(bench, sql), expected);
}

static inline void bench_await_count(struct stage_bench *bench, const char *outcome,
                                     int64_t expected)
{
    AUTO(mem_free)
    char *sql = mem_printf("SELECT count(*) FROM intake WHERE outcome = '%s'", outcome);

    bench_await(bench, sql, expected);
}

/* ---- Texts of rows ---- */

struct bench_text {
    const char *sql;
    char *text;
};

static inline int bench_read_text(struct store_tx *tx, void *arg)
{
    struct bench_text *text = arg;
    AUTO(store_stmt_done) struct store_stmt *stmt = store_prepare_dynamic(tx, text->sql);
    int result = store_step(stmt);

    if (result == 1)
        text->text = mem_strdup(store_text(stmt, 0));
    return result < 0 ? result : 0;
}

/* The first column of the first row; NULL without rows. mem_free(). */
static inline char *bench_text(struct stage_bench *bench, const char *sql)
{
    struct bench_text text = {.sql = sql};

    assert_int_equal(store_read(bench->journal.database.store, bench_read_text, &text), 0);
    return text.text;
}

static inline void bench_assert_text(struct stage_bench *bench, const char *sql,
                                     const char *expected)
{
    AUTO(mem_free) char *text = bench_text(bench, sql);

    assert_non_null(text);
    assert_string_equal(text, expected);
}

/* The data of the n-th message of this type (from 0), parsed; json_decref(). */
static inline json_t *bench_message(struct stage_bench *bench, const char *type, int n)
{
    AUTO(mem_free)
    char *sql = mem_printf("SELECT data FROM journal_messages WHERE type = '%s' ORDER BY sequence "
                           "LIMIT 1 OFFSET %d",
                           type, n);
    AUTO(mem_free) char *text = bench_text(bench, sql);
    json_t *data = NULL;

    if (!text)
        fail_msg("there is no message %s number %d", type, n);
    assert_int_equal(json_parse(span_of(text), &data, NULL), 0);
    return data;
}

static inline int64_t bench_messages(struct stage_bench *bench, const char *type)
{
    AUTO(mem_free)
    char *sql = mem_printf("SELECT count(*) FROM journal_messages WHERE type = '%s'", type);

    return bench_int(bench, sql);
}

/* ---- Files ---- */

static inline char *bench_path(const struct stage_bench *bench, const char *name)
{
    return mem_printf("%s/%s", bench->root, name);
}

static inline void bench_mkdir(const struct stage_bench *bench, const char *name)
{
    AUTO(mem_free) char *path = bench_path(bench, name);

    if (mkdir(path, 0755) < 0)
        assert_int_equal(errno, EEXIST);
}

/* Under a hidden name, then renamed. */
static inline void bench_drop(const struct stage_bench *bench, const char *name, struct span bytes)
{
    AUTO(mem_free) char *path = bench_path(bench, name);
    AUTO(mem_free) char *folder = mem_strdup(path);

    *strrchr(folder, '/') = '\0';
    AUTO(mem_free) char *hidden = mem_printf("%s/.part", folder);
    int fd = open(hidden, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
    assert_int_equal(close(fd), 0);
    assert_int_equal(rename(hidden, path), 0);
}

/* Straight under its name, as most cameras do. */
static inline void bench_write(const struct stage_bench *bench, const char *name, struct span bytes)
{
    AUTO(mem_free) char *path = bench_path(bench, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
    assert_int_equal(close(fd), 0);
}

/* mtime and atime, seconds from now. */
static inline void bench_age(const struct stage_bench *bench, const char *name, int seconds)
{
    AUTO(mem_free) char *path = bench_path(bench, name);
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += seconds;
    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[]){at, at}, 0), 0);
}

/* A small picture that no other seed gives. */
static inline void bench_picture(uint32_t seed, struct buf *out)
{
    AUTO(picture_free) struct picture *picture = paint_scene(160, 120);

    paint_noise(picture, seed + 1, 8);
    add_jpeg(out, picture);
}

static inline void bench_drop_picture(const struct stage_bench *bench, const char *name,
                                      uint32_t seed)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;

    bench_picture(seed, &bytes);
    bench_drop(bench, name, buf_span(&bytes));
}

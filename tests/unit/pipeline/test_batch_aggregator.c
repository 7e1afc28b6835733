#include "support/pipeline.h"

#include "loop/latch.h"
#include "pipeline/batch_aggregator.h"
#include "pipeline/job.h"
#include "pipeline/on_loop.h"
#include "store/detections.h"

static const struct batch_deadlines usual = {90 * TIME_SECOND, 30 * TIME_SECOND};
#define T0 (1763720130 * TIME_SECOND)

/* ---- When ---- */

static void is_due_at_the_window_or_when_idle(void **state)
{
    static const struct {
        int64_t last, now; /* s after the start */
        enum batch_close reason;
    } cases[] = {
        {0, 0, BATCH_STAYS_OPEN},   {0, 29, BATCH_STAYS_OPEN}, {0, 30, BATCH_IDLE},
        {20, 49, BATCH_STAYS_OPEN}, {20, 50, BATCH_IDLE},      {80, 89, BATCH_STAYS_OPEN},
        {80, 90, BATCH_TIMEOUT},    {60, 90, BATCH_TIMEOUT},   {0, 1000, BATCH_TIMEOUT},
        {50, 49, BATCH_STAYS_OPEN}, {50, 40, BATCH_IDLE},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(batch_is_due(&usual, T0, T0 + cases[i].last * TIME_SECOND,
                                      T0 + cases[i].now * TIME_SECOND),
                         cases[i].reason);
}

static void knows_its_next_deadline(void **state)
{
    enum batch_close reason;

    assert_int_equal(batch_due_at(&usual, T0, T0, &reason), T0 + 30 * TIME_SECOND);
    assert_int_equal(reason, BATCH_IDLE);
    assert_int_equal(batch_due_at(&usual, T0, T0 + 60 * TIME_SECOND, &reason),
                     T0 + 90 * TIME_SECOND);
    assert_int_equal(reason, BATCH_TIMEOUT);
    assert_int_equal(batch_due_at(&usual, T0, T0 + 59 * TIME_SECOND + 999999, &reason),
                     T0 + 89 * TIME_SECOND + 999999);
    assert_int_equal(reason, BATCH_IDLE);
    /* At its deadline it is due, a microsecond before it is not. */
    int64_t due = batch_due_at(&usual, T0, T0 + 7, &reason);
    assert_int_equal(batch_is_due(&usual, T0, T0 + 7, due), reason);
    assert_int_equal(batch_is_due(&usual, T0, T0 + 7, due - 1), BATCH_STAYS_OPEN);
}

static void names_the_reasons(void **state)
{
    assert_string_equal(batch_close_name(BATCH_TIMEOUT), "timeout");
    assert_string_equal(batch_close_name(BATCH_IDLE), "idle");
    assert_string_equal(batch_close_name(BATCH_MAX_SIZE), "max_size");
}

/* ---- With a database ---- */

struct batch_bench {
    struct stage_bench stage;
    struct loop *loop;
    struct batch_aggregator *aggregator;
};

static void bench_open(struct batch_bench *bench, int64_t window_us, int64_t idle_us)
{
    stage_bench_open(&bench->stage);
    bench->stage.stage.settings.batch_window_us = window_us;
    bench->stage.stage.settings.batch_idle_us = idle_us;
    bench_exec(&bench->stage, "INSERT INTO cameras (id, name, folder_path, created_at) VALUES "
                              "('a', 'A', '/a', 1), ('b', 'B', '/b', 1)");
}

static void start(struct batch_bench *bench)
{
    assert_int_equal(loop_new("pipeline", &bench->loop), 0);
    assert_int_equal(loop_start(bench->loop), 0);
    assert_int_equal(batch_aggregator_new(&bench->stage.stage, bench->loop, &bench->aggregator), 0);
    batch_aggregator_start(bench->aggregator);
}

static void open_latch(void *latch)
{
    latch_open(latch);
}

struct ending {
    struct batch_aggregator *aggregator;
    struct latch idle;
};

static void end(void *arg)
{
    struct ending *ending = arg;

    batch_aggregator_stop(ending->aggregator, open_latch, &ending->idle);
}

static void stop(struct batch_bench *bench)
{
    struct ending ending = {.aggregator = bench->aggregator};

    if (!bench->loop)
        return;
    latch_init(&ending.idle);
    on_loop(bench->loop, end, &ending);
    latch_wait(&ending.idle);
    latch_release(&ending.idle);
    loop_stop(bench->loop);
    loop_join(bench->loop);
    batch_aggregator_free(&bench->aggregator);
    loop_free(&bench->loop);
}

static void bench_release(struct batch_bench *bench)
{
    stop(bench);
    stage_bench_release(&bench->stage);
}

struct adding {
    struct batch_bench *bench;
    const char *camera;
    int64_t now;
    struct batch_change change;
};

static int add_in_tx(struct store_tx *tx, void *arg)
{
    struct adding *adding = arg;
    struct detection detection = {.camera_id = (char *)adding->camera,
                                  .file_path = "/a/x.jpg",
                                  .detected_at = adding->now,
                                  .object_type = "motion",
                                  .confidence = 0.5,
                                  .media_type = "image"};

    adding->change = (struct batch_change){0};
    int r = detections_insert(tx, &detection, &detection.id);
    if (r == 0)
        r = batch_aggregator_add(adding->bench->aggregator, tx, adding->camera, detection.id,
                                 adding->now, adding->now, &adding->change);
    return r;
}

static void tell(void *arg)
{
    struct adding *adding = arg;

    batch_aggregator_changed(adding->bench->aggregator, adding->camera, &adding->change);
}

static void add(struct batch_bench *bench, const char *camera)
{
    struct adding adding = {.bench = bench, .camera = camera, .now = time_now()};

    assert_int_equal(store_write(bench->stage.journal.database.store, add_in_tx, &adding), 0);
    on_loop(bench->loop, tell, &adding);
}

/* The data of the camera's closed batch; json_decref(). */
static json_t *closed_batch(struct batch_bench *bench, const char *camera)
{
    AUTO(mem_free)
    char *sql = mem_printf("SELECT data FROM journal_messages WHERE type = 'detection.batch' AND "
                           "json_extract(data, '$.camera_id') = '%s'",
                           camera);
    AUTO(mem_free) char *text = bench_text(&bench->stage, sql);
    json_t *data = NULL;

    assert_non_null(text);
    assert_int_equal(json_parse(span_of(text), &data, NULL), 0);
    return data;
}

static void assert_closed(struct batch_bench *bench, const char *camera, const char *reason,
                          int64_t count)
{
    AUTO(json_release) json_t *data = closed_batch(bench, camera);

    assert_string_equal(json_member_text(data, "close_reason"), reason);
    assert_int_equal(json_member_int(data, "detection_count", 0), count);
    assert_int_equal(json_array_size(json_object_get(data, "detection_ids")), (size_t)count);
}

static void an_idle_batch_closes_when_it_is_due(void **state)
{
    AUTO(bench_release) struct batch_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench, 60 * TIME_SECOND, 250 * TIME_MS);
    start(&bench);
    add(&bench, "a");
    add(&bench, "b");
    add(&bench, "a");
    bench_await(stage, "SELECT count(*) FROM jobs WHERE queue = 'analysis_queue'", 2);
    assert_closed(&bench, "a", "idle", 2);
    assert_closed(&bench, "b", "idle", 1);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM batches"), 0);

    /* Not before it was due, and not at the next look five seconds later. */
    AUTO(json_release) json_t *data = closed_batch(&bench, "a");
    int64_t started, closed;
    assert_int_equal(time_parse(span_of(json_member_text(data, "started_at")), &started, NULL), 0);
    assert_int_equal(time_parse(span_of(json_member_text(data, "closed_at")), &closed, NULL), 0);
    assert_in_range(closed - started, 250 * TIME_MS, 4 * TIME_SECOND);
    AWAIT(atomic_load(&stage->tally.open_batches) == 0);
    AWAIT(atomic_load(&stage->tally.batches_closed) == 2);

    AUTO(analysis_job_release) struct analysis_job job = {0};
    AUTO(mem_free)
    char *body = bench_text(stage, "SELECT body FROM jobs WHERE body LIKE '%batch-00000001%'");
    assert_int_equal(analysis_job_parse(span_of(body), &job, NULL), 0);
    assert_string_equal(job.batch_id, "batch-00000001");
    assert_string_equal(job.camera_id, "a");
    assert_int_equal(job.detection_count, 2);
    assert_int_equal(job.detection_ids[1], 3);
    assert_true(job.pipeline_start > 0);
}

static void a_busy_batch_closes_at_its_window(void **state)
{
    AUTO(bench_release) struct batch_bench bench = {0};
    int64_t give_up = time_monotonic() + PATIENCE_US;

    bench_open(&bench, 300 * TIME_MS, 30 * TIME_SECOND);
    bench.stage.stage.settings.batch_detections_max = 1000000;
    start(&bench);
    while (bench_messages(&bench.stage, "detection.batch") < 2 && time_monotonic() < give_up)
        add(&bench, "a");
    AUTO(json_release) json_t *data = bench_message(&bench.stage, "detection.batch", 0);
    assert_string_equal(json_member_text(data, "close_reason"), "timeout");
    /* Nothing fell between one batch and the next. */
    assert_int_equal(bench_int(&bench.stage, "SELECT (SELECT count(*) FROM detections) - "
                                             "(SELECT count(*) FROM batch_detections) - "
                                             "(SELECT sum(json_array_length(data, "
                                             "'$.detection_ids')) FROM journal_messages WHERE "
                                             "type = 'detection.batch')"),
                     0);
}

static void every_batch_has_an_id_of_its_own(void **state)
{
    AUTO(bench_release) struct batch_bench bench = {0};

    bench_open(&bench, 60 * TIME_SECOND, 60 * TIME_SECOND);
    bench.stage.stage.settings.batch_detections_max = 1;
    start(&bench);
    for (int i = 0; i < 20; i++)
        add(&bench, "a");
    assert_int_equal(bench_messages(&bench.stage, "detection.batch"), 19);
    assert_int_equal(bench_int(&bench.stage,
                               "SELECT count(DISTINCT json_extract(data, '$.batch_id')) FROM "
                               "journal_messages WHERE type = 'detection.batch'"),
                     19);
}

static void an_open_batch_survives_a_restart(void **state)
{
    AUTO(bench_release) struct batch_bench bench = {0};

    bench_open(&bench, 60 * TIME_SECOND, 60 * TIME_SECOND);
    start(&bench);
    add(&bench, "a");
    add(&bench, "b");
    stop(&bench);
    assert_int_equal(bench_messages(&bench.stage, "detection.batch"), 0);
    /* One of the two would have been due while nobody was there. */
    bench_restart(&bench.stage, "UPDATE batches SET started_at = started_at - 61000000, "
                                "last_activity = last_activity - 61000000 WHERE camera_id = 'a'");
    start(&bench);
    bench_await(&bench.stage, "SELECT count(*) FROM journal_messages", 1);
    assert_closed(&bench, "a", "timeout", 1);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM batches"), 1);
    add(&bench, "b");
    assert_int_equal(bench_int(&bench.stage, "SELECT detection_count FROM batches"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_due_at_the_window_or_when_idle),
        cmocka_unit_test(knows_its_next_deadline),
        cmocka_unit_test(names_the_reasons),
        cmocka_unit_test(an_idle_batch_closes_when_it_is_due),
        cmocka_unit_test(a_busy_batch_closes_at_its_window),
        cmocka_unit_test(every_batch_has_an_id_of_its_own),
        cmocka_unit_test(an_open_batch_survives_a_restart),
    };
    return RUN_TESTS(tests);
}

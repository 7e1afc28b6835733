#include "support/pipeline.h"

#include "pipeline/batch_aggregator.h"
#include "pipeline/detection_queue_worker.h"
#include "pipeline/file_intake.h"
#include "pipeline/on_loop.h"
#include "support/detector.h"

struct worker_bench {
    struct stage_bench stage;
    struct fake_detector detector;
    struct loop *loop;
    struct batch_aggregator *aggregator;
    struct detection_queue_worker *worker;
};

static void bench_open(struct worker_bench *bench, const char *object_type, double confidence)
{
    stage_bench_open(&bench->stage);
    fake_init(&bench->detector, object_type, confidence);
}

static void start(struct worker_bench *bench)
{
    assert_int_equal(loop_new("pipeline", &bench->loop), 0);
    assert_int_equal(loop_start(bench->loop), 0);
    assert_int_equal(batch_aggregator_new(&bench->stage.stage, bench->loop, &bench->aggregator), 0);
    assert_int_equal(detection_queue_worker_start(&bench->stage.stage, bench->loop,
                                                  &bench->detector.base, bench->aggregator,
                                                  &bench->worker),
                     0);
}

static void stop(struct worker_bench *bench)
{
    if (!bench->loop)
        return;
    detection_queue_worker_stop(bench->worker);
    loop_stop(bench->loop);
    loop_join(bench->loop);
    detection_queue_worker_free(&bench->worker);
    batch_aggregator_free(&bench->aggregator);
    loop_free(&bench->loop);
}

static void bench_release(struct worker_bench *bench)
{
    stop(bench);
    stage_bench_release(&bench->stage);
}

static void enter(struct worker_bench *bench, const char *name, uint32_t seed)
{
    AUTO(mem_free) char *path = bench_path(&bench->stage, name);
    AUTO(mem_free) char *folder = mem_strndup(name, strcspn(name, "/"));
    AUTO(file_intake_release)
    struct file_intake intake = {
        .stage = &bench->stage.stage, .registry = bench->stage.registry, .path = mem_strdup(path)};

    bench_mkdir(&bench->stage, folder);
    bench_drop_picture(&bench->stage, name, seed);
    file_intake_examine(&intake);
    assert_int_equal(intake.verdict, FILE_ACCEPTED);
    assert_int_equal(store_write(bench->stage.journal.database.store, file_intake_enter, &intake),
                     0);
}

static int push_body(struct store_tx *tx, void *arg)
{
    struct queue_call {
        struct queue *queue;
        const char *body;
    } *call = arg;

    return queue_push(call->queue, tx, call->body);
}

static void push(struct worker_bench *bench, const char *body)
{
    struct {
        struct queue *queue;
        const char *body;
    } call = {bench->stage.detections, body};

    assert_int_equal(store_write(bench->stage.journal.database.store, push_body, &call), 0);
}

static void a_picture_becomes_detections_a_batch_and_messages(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench, "motion", 0.75);
    start(&bench);
    enter(&bench, "Porch/a.jpg", 1);
    enter(&bench, "Porch/b.jpg", 2);
    bench_await_count(stage, "detected", 2);

    assert_int_equal(bench_int(stage, "SELECT count(*) FROM detections"), 2);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM batches"), 1);
    assert_int_equal(bench_int(stage, "SELECT detection_count FROM batches"), 2);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM jobs"), 0);
    assert_int_equal(bench_int(stage, "SELECT video_width FROM detections"), 160);
    assert_int_equal(bench_int(stage, "SELECT last_seen_at > 0 FROM cameras"), 1);
    bench_assert_text(stage, "SELECT file_type FROM detections", "image/jpeg");
    bench_assert_text(stage, "SELECT id FROM batches", "batch-00000001");

    AUTO(json_release) json_t *data = bench_message(stage, "detection.new", 1);
    assert_int_equal(json_member_int(data, "detection_id", 0), 2);
    assert_string_equal(json_member_text(data, "batch_id"), "batch-00000001");
    assert_string_equal(json_member_text(data, "camera_id"), "porch");
    assert_string_equal(json_member_text(data, "label"), "motion");
    assert_true(json_member_number(data, "confidence", 0) == 0.75);
    const json_t *box = json_object_get(data, "bbox");
    assert_true(json_member_number(box, "x", 9) == 0.1);
    assert_true(json_member_number(box, "y", 9) == 0.1);
    assert_true(json_member_number(box, "width", 9) == 0.5);
    assert_true(json_member_number(box, "height", 9) == 0.5);
    const char *timestamp = json_member_text(data, "timestamp");
    assert_int_equal(timestamp[strlen(timestamp) - 1], 'Z');
}

static void what_is_not_sure_enough_is_nothing(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "motion", 0.49);
    start(&bench);
    enter(&bench, "cam/a.jpg", 1);
    bench_await_count(&bench.stage, "nothing", 1);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM detections"), 0);
    assert_int_equal(bench_messages(&bench.stage, "detection.new"), 0);
    assert_int_equal(bench_int(&bench.stage, "SELECT last_seen_at > 0 FROM cameras"), 1);
}

static void a_sure_person_takes_the_fast_path(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "Person", 0.9);
    start(&bench);
    enter(&bench, "cam/a.jpg", 1);
    bench_await_count(&bench.stage, "detected", 1);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM batches"), 0);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM jobs WHERE queue = "
                                             "'analysis_queue' AND body LIKE "
                                             "'%\"fast_path_1\"%'"),
                     1);
    AUTO(json_release) json_t *data = bench_message(&bench.stage, "detection.new", 0);
    assert_string_equal(json_member_text(data, "batch_id"), "fast_path_1");
}

static void a_full_batch_is_closed_by_the_next_one(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench, "motion", 0.8);
    stage->stage.settings.batch_detections_max = 3;
    start(&bench);
    for (uint32_t i = 0; i < 7; i++) {
        AUTO(mem_free) char *name = mem_printf("cam/%u.jpg", i);
        enter(&bench, name, i);
    }
    bench_await_count(stage, "detected", 7);
    assert_int_equal(bench_messages(stage, "detection.batch"), 2);
    assert_int_equal(bench_int(stage, "SELECT detection_count FROM batches"), 1);
    AUTO(json_release) json_t *data = bench_message(stage, "detection.batch", 1);
    assert_string_equal(json_member_text(data, "close_reason"), "max_size");
    assert_int_equal(json_member_int(data, "detection_count", 0), 3);
    assert_int_equal(json_array_size(json_object_get(data, "detection_ids")), 3);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(data, "detection_ids"), 0)),
                     4);
    AWAIT(atomic_load(&stage->tally.batches_closed) == 2);
}

static void cameras_go_side_by_side_and_each_in_order(void **state)
{
    enum { CAMERAS = 4, PICTURES = 12 };
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "motion", 0.8);
    bench.detector.pause_us = 4 * TIME_MS;
    bench.stage.stage.settings.detect_threads = 3;
    for (uint32_t i = 0; i < CAMERAS * PICTURES; i++) {
        AUTO(mem_free) char *name = mem_printf("cam%u/%u.jpg", i % CAMERAS, i);
        enter(&bench, name, i);
    }
    start(&bench);
    bench_await_count(&bench.stage, "detected", CAMERAS * PICTURES);
    assert_false(atomic_load(&bench.detector.was_concurrent));
    assert_in_range(atomic_load(&bench.detector.most_at_once), 2, 3);
    /* Jobs were made in the order of time, so within a camera ids and paths grow together. */
    assert_int_equal(bench_int(&bench.stage,
                               "SELECT count(*) FROM detections a JOIN detections b ON "
                               "a.camera_id = b.camera_id AND a.id < b.id JOIN intake x ON "
                               "x.file_path = a.file_path JOIN intake y ON y.file_path = "
                               "b.file_path WHERE x.id > y.id"),
                     0);
}

/* ---- What goes wrong ---- */

static void what_is_no_job_becomes_a_dead_letter(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};
    static const char *const wrong[] = {
        "{}",
        "{\"camera_id\":\"a b\",\"file_path\":\"/x\",\"timestamp\":\"2026-01-01T00:00:00Z\"}",
        "[1,2]",
    };

    bench_open(&bench, "motion", 0.8);
    start(&bench);
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        push(&bench, wrong[i]);
    bench_await(&bench.stage, "SELECT count(*) FROM dead_letters", COUNT_OF(wrong));
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM jobs"), 0);
    assert_int_equal(atomic_load(&bench.stage.tally.jobs_refused), COUNT_OF(wrong));
    assert_int_equal(atomic_load(&bench.detector.calls), 0);
    enter(&bench, "cam/a.jpg", 1);
    bench_await_count(&bench.stage, "detected", 1);
}

static void a_job_may_not_name_a_file_elsewhere(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "motion", 0.8);
    start(&bench);
    push(&bench, "{\"camera_id\":\"cam\",\"file_path\":\"/etc/passwd\","
                 "\"timestamp\":\"2026-01-01T00:00:00Z\"}");
    bench_await(&bench.stage, "SELECT count(*) FROM jobs", 0);
    assert_int_equal(atomic_load(&bench.detector.calls), 0);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM detections"), 0);
}

static void a_job_of_an_unknown_camera_ends_without_detections(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "motion", 0.8);
    enter(&bench, "cam/a.jpg", 1);
    bench_exec(&bench.stage, "UPDATE cameras SET deleted_at = 1");
    start(&bench);
    bench_await_count(&bench.stage, "refused", 1);
    bench_assert_text(&bench.stage, "SELECT reason FROM intake", "camera_unknown");
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM detections"), 0);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM jobs"), 0);
}

static void a_file_that_vanished_is_failed(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "motion", 0.8);
    enter(&bench, "cam/a.jpg", 1);
    AUTO(mem_free) char *path = bench_path(&bench.stage, "cam/a.jpg");
    assert_int_equal(unlink(path), 0);
    start(&bench);
    bench_await_count(&bench.stage, "failed", 1);
    bench_assert_text(&bench.stage, "SELECT reason FROM intake", "file_vanished");
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM jobs"), 0);
}

static void what_the_detector_refuses_is_refused(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "motion", 0.8);
    bench.detector.result = -EINVAL;
    start(&bench);
    enter(&bench, "cam/a.jpg", 1);
    bench_await_count(&bench.stage, "refused", 1);
    bench_assert_text(&bench.stage, "SELECT detail FROM intake", "no picture after all");
}

static void a_detector_that_fails_once_is_tried_again(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "motion", 0.8);
    atomic_store(&bench.detector.fail_first, 1);
    start(&bench);
    enter(&bench, "cam/a.jpg", 1);
    bench_await_count(&bench.stage, "detected", 1);
    assert_int_equal(atomic_load(&bench.detector.calls), 2);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM dead_letters"), 0);
}

static void a_detector_that_always_fails_makes_a_dead_letter(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "motion", 0.8);
    atomic_store(&bench.detector.fail_first, 1000);
    start(&bench);
    enter(&bench, "cam/a.jpg", 1);
    bench_await(&bench.stage, "SELECT count(*) FROM dead_letters", 1);
    bench_await_count(&bench.stage, "failed", 1);
    assert_int_equal(atomic_load(&bench.detector.calls), 3);
    bench_assert_text(&bench.stage, "SELECT reason FROM intake", "detector");
}

/* The queue sets aside by itself what ended the process again and again. */
static void files_of_dead_letters_do_not_stay_queued(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "motion", 0.8);
    enter(&bench, "cam/a.jpg", 1);
    enter(&bench, "cam/b.jpg", 2);
    bench_restart(&bench.stage, "UPDATE jobs SET attempts = 5, taken_at = 1 WHERE id = 1");
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM dead_letters"), 1);
    start(&bench);
    bench_await_count(&bench.stage, "failed", 1);
    bench_await_count(&bench.stage, "detected", 1);
    bench_assert_text(&bench.stage, "SELECT reason FROM intake WHERE outcome = 'failed'",
                      "process_ended");
}

/* Whatever was with a worker when the process ended is suspected: each is tried alone, so the one
 * that is the reason takes nobody along. */
static void suspects_are_tried_alone(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "motion", 0.8);
    bench.detector.pause_us = 10 * TIME_MS;
    for (uint32_t i = 0; i < 12; i++) {
        AUTO(mem_free) char *name = mem_printf("cam%u/%u.jpg", i % 4, i);
        enter(&bench, name, i);
    }
    bench_restart(&bench.stage, "UPDATE jobs SET attempts = 1, taken_at = 1");
    start(&bench);
    bench_await_count(&bench.stage, "detected", 12);
    assert_int_equal(atomic_load(&bench.detector.most_at_once), 1);
}

/* ---- Scenes, and the end ---- */

static void a_scene_change_is_told_once_until_it_is_over(void **state)
{
    AUTO(bench_release) struct worker_bench bench = {0};
    static const struct {
        const char *note;
        double similarity;
        int64_t told;
    } pictures[] = {{NULL, 0.95, 0},           {"scene_change", 0.4, 1}, {"scene_change", 0.3, 1},
                    {"light_change", -1.0, 1}, {NULL, 0.97, 1},          {"scene_change", 0.5, 2}};

    bench_open(&bench, NULL, 0);
    start(&bench);
    for (uint32_t i = 0; i < COUNT_OF(pictures); i++) {
        AUTO(mem_free) char *name = mem_printf("cam/%u.jpg", i);
        bench.detector.answer.note = pictures[i].note;
        bench.detector.answer.similarity = pictures[i].similarity;
        enter(&bench, name, i);
        bench_await_count(&bench.stage, "nothing", i + 1);
        assert_int_equal(bench_messages(&bench.stage, "scene_change"), pictures[i].told);
    }
    AUTO(json_release) json_t *data = bench_message(&bench.stage, "scene_change", 0);
    assert_string_equal(json_member_text(data, "camera_id"), "cam");
    assert_string_equal(json_member_text(data, "change_type"), "unknown");
    assert_true(json_member_number(data, "similarity_score", 0) == 0.4);
}

static void what_was_not_examined_waits_for_the_next_start(void **state)
{
    enum { PICTURES = 30 };
    AUTO(bench_release) struct worker_bench bench = {0};

    bench_open(&bench, "motion", 0.8);
    bench.detector.pause_us = 10 * TIME_MS;
    for (uint32_t i = 0; i < PICTURES; i++) {
        AUTO(mem_free) char *name = mem_printf("cam/%u.jpg", i);
        enter(&bench, name, i);
    }
    start(&bench);
    AWAIT(atomic_load(&bench.detector.calls) > 3);
    stop(&bench);
    int64_t done =
        bench_int(&bench.stage, "SELECT count(*) FROM intake WHERE outcome = 'detected'");
    assert_in_range(done, 3, PICTURES - 1);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM jobs"), PICTURES - done);
    bench_restart(&bench.stage, NULL);
    bench.detector.pause_us = 0;
    start(&bench);
    bench_await_count(&bench.stage, "detected", PICTURES);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(DISTINCT file_path) FROM detections"),
                     PICTURES);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM detections"), PICTURES);
    assert_int_equal(bench_messages(&bench.stage, "detection.new"), PICTURES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_becomes_detections_a_batch_and_messages),
        cmocka_unit_test(what_is_not_sure_enough_is_nothing),
        cmocka_unit_test(a_sure_person_takes_the_fast_path),
        cmocka_unit_test(a_full_batch_is_closed_by_the_next_one),
        cmocka_unit_test(cameras_go_side_by_side_and_each_in_order),
        cmocka_unit_test(what_is_no_job_becomes_a_dead_letter),
        cmocka_unit_test(a_job_may_not_name_a_file_elsewhere),
        cmocka_unit_test(a_job_of_an_unknown_camera_ends_without_detections),
        cmocka_unit_test(a_file_that_vanished_is_failed),
        cmocka_unit_test(what_the_detector_refuses_is_refused),
        cmocka_unit_test(a_detector_that_fails_once_is_tried_again),
        cmocka_unit_test(a_detector_that_always_fails_makes_a_dead_letter),
        cmocka_unit_test(files_of_dead_letters_do_not_stay_queued),
        cmocka_unit_test(suspects_are_tried_alone),
        cmocka_unit_test(a_scene_change_is_told_once_until_it_is_over),
        cmocka_unit_test(what_was_not_examined_waits_for_the_next_start),
    };
    return RUN_TESTS(tests);
}

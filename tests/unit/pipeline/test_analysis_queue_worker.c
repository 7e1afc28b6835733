#include "support/pipeline.h"

#include "pipeline/analysis_queue_worker.h"
#include "pipeline/job.h"
#include "store/detections.h"

struct judge_bench {
    struct stage_bench stage;
    struct loop *loop;
    struct analysis_queue_worker *worker;
};

static void bench_open(struct judge_bench *bench)
{
    stage_bench_open(&bench->stage);
    bench_exec(&bench->stage, "INSERT INTO cameras (id, name, folder_path, created_at) VALUES "
                              "('porch', 'Front Porch', '/x', 1)");
    bench_mkdir(&bench->stage, "porch");
}

static void start(struct judge_bench *bench)
{
    assert_int_equal(loop_new("pipeline", &bench->loop), 0);
    assert_int_equal(loop_start(bench->loop), 0);
    assert_int_equal(analysis_queue_worker_start(&bench->stage.stage, bench->loop, &bench->worker),
                     0);
}

static void stop(struct judge_bench *bench)
{
    if (!bench->loop)
        return;
    analysis_queue_worker_stop(bench->worker);
    loop_stop(bench->loop);
    loop_join(bench->loop);
    analysis_queue_worker_free(&bench->worker);
    loop_free(&bench->loop);
}

static void bench_release(struct judge_bench *bench)
{
    stop(bench);
    stage_bench_release(&bench->stage);
}

struct writing {
    struct judge_bench *bench;
    const char *type, *path, *body;
    double confidence;
    int64_t id;
};

static int write_detection(struct store_tx *tx, void *arg)
{
    struct writing *writing = arg;
    struct detection detection = {.camera_id = "porch",
                                  .file_path = (char *)writing->path,
                                  .detected_at = time_now(),
                                  .object_type = (char *)writing->type,
                                  .confidence = writing->confidence,
                                  .bbox_x = 10,
                                  .bbox_y = 10,
                                  .bbox_width = 40,
                                  .bbox_height = 60,
                                  .media_type = "image",
                                  .video_width = 160,
                                  .video_height = 120};

    return detections_insert(tx, &detection, &writing->id);
}

static int64_t add_detection(struct judge_bench *bench, const char *type, double confidence,
                             const char *name)
{
    AUTO(mem_free) char *path = bench_path(&bench->stage, name);
    struct writing writing = {.bench = bench, .type = type, .path = path, .confidence = confidence};

    assert_int_equal(store_write(bench->stage.journal.database.store, write_detection, &writing),
                     0);
    return writing.id;
}

static int push_in_tx(struct store_tx *tx, void *arg)
{
    struct writing *writing = arg;

    return queue_push(writing->bench->stage.analyses, tx, writing->body);
}

static void push(struct judge_bench *bench, const char *body)
{
    struct writing writing = {.bench = bench, .body = body};

    assert_int_equal(store_write(bench->stage.journal.database.store, push_in_tx, &writing), 0);
}

static void push_batch(struct judge_bench *bench, const char *batch_id, const int64_t *ids,
                       size_t count)
{
    AUTO(buf_release) struct buf body = BUF_INIT;
    struct analysis_job job = {.batch_id = (char *)batch_id,
                               .camera_id = "porch",
                               .detection_ids = (int64_t *)ids,
                               .detection_count = count,
                               .timestamp = time_now()};

    analysis_job_write(&job, &body);
    push(bench, buf_text(&body));
}

static int64_t sum_of_points(const json_t *factors)
{
    int64_t sum = 0;

    for (size_t i = 0; i < json_array_size(factors); i++)
        sum += json_member_int(json_array_get(factors, i), "points", 0);
    return sum < 0 ? 0 : sum > 100 ? 100 : sum;
}

static void a_batch_becomes_an_event_with_its_reasons(void **state)
{
    AUTO(bench_release) struct judge_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_drop_picture(stage, "porch/a.jpg", 1);
    bench_drop_picture(stage, "porch/b.jpg", 2);
    int64_t ids[] = {add_detection(&bench, "motion", 0.6, "porch/a.jpg"),
                     add_detection(&bench, "person", 0.8, "porch/b.jpg"),
                     add_detection(&bench, "motion", 0.7, "porch/b.jpg")};
    start(&bench);
    push_batch(&bench, "batch-00000001", ids, COUNT_OF(ids));
    bench_await(stage, "SELECT count(*) FROM events", 1);

    AUTO(json_release) json_t *data = bench_message(stage, "event", 0);
    assert_int_equal(json_member_int(data, "id", 0), 1);
    assert_int_equal(json_member_int(data, "event_id", 0), 1);
    assert_string_equal(json_member_text(data, "batch_id"), "batch-00000001");
    assert_string_equal(json_member_text(data, "camera_id"), "porch");
    assert_string_equal(json_member_text(data, "camera_name"), "Front Porch");
    assert_string_equal(json_member_text(data, "object_types"), "motion,person");
    assert_string_equal(json_member_text(data, "assessed_by"), "rules");
    assert_string_equal(json_member_text(data, "thumbnail_url"), "/api/detections/2/image");
    assert_int_equal(json_member_int(data, "detection_count", 0), 3);
    assert_int_equal(json_array_size(json_object_get(data, "detection_ids")), 3);
    assert_false(json_member_bool(data, "is_fast_path", true));
    assert_int_equal(sum_of_points(json_object_get(data, "factors")),
                     json_member_int(data, "risk_score", -1));
    static const char *const texts[] = {"risk_level", "summary",  "reasoning",
                                        "started_at", "ended_at", "timestamp"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_non_null(json_member_text(data, texts[i]));
    const char *started = json_member_text(data, "started_at");
    assert_int_equal(started[strlen(started) - 1], 'Z');

    bench_assert_text(stage, "SELECT summary FROM events", json_member_text(data, "summary"));
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM event_detections"), 3);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM jobs"), 0);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM class_baselines"), 2);
    assert_int_equal(bench_int(stage, "SELECT sum(sample_count) FROM class_baselines"), 2);
    AUTO(mem_free)
    char *thumbnail = bench_text(stage, "SELECT thumbnail_path FROM detections WHERE id = 2");
    assert_non_null(strstr(thumbnail, "/thumbnails/2_thumb.jpg"));
    assert_int_equal(access(thumbnail, R_OK), 0);
    AWAIT(atomic_load(&stage->tally.events) == 1);
}

static void a_batch_becomes_one_event_however_often_it_is_judged(void **state)
{
    AUTO(bench_release) struct judge_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    int64_t id = add_detection(&bench, "motion", 0.6, "porch/a.jpg");
    start(&bench);
    for (int i = 0; i < 5; i++)
        push_batch(&bench, "batch-00000001", &id, 1);
    bench_await(stage, "SELECT count(*) FROM jobs", 0);
    assert_int_equal(bench_int(stage, "SELECT count(*) FROM events"), 1);
    assert_int_equal(bench_messages(stage, "event"), 1);
    assert_int_equal(bench_int(stage, "SELECT sample_count FROM class_baselines"), 1);
}

static void an_event_does_not_need_its_picture(void **state)
{
    AUTO(bench_release) struct judge_bench bench = {0};

    bench_open(&bench);
    int64_t id = add_detection(&bench, "motion", 0.6, "porch/gone.jpg");
    start(&bench);
    push_batch(&bench, "fast_path_1", &id, 1);
    bench_await(&bench.stage, "SELECT count(*) FROM events WHERE is_fast_path = 1", 1);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM detections WHERE "
                                             "thumbnail_path IS NULL"),
                     1);
}

static void a_batch_without_detections_is_dropped(void **state)
{
    AUTO(bench_release) struct judge_bench bench = {0};
    int64_t unknown[] = {77, 78};

    bench_open(&bench);
    start(&bench);
    push_batch(&bench, "batch-00000001", unknown, COUNT_OF(unknown));
    push(&bench, "{\"batch_id\":\"batch-00000002\"}");
    bench_await(&bench.stage, "SELECT count(*) FROM jobs", 0);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM events"), 0);
    assert_int_equal(bench_int(&bench.stage, "SELECT count(*) FROM dead_letters"), 0);
}

static void what_is_no_job_becomes_a_dead_letter(void **state)
{
    AUTO(bench_release) struct judge_bench bench = {0};

    bench_open(&bench);
    start(&bench);
    push(&bench, "{\"batch_id\":\"\"}");
    push(&bench, "nonsense");
    bench_await(&bench.stage, "SELECT count(*) FROM dead_letters", 2);
    AWAIT(atomic_load(&bench.stage.tally.jobs_refused) == 2);
}

static void the_past_counts(void **state)
{
    AUTO(bench_release) struct judge_bench bench = {0};
    struct stage_bench *stage = &bench.stage;

    bench_open(&bench);
    bench_exec(stage, "INSERT INTO activity_baselines (camera_id, hour, day_of_week, "
                      "decayed_count, sample_count, first_seen, last_updated) "
                      "VALUES ('porch', 0, 0, 1, 1, 1700000000000000, 1700000000000000)");
    int64_t id = add_detection(&bench, "motion", 0.6, "porch/a.jpg");
    start(&bench);
    push_batch(&bench, "batch-00000001", &id, 1);
    bench_await(stage, "SELECT count(*) FROM events", 1);
    AUTO(mem_free) char *factors = bench_text(stage, "SELECT factors FROM events");
    assert_non_null(strstr(factors, "\"novelty\"")); /* watched for years, never seen */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_becomes_an_event_with_its_reasons),
        cmocka_unit_test(a_batch_becomes_one_event_however_often_it_is_judged),
        cmocka_unit_test(an_event_does_not_need_its_picture),
        cmocka_unit_test(a_batch_without_detections_is_dropped),
        cmocka_unit_test(what_is_no_job_becomes_a_dead_letter),
        cmocka_unit_test(the_past_counts),
    };
    return RUN_TESTS(tests);
}

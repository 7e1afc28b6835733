#include "support/detector.h"
#include "support/pipeline.h"

#include "services/system_health.h"

struct metrics_bench {
    struct stage_bench stage;
    struct fake_detector detector;
    struct pipeline *pipeline;
    struct system_health_parts parts;
};

static void bench_open(struct metrics_bench *bench)
{
    AUTO(buf_release) struct buf why = BUF_INIT;

    stage_bench_open(&bench->stage);
    fake_init(&bench->detector, "motion", 0.8);
    bench->stage.stage.parts.detector = &bench->detector.base;
    if (pipeline_start(&bench->stage.stage.settings, &bench->stage.stage.parts, &bench->pipeline,
                       &why) < 0)
        fail_msg("%s", buf_text(&why));
    bench->parts = (struct system_health_parts){.store = bench->stage.journal.database.store,
                                                .journal = bench->stage.journal.journal,
                                                .detections = bench->stage.detections,
                                                .analyses = bench->stage.analyses,
                                                .pipeline = bench->pipeline,
                                                .data_dir = bench->stage.journal.database.folder};
}

static void bench_release(struct metrics_bench *bench)
{
    pipeline_stop(&bench->pipeline);
    stage_bench_release(&bench->stage);
}

static void assert_line(const struct buf *text, const char *line)
{
    AUTO(mem_free) char *wanted = mem_printf("\n%s\n", line);

    if (!strstr(buf_text(text), wanted))
        fail_msg("no line %s in\n%s", line, buf_text(text));
}

static struct pipeline_stats stats_now(const struct metrics_bench *bench)
{
    struct pipeline_stats stats;

    pipeline_stats(bench->pipeline, &stats);
    return stats;
}

static void a_well_pipeline_is_healthy(void **state)
{
    AUTO(bench_release) struct metrics_bench bench = {0};
    enum health_state health = HEALTH_UNHEALTHY;
    bool is_ready = false;

    bench_open(&bench);
    AUTO(json_release) json_t *body = system_health_report(&bench.parts, &health);
    AUTO(json_release) json_t *ready = system_readiness_report(&bench.parts, &is_ready);
    const json_t *pipeline = json_object_get(json_object_get(body, "services"), "pipeline");
    assert_string_equal(json_member_text(pipeline, "status"), "healthy");
    assert_true(is_ready);
    assert_string_equal(json_member_text(ready, "status"), "ready");
}

static void counts_what_the_stages_did(void **state)
{
    AUTO(bench_release) struct metrics_bench bench = {0};
    AUTO(buf_release) struct buf text = BUF_INIT;

    bench_open(&bench);
    bench_mkdir(&bench.stage, "cam");
    bench_drop_picture(&bench.stage, "cam/a.jpg", 1);
    bench_drop_picture(&bench.stage, "cam/b.jpg", 2);
    bench_write(&bench.stage, "cam/empty.jpg", SPAN_LITERAL(""));
    bench_await_count(&bench.stage, "detected", 2);
    bench_await_count(&bench.stage, "refused", 1);
    AWAIT(stats_now(&bench).detections == 2 && stats_now(&bench).files_seen == 3);
    system_metrics(&bench.parts, &text);
    assert_line(&text, "hsi_detections_processed_total 2");
    assert_line(&text, "hsi_detections_by_class_total{object_class=\"motion\"} 2");
    assert_line(&text, "hsi_detections_by_class_total{object_class=\"other\"} 0");
    assert_line(&text, "hsi_detection_confidence_bucket{le=\"0.7\"} 0");
    assert_line(&text, "hsi_detection_confidence_bucket{le=\"0.8\"} 2");
    assert_line(&text, "hsi_detection_confidence_bucket{le=\"+Inf\"} 2");
    assert_line(&text, "hsi_detection_confidence_sum 1.600000");
    assert_line(&text, "hsi_detection_confidence_count 2");
    assert_line(&text, "hsi_stage_duration_seconds_count{stage=\"detect\"} 2");
    assert_line(&text, "hsi_stage_duration_seconds_bucket{stage=\"analyze\",le=\"60\"} 0");
    assert_line(&text, "vigil_files_total{outcome=\"detected\"} 2");
    assert_line(&text, "vigil_files_total{outcome=\"refused\"} 1");
    assert_line(&text, "hsi_pipeline_worker_state{worker_name=\"file_watcher\"} 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_well_pipeline_is_healthy),
        cmocka_unit_test(counts_what_the_stages_did),
    };
    return RUN_TESTS(tests);
}

#include "site.h"

static int set_up(void **state)
{
    struct api_settings settings = {.batch_window_us = 90 * TIME_SECOND,
                                    .batch_idle_us = 30 * TIME_SECOND};
    *state = site_open(&settings);
    return 0;
}

static int tear_down(void **state)
{
    struct site *site = *state;
    site_close(&site);
    return 0;
}

static void test_alive(void **state)
{
    struct site *site = *state;
    site_get(site, "/health", 200);
    assert_string_equal(buf_text(&site->answer.body), "{\"status\":\"alive\"}");
    site_get(site, "/api/system/health/live", 200);
    assert_member(site, "status", "alive");
    assert_string_not_equal(site_member(site, "timestamp"), "");
}

/* No pipeline runs here: what the services say of that is what is answered. */
static void test_health_and_readiness(void **state)
{
    struct site *site = *state;
    site_get(site, "/api/system/health", 503);
    assert_member(site, "status", "degraded");
    assert_member(site, "services.database.status", "healthy");
    site_get(site, "/ready", 503);
    assert_member(site, "ready", "false");
    assert_member(site, "status", "not_ready");
    site_get(site, "/api/system/health/ready", 503);
    assert_member(site, "workers.0.running", "false");
}

static void test_metrics_are_text(void **state)
{
    struct site *site = *state;
    site_get(site, "/api/metrics", 200);
    assert_true(site_header_is(site, "Content-Type", "text/plain; version=0.0.4; charset=utf-8"));
    assert_non_null(strstr(buf_text(&site->answer.body), "\nhsi_detection_queue_depth 0\n"));
}

static void test_totals(void **state)
{
    struct site *site = *state;
    int64_t id;
    site_add_camera(site, "porch", "Porch");
    id = site_add_detection(
        site, (struct detection){.camera_id = "porch", .detected_at = 1, .confidence = 0.5});
    site_add_detection(
        site, (struct detection){.camera_id = "porch", .detected_at = 2, .confidence = 0.5});
    site_add_event(site, (struct event){.camera_id = "porch", .started_at = 1, .risk_score = -1},
                   &id, 1);
    site_get(site, "/api/system/stats", 200);
    assert_member(site, "total_cameras", "1");
    assert_member(site, "total_events", "1");
    assert_member(site, "total_detections", "2");
    assert_string_not_equal(site_member(site, "uptime_seconds"), "");
    site_get(site, "/api/events/1", 200);
    assert_member(site, "risk_score", "");
    assert_member(site, "factors", "[]");
}

struct intake_work {
    struct intake row;
    int64_t id;
};

static int insert_intake(struct store_tx *tx, void *arg)
{
    struct intake_work *work = arg;
    return intake_insert(tx, &work->row, &work->id);
}

static void add_intake(struct site *site, const char *path, enum intake_outcome outcome,
                       const char *reason)
{
    struct intake_work work = {.row = {.camera_id = "porch",
                                       .file_path = (char *)(uintptr_t)path,
                                       .size = 9,
                                       .modified_at = 1,
                                       .seen_at = TIME_SECOND,
                                       .finished_at = TIME_SECOND,
                                       .outcome = outcome,
                                       .reason = (char *)(uintptr_t)reason,
                                       .detail = (char *)(uintptr_t) "a sentence"}};
    assert_int_equal(store_write(site->store, insert_intake, &work), 0);
}

static void test_refused_files(void **state)
{
    struct site *site = *state;
    add_intake(site, "/secret/place/porch/a.jpg", INTAKE_REFUSED, "truncated");
    add_intake(site, "/secret/place/porch/b.jpg", INTAKE_FAILED, "detector");
    add_intake(site, "/secret/place/porch/c.jpg", INTAKE_DETECTED, NULL);

    site_get(site, "/api/intake/refused", 200);
    assert_null(strstr(buf_text(&site->answer.body), "secret"));
    assert_member(site, "pagination.total", "2");
    assert_member(site, "counts.refused", "1");
    assert_member(site, "counts.detected", "1");
    assert_member(site, "counts.queued", "0");
    assert_member(site, "items.1.file", "a.jpg");
    assert_member(site, "items.1.reason", "truncated");
    assert_member(site, "items.1.camera_id", "porch");
    assert_member(site, "items.0.outcome", "failed");
    site_get(site, "/api/intake/refused?limit=1", 200);
    assert_member(site, "items.1.file", "");
    assert_member(site, "pagination.has_more", "true");
    site_get(site, "/api/intake/refused?limit=1001", 422);
}

static void test_the_pipeline(void **state)
{
    struct site *site = *state;
    site_send(site, "POST", "/api/realtime/publish", "{\"type\":\"a\",\"data\":{}}", 200);
    site_get(site, "/api/system/pipeline", 200);
    assert_member(site, "batch_aggregator.active_batches", "0");
    assert_member(site, "batch_aggregator.batch_window_seconds", "90");
    assert_member(site, "batch_aggregator.idle_timeout_seconds", "30");
    assert_member(site, "realtime.last_sequence", "1");
    assert_member(site, "realtime.oldest_sequence", "1");
    assert_member(site, "last_error", "");
    assert_member(site, "workers.1.name", "detection_worker");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_alive, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_health_and_readiness, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_metrics_are_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_totals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_pipeline, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}

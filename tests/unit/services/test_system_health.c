#include "services/system_health.h"

#include "support/journal.h"

#include "loop/lane.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct ward {
    struct journal_bench bench;
    struct queue *queues[2];
    struct lane *lane;
    struct broadcaster *broadcaster;
    struct system_health_parts parts;
};

static struct queue *open_queue(struct ward *ward, const char *name)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct queue_settings settings = {.name = name, .waiting_max = 10, .lease_us = TIME_SECOND};
    struct queue *queue = NULL;

    if (queue_open(ward->bench.database.store, &settings, &queue, &why) < 0)
        fail_msg("%s", buf_text(&why));
    return queue;
}

static int enter(void **state)
{
    struct ward *ward = mem_alloc(sizeof(*ward));
    struct broadcaster_settings settings = {
        .ping_interval_us = 30 * TIME_SECOND,
        .idle_timeout_us = 300 * TIME_SECOND,
        .message_max = 65536,
        .log_frames = 100,
        .replay_max = 1000,
    };

    journal_bench_open(&ward->bench, STORE_SYNC_OFF, 1000);
    ward->queues[0] = open_queue(ward, QUEUE_DETECTION);
    ward->queues[1] = open_queue(ward, QUEUE_ANALYSIS);
    assert_int_equal(lane_new("read", 1, 10, &ward->lane), 0);
    assert_int_equal(broadcaster_new(&settings, ward->bench.journal, ward->bench.core, ward->lane,
                                     &ward->broadcaster, NULL),
                     0);
    ward->parts = (struct system_health_parts){
        .store = ward->bench.database.store,
        .journal = ward->bench.journal,
        .detections = ward->queues[0],
        .analyses = ward->queues[1],
        .broadcaster = ward->broadcaster,
        .data_dir = ward->bench.database.folder,
    };
    *state = ward;
    return 0;
}

static int leave(void **state)
{
    struct ward *ward = *state;

    lane_free(&ward->lane);
    loop_stop(ward->bench.core);
    loop_join(ward->bench.core);
    broadcaster_free(&ward->broadcaster);
    for (size_t i = 0; i < COUNT_OF(ward->queues); i++) {
        queue_stop(ward->queues[i]);
        queue_close(&ward->queues[i]);
    }
    journal_bench_release(&ward->bench);
    mem_free(&ward);
    return 0;
}

static const char *status_of(const json_t *report, const char *service)
{
    return json_member_text(json_object_get(json_object_get(report, "services"), service),
                            "status");
}

static void a_pipeline_that_does_not_run_is_degraded(void **state)
{
    struct ward *ward = *state;
    enum health_state health = HEALTH_HEALTHY;
    AUTO(json_release) json_t *report = system_health_report(&ward->parts, &health);

    assert_int_equal(health, HEALTH_DEGRADED);
    assert_string_equal(json_member_text(report, "status"), "degraded");
    assert_string_equal(status_of(report, "pipeline"), "unhealthy");
    assert_string_equal(status_of(report, "database"), "healthy");
    assert_string_equal(status_of(report, "redis"), "healthy");
    assert_string_equal(status_of(report, "ai"), "healthy");
    assert_true(json_member_number(json_object_get(report, "memory"), "rss_mb", 0) > 1);
}

static void a_data_folder_that_is_gone_is_said(void **state)
{
    struct ward *ward = *state;
    enum health_state health = HEALTH_HEALTHY;
    ward->parts.data_dir = "/absent";
    AUTO(json_release) json_t *report = system_health_report(&ward->parts, &health);

    assert_string_equal(status_of(report, "disk"), "unhealthy");
    assert_int_equal(health, HEALTH_DEGRADED);
}

static int push_nine(struct store_tx *tx, void *queue)
{
    int result = 0;

    for (int i = 0; i < 9 && result == 0; i++)
        result = queue_push(queue, tx, "{}");
    return result;
}

static void a_queue_that_is_nearly_full_is_degraded(void **state)
{
    struct ward *ward = *state;
    enum health_state health = HEALTH_HEALTHY;
    assert_int_equal(store_write(ward->parts.store, push_nine, ward->queues[0]), 0);
    AUTO(json_release) json_t *report = system_health_report(&ward->parts, &health);
    const json_t *queues = json_object_get(json_object_get(report, "services"), "queues");
    const json_t *details = json_object_get(json_object_get(queues, "details"), QUEUE_DETECTION);

    assert_string_equal(status_of(report, "queues"), "degraded");
    assert_int_equal(json_member_int(details, "waiting", -1), 9);
}

static void readiness_wants_the_workers(void **state)
{
    struct ward *ward = *state;
    bool ready = true;
    AUTO(json_release) json_t *report = system_readiness_report(&ward->parts, &ready);

    assert_false(ready);
    assert_string_equal(json_member_text(report, "status"), "not_ready");
    assert_int_equal(json_array_size(json_object_get(report, "workers")), 3);
}

/* "name value" or "name{label="x"} value", each name described before it is used. */
static void check_line(struct span line, const char *text_before)
{
    const char *end = memchr(line.at, ' ', line.len);
    size_t name = 0;

    assert_non_null(end);
    while (isalnum((unsigned char)line.at[name]) || line.at[name] == '_')
        name++;
    AUTO(mem_free) char *type = mem_printf("# TYPE %.*s ", (int)name, line.at);
    assert_non_null(strstr(text_before, type));
    char *rest = NULL;
    (void)strtod(end + 1, &rest);
    assert_ptr_equal(rest, line.at + line.len);
}

static void metrics_are_well_formed(void **state)
{
    struct ward *ward = *state;
    AUTO(buf_release) struct buf text = BUF_INIT;
    unsigned lines = 0;

    system_metrics(&ward->parts, &text);
    struct span rest = buf_span(&text);
    while (rest.len) {
        struct span line = span_cut(&rest, '\n');
        if (span_starts_with(line, "#"))
            continue;
        check_line(line, buf_text(&text));
        lines++;
    }
    assert_true(lines > 20);
    assert_non_null(strstr(buf_text(&text), "hsi_detection_queue_depth 0\n"));
    assert_non_null(strstr(buf_text(&text), "vigil_store_healthy 1\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_pipeline_that_does_not_run_is_degraded, enter, leave),
        cmocka_unit_test_setup_teardown(a_data_folder_that_is_gone_is_said, enter, leave),
        cmocka_unit_test_setup_teardown(a_queue_that_is_nearly_full_is_degraded, enter, leave),
        cmocka_unit_test_setup_teardown(readiness_wants_the_workers, enter, leave),
        cmocka_unit_test_setup_teardown(metrics_are_well_formed, enter, leave),
    };
    return RUN_TESTS(tests);
}

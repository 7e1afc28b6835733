#include "unit.h"

#include "base/own.h"
#include "realtime/event_names.h"

#include <string.h>

static bool answers_to(const char *type, const char *event_type, const char *pattern)
{
    struct event_names names;

    event_names_init(&names, span_of(type), span_of(event_type));
    return event_names_match(&names, span_of(pattern));
}

static void every_alias_of_the_contract_is_known(void **state)
{
    static const char *const table[][2] = {
        {"event", "event.created"},
        {"alert_created", "alert.created"},
        {"alert_updated", "alert.updated"},
        {"alert_deleted", "alert.deleted"},
        {"alert_acknowledged", "alert.acknowledged"},
        {"alert_resolved", "alert.resolved"},
        {"alert_dismissed", "alert.dismissed"},
        {"camera_status", "camera.status_changed"},
        {"scene_change", "scene_change.detected"},
        {"worker_status", "worker.status"},
        {"service_status", "service.status_changed"},
        {"service_status", "service.status"},
        {"system_status", "system.status"},
        {"job_progress", "job.progress"},
        {"infrastructure_alert", "prometheus.alert"},
        {"detection.new", "detection.new"},
        {"batch.analysis_started", "batch.analysis_started"},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        assert_true(answers_to(table[i][0], NULL, table[i][0]));
        assert_true(answers_to(table[i][0], NULL, table[i][1]));
        assert_false(answers_to(table[i][0], NULL, "other"));
    }
}

static void dotted_patterns_reach_underscored_types(void **state)
{
    assert_true(answers_to("alert_created", NULL, "alert.*"));
    assert_true(answers_to("event", NULL, "event.*"));
    assert_true(answers_to("job_completed", NULL, "job.*"));
    assert_false(answers_to("event", NULL, "alert.*"));
    assert_false(answers_to("scene_change", NULL, "event*"));
}

static void the_datas_event_type_is_a_name_of_two_types(void **state)
{
    assert_true(answers_to("camera_status", "camera.offline", "camera.offline"));
    assert_true(answers_to("worker_status", "worker.error", "worker.err*"));
    assert_false(answers_to("event", "camera.offline", "camera.offline"));
    assert_true(event_names_use_data(SPAN_LITERAL("camera_status")));
    assert_false(event_names_use_data(SPAN_LITERAL("event")));
}

static void case_does_not_matter(void **state)
{
    assert_true(answers_to("Detection.NEW", NULL, "detection.new"));
    assert_true(answers_to("camera_status", "Camera.Offline", "camera.offline"));
    assert_true(event_names_use_data(SPAN_LITERAL("Camera_Status")));
}

static void channels_are_compared_as_a_whole(void **state)
{
    assert_true(answers_to("event", NULL, "events"));
    assert_true(answers_to("alert_created", NULL, "alerts"));
    assert_true(answers_to("detection.batch", NULL, "detections"));
    assert_false(answers_to("detection.batch", NULL, "events"));
    assert_false(answers_to("detection.batch", NULL, "detections*"));
}

static void long_names_are_cut(void **state)
{
    char type[1000];

    memset(type, 'x', sizeof(type) - 1);
    type[sizeof(type) - 1] = '\0';
    assert_true(answers_to(type, NULL, "xxx*"));
    memcpy(type, "alert_", 6);
    assert_true(answers_to(type, type, "alert.x*"));
    assert_true(answers_to("", "", "*") == false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_alias_of_the_contract_is_known),
        cmocka_unit_test(dotted_patterns_reach_underscored_types),
        cmocka_unit_test(the_datas_event_type_is_a_name_of_two_types),
        cmocka_unit_test(case_does_not_matter),
        cmocka_unit_test(channels_are_compared_as_a_whole),
        cmocka_unit_test(long_names_are_cut),
    };

    return RUN_TESTS(tests);
}

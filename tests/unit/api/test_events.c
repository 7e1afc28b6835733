#include "site.h"

#include <stdlib.h>

#define HOUR (3600 * TIME_SECOND)
#define BEGIN 1763683200000000 /* 2025-11-21T00:00:00Z */

static int set_up(void **state)
{
    struct site *site = site_open(NULL);
    site_add_camera(site, "porch", "Porch");
    site_add_camera(site, "yard", "Yard");
    *state = site;
    return 0;
}

static int tear_down(void **state)
{
    struct site *site = *state;
    site_close(&site);
    return 0;
}

static struct event event_of(const char *camera, int64_t started, int score, const char *level)
{
    return (struct event){.camera_id = (char *)(uintptr_t)camera,
                          .started_at = started,
                          .ended_at = started + TIME_SECOND,
                          .risk_score = score,
                          .risk_level = (char *)(uintptr_t)level,
                          .summary = (char *)(uintptr_t) "Someone came",
                          .reasoning = (char *)(uintptr_t) "because",
                          .factors = (char *)(uintptr_t) "[{\"name\":\"night\",\"points\":20}]",
                          .assessed_by = (char *)(uintptr_t) "rules",
                          .object_types = (char *)(uintptr_t) "motion,person"};
}

static void test_one_event_has_everything(void **state)
{
    struct site *site = *state;
    int64_t ids[] = {site_add_detection(site, (struct detection){.camera_id = "porch",
                                                                 .detected_at = BEGIN,
                                                                 .confidence = 0.5}),
                     site_add_detection(site, (struct detection){.camera_id = "porch",
                                                                 .detected_at = BEGIN + 1,
                                                                 .confidence = 0.5})};
    int64_t id = site_add_event(site, event_of("porch", BEGIN, 75, "high"), ids, 2);
    AUTO(mem_free) char *path = mem_printf("/api/events/%lld", (long long)id);
    AUTO(mem_free) char *image = mem_printf("/api/detections/%lld/image", (long long)ids[0]);

    site_get(site, path, 200);
    assert_member(site, "camera_id", "porch");
    assert_member(site, "camera_name", "Porch");
    assert_member(site, "started_at", "2025-11-21T00:00:00Z");
    assert_member(site, "risk_score", "75");
    assert_member(site, "risk_level", "high");
    assert_member(site, "detection_count", "2");
    assert_member(site, "thumbnail_url", image);
    assert_member(site, "factors.0.name", "night");
    assert_member(site, "assessed_by", "rules");
    assert_member(site, "object_types", "[\"motion\",\"person\"]");
    assert_member(site, "reviewed", "false");

    site_get(site, "/api/events/999", 404);
    assert_member(site, "error_code", "EVENT_NOT_FOUND");
    site_get(site, "/api/events/12abc", 422);
    assert_member(site, "error.errors.0.field", "path.event_id");
    assert_member(site, "error.errors.0.value", "12abc");
    site_get(site, "/api/events/0", 422);
}

/* Contract §33, 1: every id once, though many began in the same instant. */
static void test_a_walk_by_cursor_meets_each_event_once(void **state)
{
    enum { EVENTS = 57, PAGE = 10 };
    struct site *site = *state;
    bool seen[EVENTS + 1] = {false};
    AUTO(mem_free) char *cursor = NULL;
    size_t pages = 0, met = 0;
    int64_t last = INT64_MAX;

    for (int i = 0; i < EVENTS; i++)
        site_add_event(site, event_of("porch", BEGIN + (i / 20) * HOUR, 10, "low"), NULL, 0);
    do {
        AUTO(mem_free)
        char *path = mem_printf("/api/events?limit=%d%s%s", PAGE, cursor ? "&cursor=" : "",
                                cursor ? cursor : "");
        site_get(site, path, 200);
        AUTO(json_release) json_t *body = site_json(site);
        const json_t *item, *pagination = json_object_get(body, "pagination");
        size_t i;
        json_array_foreach(json_object_get(body, "items"), i, item)
        {
            int64_t id = json_member_int(item, "id", 0);
            assert_true(id >= 1 && id <= EVENTS && !seen[id] && id < last);
            seen[id] = true;
            last = id;
            met++;
        }
        assert_int_equal(json_member_int(pagination, "total", -1), cursor ? 0 : EVENTS);
        mem_free(&cursor);
        cursor = mem_strdup(json_member_text(pagination, "next_cursor"));
        assert_int_equal(json_member_bool(pagination, "has_more", false), cursor != NULL);
        pages++;
    } while (cursor && pages < EVENTS);
    assert_int_equal(met, EVENTS);
    assert_int_equal(pages, 6);
}

/* Contract §33, 2. */
static void test_offset_is_deprecated(void **state)
{
    struct site *site = *state;
    for (int i = 0; i < 3; i++)
        site_add_event(site, event_of("porch", BEGIN + i, 10, "low"), NULL, 0);

    site_get(site, "/api/events?limit=1&offset=1", 200);
    assert_string_not_equal(site_member(site, "deprecation_warning"), "");
    assert_true(site_header_is(site, "Deprecation", "true"));
    assert_member(site, "items.0.id", "2");
    assert_member(site, "pagination.offset", "1");
    assert_member(site, "pagination.has_more", "true");
    AUTO(mem_free) char *cursor = mem_strdup(site_member(site, "pagination.next_cursor"));

    AUTO(mem_free) char *both = mem_printf("/api/events?limit=1&offset=2&cursor=%s", cursor);
    site_get(site, both, 200);
    assert_member(site, "deprecation_warning", "");
    assert_null(http_answer_header(&site->answer, "Deprecation").at);
    assert_member(site, "items.0.id", "1");
    assert_member(site, "pagination.offset", "");
    assert_member(site, "pagination.cursor", cursor);
    site_get(site, "/api/events?offset=0", 200);
    assert_member(site, "deprecation_warning", "");
}

/* Contract §33, 3. */
static void test_wrong_parameters(void **state)
{
    struct site *site = *state;
    static const struct {
        const char *query, *field;
    } invalid[] = {
        {"limit=101", "query.limit"},
        {"limit=0", "query.limit"},
        {"limit=12abc", "query.limit"},
        {"limit=", "query.limit"},
        {"limit=1.0", "query.limit"},
        {"limit=99999999999999999999", "query.limit"},
        {"offset=-1", "query.offset"},
        {"reviewed=maybe", "query.reviewed"},
        {"start_date=soon", "query.start_date"},
        {"end_date=2025-13-01", "query.end_date"},
    };
    for (size_t i = 0; i < COUNT_OF(invalid); i++) {
        AUTO(mem_free) char *path = mem_printf("/api/events?%s", invalid[i].query);
        site_get(site, path, 422);
        assert_member(site, "error.errors.0.field", invalid[i].field);
    }
    site_get(site, "/api/events?limit=x&offset=y&reviewed=z", 422);
    assert_member(site, "error.errors.2.field", "query.reviewed");

    site_get(site, "/api/events?cursor=rubbish", 400);
    assert_true(site_header_is(site, "Content-Type", "application/problem+json"));
    assert_member(site, "error_code", "INVALID_PAGINATION");
    site_get(site, "/api/events?fields=id,nonsense", 400);
    assert_member(site, "error_code", "INVALID_FILTER");
    site_get(site, "/api/events?start_date=2026-01-02&end_date=2026-01-01", 400);
    assert_member(site, "error_code", "INVALID_DATE_RANGE");
    site_get(site, "/api/events?start_date=2026-01-01&end_date=2026-01-01", 200);
    site_get(site, "/api/events/stats?start_date=2026-01-02&end_date=2026-01-01", 400);
}

static const char *total(struct site *site, const char *query)
{
    AUTO(mem_free) char *path = mem_printf("/api/events?%s", query);
    site_get(site, path, 200);
    return site_member(site, "pagination.total");
}

static void test_filters(void **state)
{
    struct site *site = *state;
    struct event reviewed = event_of("yard", BEGIN + 25 * HOUR, 90, "critical");
    reviewed.reviewed = true;
    site_add_event(site, event_of("porch", BEGIN, 10, "low"), NULL, 0);
    site_add_event(site, event_of("porch", BEGIN + 23 * HOUR, 70, "high"), NULL, 0);
    site_add_event(site, reviewed, NULL, 0);

    assert_string_equal(total(site, ""), "3");
    assert_string_equal(total(site, "camera_id=porch"), "2");
    assert_string_equal(total(site, "camera_id=nobody"), "0");
    assert_string_equal(total(site, "risk_level=high"), "1");
    assert_string_equal(total(site, "object_type=person"), "3");
    assert_string_equal(total(site, "object_type=perso"), "0");
    assert_string_equal(total(site, "start_date=2025-11-21T23:00:00Z"), "2");
    assert_string_equal(total(site, "start_date=2025-11-22T00:00:00%2B01:00"), "2");
    assert_string_equal(total(site, "end_date=2025-11-21"), "2");
    assert_string_equal(total(site, "end_date=2025-11-21T00:00:00Z"), "1");
    assert_string_equal(total(site, "end_date=1970-01-01T00:00:00Z"), "0");
    assert_string_equal(total(site, "fields=id&limit=1"), "3");
    assert_member(site, "items", "[{\"id\":3}]");
}

/* Contract §33, 4. */
static void test_patch_absent_is_not_null(void **state)
{
    struct site *site = *state;
    site_add_event(site, event_of("porch", BEGIN, 10, "low"), NULL, 0);

    site_send(site, "PATCH", "/api/events/1",
              "{\"reviewed\":true,\"notes\":\"the postman\","
              "\"snooze_until\":\"2026-01-01T00:00:00+01:00\"}",
              200);
    assert_member(site, "reviewed", "true");
    assert_member(site, "notes", "the postman");
    assert_member(site, "snooze_until", "2025-12-31T23:00:00Z");
    AUTO(mem_free) char *version = mem_strdup(site_member(site, "version"));

    site_send(site, "PATCH", "/api/events/1", "{}", 200);
    assert_member(site, "notes", "the postman");
    assert_member(site, "version", version);
    site_send(site, "PATCH", "/api/events/1", "{\"reviewed\":null}", 200);
    assert_member(site, "reviewed", "true");
    assert_member(site, "version", version);
    site_send(site, "PATCH", "/api/events/1", "{\"notes\":null}", 200);
    assert_member(site, "notes", "");
    assert_member(site, "reviewed", "true");
    assert_member(site, "snooze_until", "2025-12-31T23:00:00Z");
    assert_string_not_equal(site_member(site, "version"), version);
    site_send(site, "PATCH", "/api/events/1", "{\"snooze_until\":null,\"reviewed\":false}", 200);
    assert_member(site, "snooze_until", "");
    site_get(site, "/api/events/1", 200);
    assert_member(site, "reviewed", "false");
    assert_member(site, "notes", "");

    site_send(site, "PATCH", "/api/events/2", "{}", 404);
    site_send(site, "PATCH", "/api/events/2", "{\"notes\":\"x\"}", 404);
    site_send(site, "PATCH", "/api/events/1", "{\"reviewed\":\"yes\",\"notes\":5}", 422);
    assert_member(site, "error.errors.0.field", "body.reviewed");
    assert_member(site, "error.errors.1.field", "body.notes");
    site_send(site, "PATCH", "/api/events/1", "{\"snooze_until\":\"later\"}", 422);

    struct journal_position position;
    journal_position(site->journal, &position);
    assert_int_equal(position.last, 3); /* the three that changed something */
}

static void test_its_detections_in_order(void **state)
{
    struct site *site = *state;
    int64_t ids[3];
    for (int i = 0; i < 3; i++)
        ids[i] = site_add_detection(
            site,
            (struct detection){.camera_id = "porch", .detected_at = BEGIN - i, .confidence = 0.5});
    site_add_event(site, event_of("porch", BEGIN, 10, "low"), ids, 3);

    site_get(site, "/api/events/1/detections?limit=2", 200);
    assert_member(site, "items.0.id", "3");
    assert_member(site, "items.1.id", "2");
    assert_member(site, "items.2.id", "");
    assert_member(site, "pagination.total", "3");
    assert_member(site, "pagination.has_more", "true");
    site_get(site, "/api/events/1/detections?limit=2&offset=2", 200);
    assert_member(site, "items.0.id", "1");
    assert_member(site, "pagination.has_more", "false");
    site_get(site, "/api/events/1/detections?limit=1000", 200);
    site_get(site, "/api/events/1/detections?limit=1001", 422);
    site_get(site, "/api/events/2/detections", 404);
}

static void test_statistics(void **state)
{
    struct site *site = *state;
    site_add_event(site, event_of("porch", BEGIN, 10, "low"), NULL, 0);
    site_add_event(site, event_of("yard", BEGIN, 95, "critical"), NULL, 0);
    site_add_event(site, event_of("yard", BEGIN + 48 * HOUR, 70, "high"), NULL, 0);

    site_get(site, "/api/events/stats", 200);
    assert_member(site, "total_events", "3");
    assert_member(site, "events_by_risk_level",
                  "{\"critical\":1,\"high\":1,\"medium\":0,\"low\":1}");
    assert_member(site, "risk_distribution.0.risk_level", "critical");
    assert_member(site, "risk_distribution.3.count", "1");
    assert_member(site, "events_by_camera.0.camera_name", "Yard");
    assert_member(site, "events_by_camera.0.event_count", "2");
    assert_member(site, "events_by_camera.1.camera_id", "porch");
    site_get(site, "/api/events/stats?camera_id=porch&end_date=2025-11-21", 200);
    assert_member(site, "total_events", "1");
    assert_member(site, "events_by_camera.1.camera_id", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_event_has_everything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_walk_by_cursor_meets_each_event_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_offset_is_deprecated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_parameters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_filters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_patch_absent_is_not_null, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_its_detections_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_statistics, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}

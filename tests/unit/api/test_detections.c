#include "site.h"

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

static void test_one_detection(void **state)
{
    struct site *site = *state;
    site_add_detection(site, (struct detection){.camera_id = "porch",
                                                .file_path = "/c/porch/a\xff.jpg",
                                                .detected_at = BEGIN,
                                                .object_type = "person",
                                                .confidence = 0.75,
                                                .bbox_x = 1,
                                                .bbox_y = 2,
                                                .bbox_width = 3,
                                                .bbox_height = 4,
                                                .video_width = 640,
                                                .video_height = 480,
                                                .enrichment_data = "{\"weather\":\"rain\"}"});
    site_add_detection(
        site, (struct detection){.camera_id = "porch", .detected_at = BEGIN, .confidence = 0.5});

    site_get(site, "/api/detections/1", 200);
    assert_member(site, "object_type", "person");
    assert_member(site, "confidence", "0.75");
    assert_member(site, "bbox_x", "1");
    assert_member(site, "bbox_height", "4");
    assert_member(site, "video_width", "640");
    assert_member(site, "file_path", "/c/porch/a\xef\xbf\xbd.jpg");
    assert_member(site, "enrichment_data.weather", "rain");
    assert_member(site, "media_type", "image");
    assert_member(site, "detected_at", "2025-11-21T00:00:00Z");
    site_get(site, "/api/detections/2", 200);
    assert_member(site, "bbox_x", "");
    assert_member(site, "enrichment_data", "");
    site_get(site, "/api/detections/3", 404);
    assert_member(site, "error_code", "DETECTION_NOT_FOUND");
    site_get(site, "/api/detections/x", 422);
    assert_member(site, "error.errors.0.field", "path.detection_id");
}

static const char *total(struct site *site, const char *query)
{
    AUTO(mem_free) char *path = mem_printf("/api/detections?%s", query);
    site_get(site, path, 200);
    return site_member(site, "pagination.total");
}

static void test_the_list(void **state)
{
    struct site *site = *state;
    for (int i = 0; i < 5; i++)
        site_add_detection(site, (struct detection){.camera_id = i < 2 ? "yard" : "porch",
                                                    .detected_at = BEGIN,
                                                    .object_type = i % 2 ? "car" : "person",
                                                    .confidence = 0.5 + i * 0.1});
    assert_string_equal(total(site, ""), "5");
    assert_string_equal(total(site, "camera_id=yard"), "2");
    assert_string_equal(total(site, "object_type=car"), "2");
    assert_string_equal(total(site, "min_confidence=0.75"), "2");
    assert_string_equal(total(site, "start_date=2025-11-22"), "0");
    site_get(site, "/api/detections?limit=2&fields=id", 200);
    assert_member(site, "items", "[{\"id\":5},{\"id\":4}]");
    AUTO(mem_free)
    char *next = mem_printf("/api/detections?limit=3&fields=id&cursor=%s",
                            site_member(site, "pagination.next_cursor"));
    site_get(site, next, 200);
    assert_member(site, "items", "[{\"id\":3},{\"id\":2},{\"id\":1}]");
    assert_member(site, "pagination.next_cursor", "");
    site_get(site, "/api/detections?min_confidence=1.5", 422);
    assert_member(site, "error.errors.0.field", "query.min_confidence");
    site_get(site, "/api/detections?min_confidence=nan", 422);
    site_get(site, "/api/detections?limit=101", 422);
    site_get(site, "/api/detections?cursor=%21", 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_detection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_list, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}

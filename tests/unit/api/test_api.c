/* What holds for every route: unknown paths, other methods, media types, keys, origins, a full
 * lane. */
#include "site.h"

#include "loop/latch.h"

static int set_up(void **state)
{
    static const char *const origins[] = {"http://panel.example", NULL};
    const struct api_settings settings = {.cors_origins = origins};
    *state = site_open(&settings);
    return 0;
}

static int set_up_keyed(void **state)
{
    static const char *const keys[] = {"sesame", "second", NULL};
    const struct api_settings settings = {.key_required = true, .keys = keys};
    *state = site_open(&settings);
    return 0;
}

static int tear_down(void **state)
{
    struct site *site = *state;
    site_close(&site);
    return 0;
}

static void test_unknown_paths_are_problems(void **state)
{
    struct site *site = *state;
    site_get(site, "/api/nothing?x=1", 404);
    assert_true(site_header_is(site, "Content-Type", "application/problem+json"));
    assert_member(site, "type", "about:blank");
    assert_member(site, "title", "Not Found");
    assert_member(site, "status", "404");
    assert_member(site, "instance", "/api/nothing");
    assert_member(site, "error_code", "NOT_FOUND");
    struct span id = http_answer_header(&site->answer, "X-Request-ID");
    assert_true(id.len > 0 && span_is(id, site_member(site, "request_id")));
    site_get(site, "/ws/nothing", 404);
    site_ask(site, "POST", "/nothing", "", 404);
}

static void test_other_methods_are_405(void **state)
{
    struct site *site = *state;
    site_ask(site, "DELETE", "/api/events", "", 405);
    assert_true(site_header_is(site, "Allow", "GET, HEAD, OPTIONS"));
    assert_member(site, "error_code", "METHOD_NOT_ALLOWED");
    site_ask(site, "TRACE", "/health", "", 405);
}

static void test_head_is_get_without_a_body(void **state)
{
    struct site *site = *state;
    site_ask(site, "HEAD", "/api/cameras", "", 200);
    assert_true(site_header_is(site, "Content-Type", "application/json"));
    assert_int_equal(site->answer.body.len, 0);
}

static void test_only_json_is_read(void **state)
{
    struct site *site = *state;
    static const char *const wrong[] = {
        "Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: application/jsonx\r\n",
        "",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        http_ask(site->port, "POST", "/api/cameras", wrong[i], SPAN_LITERAL("{}"), &site->answer);
        assert_int_equal(site->answer.status, 415);
        assert_member(site, "error", "unsupported_media_type");
    }
    http_ask(site->port, "POST", "/api/cameras",
             "Content-Type: Application/JSON; charset=utf-8\r\n", SPAN_LITERAL("{}"),
             &site->answer);
    assert_int_equal(site->answer.status, 422);
}

static void test_a_body_that_is_none_is_422(void **state)
{
    struct site *site = *state;
    static const char *const bodies[] = {"{\"name\":", "[]", "null", "{\"a\":1,\"a\":2}", " "};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        site_send(site, "POST", "/api/cameras", bodies[i], 422);
        assert_member(site, "error.code", "VALIDATION_ERROR");
        assert_member(site, "error.errors.0.field", "body");
        assert_string_not_equal(site_member(site, "error.timestamp"), "");
        assert_string_not_equal(site_member(site, "error.request_id"), "");
    }
    site_ask(site, "POST", "/api/cameras", "", 422);
    assert_member(site, "error.errors.0.value", "");
}

static void test_pages_of_other_origins_change_nothing(void **state)
{
    struct site *site = *state;
    AUTO(mem_free) char *same = mem_printf("Origin: http://127.0.0.1:%u\r\n", site->port);

    site_ask(site, "DELETE", "/api/cameras/x", "Origin: http://evil.example\r\n", 403);
    assert_member(site, "error_code", "ACCESS_DENIED");
    site_ask(site, "DELETE", "/api/cameras/x", "Origin: null\r\n", 403);
    site_ask(site, "DELETE", "/api/cameras/x", "Origin: http://panel.example\r\n", 404);
    site_ask(site, "DELETE", "/api/cameras/x", same, 404);
}

static void test_listed_origins_may_read(void **state)
{
    struct site *site = *state;
    site_ask(site, "GET", "/api/cameras", "Origin: http://panel.example\r\n", 200);
    assert_true(site_header_is(site, "Access-Control-Allow-Origin", "http://panel.example"));
    assert_true(site_header_is(site, "Access-Control-Allow-Credentials", "true"));
    site_ask(site, "GET", "/api/cameras", "Origin: http://evil.example\r\n", 200);
    assert_null(http_answer_header(&site->answer, "Access-Control-Allow-Origin").at);
    assert_true(site_header_is(site, "Vary", "Origin"));
}

static void test_preflights(void **state)
{
    struct site *site = *state;
    site_ask(site, "OPTIONS", "/api/cameras",
             "Origin: http://panel.example\r\nAccess-Control-Request-Method: POST\r\n"
             "Access-Control-Request-Headers: content-type, x-api-key\r\n",
             204);
    assert_true(site_header_is(site, "Access-Control-Allow-Origin", "http://panel.example"));
    assert_true(site_header_is(site, "Access-Control-Allow-Headers", "content-type, x-api-key"));
    assert_true(site_header_is(site, "Access-Control-Allow-Methods",
                               "GET, POST, PUT, PATCH, DELETE, OPTIONS"));
    site_ask(site, "OPTIONS", "/api/cameras",
             "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n", 400);
    site_ask(site, "OPTIONS", "/api/cameras", "", 204);
    assert_true(site_header_is(site, "Allow", "GET, HEAD, POST, OPTIONS"));
    site_ask(site, "OPTIONS", "/api/nothing", "", 404);
}

static void test_keys(void **state)
{
    struct site *site = *state;
    static const char *const open[] = {"/",
                                       "/health",
                                       "/api/metrics?x",
                                       "/openapi.json",
                                       "/assets/a.js",
                                       "/api/detections/1/image",
                                       "/api/cameras/a/snapshot",
                                       "/api/media/thumbnails/a.jpg"};
    for (size_t i = 0; i < COUNT_OF(open); i++) {
        http_get(site->port, open[i], &site->answer);
        assert_int_not_equal(site->answer.status, 401);
    }

    site_get(site, "/api/cameras", 401);
    AUTO(mem_free) char *missing = mem_strdup(site_member(site, "detail"));
    site_ask(site, "GET", "/api/cameras", "X-API-Key: wrong\r\n", 401);
    assert_string_not_equal(site_member(site, "detail"), missing);
    site_ask(site, "GET", "/api/cameras", "X-API-Key: sesame\r\n", 200);
    site_get(site, "/api/cameras?api_key=second", 200);
    site_get(site, "/api/nothing", 401);
    site_get(site, "/api/nothing?api_key=sesame", 404);
    site_get(site, "/api/events/1/detections", 401);
    site_ask(site, "PATCH", "/api/events/1", "", 401);
}

/* ---- a full lane ---- */

struct plug {
    struct latch entered;
    struct latch *leave;
};

static void plug_call(void *arg)
{
    struct plug *plug = arg;
    latch_open(&plug->entered);
    latch_wait(plug->leave);
}

static void no_call(void *arg)
{
    (void)arg;
}

static void test_a_full_lane_is_503(void **state)
{
    struct site *site = *state;
    struct plug plugs[SITE_LANE_THREADS];
    struct latch leave;

    latch_init(&leave);
    for (size_t i = 0; i < COUNT_OF(plugs); i++) {
        plugs[i].leave = &leave;
        latch_init(&plugs[i].entered);
        assert_int_equal(lane_submit(site->lane, plug_call, &plugs[i]), 0);
        latch_wait(&plugs[i].entered);
    }
    while (lane_submit(site->lane, no_call, NULL) == 0)
        continue;

    site_get(site, "/api/cameras", 503);
    assert_member(site, "error_code", "SERVICE_UNAVAILABLE");
    assert_true(site_header_is(site, "Retry-After", "1"));
    site_get(site, "/health", 200); /* alive all the same */
    latch_open(&leave);
    site_get(site, "/ws/nothing", 404);
    lane_free(&site->lane); /* all plugs have left before the latches go */
    for (size_t i = 0; i < COUNT_OF(plugs); i++)
        latch_release(&plugs[i].entered);
    latch_release(&leave);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_unknown_paths_are_problems, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_methods_are_405, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_head_is_get_without_a_body, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_only_json_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_body_that_is_none_is_422, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pages_of_other_origins_change_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_listed_origins_may_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_preflights, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keys, set_up_keyed, tear_down),
        cmocka_unit_test_setup_teardown(test_a_full_lane_is_503, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}

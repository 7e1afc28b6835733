#include "site.h"

static int set_up(void **state)
{
    *state = site_open(NULL);
    return 0;
}

static int tear_down(void **state)
{
    struct site *site = *state;
    site_close(&site);
    return 0;
}

static void install(struct site *site)
{
    AUTO(mem_free) char *assets = mem_printf("%s/assets", site->web);
    assert_int_equal(mkdir(assets, 0700), 0);
    site_put(site->web, "index.html", SPAN_LITERAL("<title>Vigil</title>"));
    site_put(site->web, "favicon.svg", SPAN_LITERAL("<svg/>"));
    site_put(site->web, ".env", SPAN_LITERAL("KEY=TREASURE"));
    site_put(assets, "index-5f3a.js", SPAN_LITERAL("run()"));
    site_put(site->folder, "secret.js", SPAN_LITERAL("TREASURE"));
}

static void test_without_a_dashboard_the_root_says_so(void **state)
{
    struct site *site = *state;
    site_get(site, "/", 200);
    assert_true(site_header_is(site, "Content-Type", "application/json"));
    assert_member(site, "status", "ok");
    assert_string_not_equal(site_member(site, "message"), "");
    site_get(site, "/timeline", 404);
    site_get(site, "/assets/a.js", 404);
}

static void test_pages_are_the_index(void **state)
{
    struct site *site = *state;
    static const char *const pages[] = {"/", "/timeline", "/events/12?tab=boxes", "/index.html"};
    install(site);
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        site_get(site, pages[i], 200);
        assert_true(site_header_is(site, "Content-Type", "text/html; charset=utf-8"));
        assert_true(site_header_is(site, "Cache-Control", "no-cache"));
        assert_string_equal(buf_text(&site->answer.body), "<title>Vigil</title>");
    }
    site_get(site, "/apiary", 200);
    site_get(site, "/api", 404);
    site_get(site, "/api/timeline", 404);
    site_get(site, "/ws/timeline", 404);
    site_ask(site, "POST", "/timeline", "", 404);
}

static void test_assets_are_kept(void **state)
{
    struct site *site = *state;
    install(site);
    site_get(site, "/assets/index-5f3a.js", 200);
    assert_true(site_header_is(site, "Content-Type", "text/javascript; charset=utf-8"));
    assert_true(site_header_is(site, "Cache-Control", "public, max-age=31536000, immutable"));
    assert_string_equal(buf_text(&site->answer.body), "run()");
    site_get(site, "/favicon.svg", 200);
    assert_true(site_header_is(site, "Content-Type", "image/svg+xml"));
    assert_true(site_header_is(site, "Cache-Control", "no-cache"));
}

static void test_nothing_else_is_shown(void **state)
{
    struct site *site = *state;
    static const char *const refused[] = {"/missing.js",
                                          "/assets/missing.js",
                                          "/.env",
                                          "/assets/../.env",
                                          "/assets/..%2f.env",
                                          "/..%2fsecret.js",
                                          "/assets/../../secret.js",
                                          "//etc/passwd.txt"};
    install(site);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        http_get(site->port, refused[i], &site->answer);
        assert_null(strstr(buf_text(&site->answer.body), "TREASURE"));
        assert_int_equal(site->answer.status, 404);
    }
}

static void test_the_document_is_served(void **state)
{
    struct site *site = *state;
    site_get(site, "/openapi.json", 404);
    site_put(site->folder, "openapi.json", SPAN_LITERAL("{\"openapi\":\"3.1.0\"}"));
    site_get(site, "/openapi.json", 200);
    assert_true(site_header_is(site, "Content-Type", "application/json"));
    assert_member(site, "openapi", "3.1.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_without_a_dashboard_the_root_says_so, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_pages_are_the_index, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_assets_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_else_is_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_document_is_served, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}

#include "api/origin_private.h"

#include "unit.h"

static const char *const listed[] = {"http://localhost:5173", "https://vigil.example", NULL};
static const char *const anyone[] = {"http://localhost:5173", "*", NULL};

static enum origin judge(const char *origin, const char *host, const char *const *allowed)
{
    const struct http_header headers[] = {
        {SPAN_LITERAL("Host"), span_of(host)},
        {SPAN_LITERAL("origin"), span_of(origin)},
    };
    struct http_request request = {.headers = headers, .header_count = origin ? 2 : 1};
    return origin_of(&request, allowed);
}

static void test_whose_page_it_is(void **state)
{
    assert_int_equal(judge(NULL, "a:8000", listed), ORIGIN_NONE);
    assert_int_equal(judge("http://a:8000", "a:8000", listed), ORIGIN_SAME);
    assert_int_equal(judge("http://A:8000", "a:8000", NULL), ORIGIN_SAME);
    assert_int_equal(judge("http://a", "a:80", NULL), ORIGIN_SAME);
    assert_int_equal(judge("https://a", "a:443", NULL), ORIGIN_SAME);
    assert_int_equal(judge("https://a", "a", NULL), ORIGIN_SAME);
    assert_int_equal(judge("http://a:443", "a", NULL), ORIGIN_FOREIGN);
    assert_int_equal(judge("http://a:8001", "a:8000", listed), ORIGIN_FOREIGN);
    assert_int_equal(judge("http://a.evil", "a", listed), ORIGIN_FOREIGN);
    assert_int_equal(judge("null", "null", listed), ORIGIN_FOREIGN);
    assert_int_equal(judge("", "a", listed), ORIGIN_FOREIGN);
    assert_int_equal(judge("file://", "", listed), ORIGIN_FOREIGN);
    assert_int_equal(judge("http://", "", listed), ORIGIN_FOREIGN);
    assert_int_equal(judge("https://vigil.example", "10.0.0.1:8000", listed), ORIGIN_LISTED);
    assert_int_equal(judge("http://vigil.example", "10.0.0.1:8000", listed), ORIGIN_FOREIGN);
    assert_int_equal(judge("http://evil", "a", anyone), ORIGIN_ANYONE);
    assert_int_equal(judge("http://localhost:5173", "a", anyone), ORIGIN_LISTED);
}

static bool is_local(bool loopback, const char *host, const char *proxy_header)
{
    const struct http_header headers[] = {
        {SPAN_LITERAL("Host"), span_of(host)},
        {span_of(proxy_header ? proxy_header : "Accept"), SPAN_LITERAL("10.0.0.7")},
    };
    struct http_request request = {
        .headers = headers, .header_count = 2, .peer_is_loopback = loopback};
    return request_is_local(&request);
}

static void test_who_is_on_this_machine(void **state)
{
    assert_true(is_local(true, "127.0.0.1:8000", NULL));
    assert_true(is_local(true, "localhost", NULL));
    assert_true(is_local(true, "LOCALHOST:8000", NULL));
    assert_true(is_local(true, "[::1]:8000", NULL));
    assert_true(is_local(true, "127.0.0.53", NULL));
    assert_false(is_local(false, "127.0.0.1:8000", NULL));
    /* A name that somebody made point here. */
    assert_false(is_local(true, "evil.example:8000", NULL));
    assert_false(is_local(true, "127.0.0.1.evil.example", NULL));
    assert_false(is_local(true, "localhost.evil.example", NULL));
    assert_false(is_local(true, "", NULL));
    /* Somebody else's request, passed on. */
    assert_false(is_local(true, "127.0.0.1:8000", "X-Forwarded-For"));
    assert_false(is_local(true, "127.0.0.1:8000", "x-real-ip"));
    assert_false(is_local(true, "127.0.0.1:8000", "Forwarded"));
    assert_false(is_local(true, "127.0.0.1:8000", "Via"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whose_page_it_is),
        cmocka_unit_test(test_who_is_on_this_machine),
    };
    return RUN_TESTS(tests);
}

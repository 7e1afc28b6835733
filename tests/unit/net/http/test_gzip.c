#include "unit.h"

#include "base/own.h"
#include "net/http/response_private.h"
#include "requests.h"

static void reads_what_the_peer_accepts(void **state)
{
    static const struct {
        bool accepted;
        const char *value;
    } cases[] = {
        {true, "gzip"},
        {true, "GZIP"},
        {true, "x-gzip"},
        {true, "deflate, gzip;q=1.0, br"},
        {true, "gzip;q=0.5"},
        {true, "gzip ; q=0.001"},
        {true, "*"},
        {true, "br;q=0, *"},
        {true, "br, *;q=0.1"},
        {false, "gzip;q=0"},
        {false, "gzip; Q=0.000"},
        {false, "gzip;q=0, *"},
        {false, "gzip;x=1;q=0"},
        {false, "*;q=0"},
        {false, "identity"},
        {false, "br, deflate"},
        {false, "gzipped"},
        {false, ""},
        {false, ";,;,"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct literal literal;
        bool accepted =
            http_accepts_gzip(REQUEST(&literal, METHOD_GET, "Accept-Encoding", cases[i].value));
        if (accepted != cases[i].accepted)
            print_message("%s\n", cases[i].value);
        assert_int_equal(accepted, cases[i].accepted);
    }
    struct literal literal;
    assert_false(http_accepts_gzip(REQUEST(&literal, METHOD_GET)));
    assert_true(http_accepts_gzip(
        REQUEST(&literal, METHOD_GET, "Accept-Encoding", "br", "accept-encoding", "gzip")));
}

static void knows_text(void **state)
{
    static const char *const texts[] = {"text/plain", "TEXT/HTML; charset=utf-8",
                                        "application/json", "application/problem+json",
                                        "image/svg+xml"};
    static const char *const others[] = {
        "image/png",         "video/mp4", "application/gzip", "text", "text/",
        "text/event-stream", "",          "application/jsonp"};

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_true(http_is_text(span_of(texts[i])));
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(http_is_text(span_of(others[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_peer_accepts),
        cmocka_unit_test(knows_text),
    };

    return RUN_TESTS(tests);
}

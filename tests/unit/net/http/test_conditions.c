#include "unit.h"

#include "base/own.h"
#include "net/http/conditions_private.h"
#include "requests.h"

#define MODIFIED 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */

static const struct http_validators validators = {
    .etag = "\"abc\"", .other = "\"abc-gz\"", .modified = MODIFIED};

struct condition {
    bool unmodified;
    const char *name;
    const char *value;
};

static const struct condition conditions[] = {
    {true, "If-None-Match", "\"abc\""},
    {true, "If-None-Match", "W/\"abc\""},
    {true, "if-none-match", "*"},
    {true, "If-None-Match", "\"x\", \"abc\""},
    {true, "If-None-Match", "\"x\",W/\"y\" ,\"abc-gz\""},
    {true, "If-None-Match", "\"a,b\", \"abc\""},
    {false, "If-None-Match", "\"ABC\""},
    {false, "If-None-Match", "abc"},
    {false, "If-None-Match", "\"abc"},
    {false, "If-None-Match", ""},
    {false, "If-None-Match", "\"\""},
    {false, "If-None-Match", "\"x\" \"y\""},
    {false, "If-None-Match", "w/\"abc\""},
    {true, "If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"},
    {true, "If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"},
    {true, "If-Modified-Since", "Sun Nov  6 08:49:37 1994"},
    {true, "If-Modified-Since", "Mon, 07 Nov 1994 08:49:37 GMT"},
    {false, "If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"},
    {false, "If-Modified-Since", "yesterday"},
    {false, "If-Modified-Since", ""},
    {false, "If-Match", "\"abc\""},
};

static void knows_what_the_peer_has(void **state)
{
    for (size_t i = 0; i < COUNT_OF(conditions); i++) {
        struct literal literal;
        const struct condition *condition = &conditions[i];
        const struct http_request *request =
            REQUEST(&literal, METHOD_GET, condition->name, condition->value);
        if (http_is_unmodified(request, &validators) != condition->unmodified)
            print_message("%s: %s\n", condition->name, condition->value);
        assert_int_equal(http_is_unmodified(request, &validators), condition->unmodified);
    }
}

static void an_entity_tag_outweighs_a_date(void **state)
{
    struct literal literal;

    assert_false(http_is_unmodified(REQUEST(&literal, METHOD_GET, "If-None-Match", "\"x\"",
                                            "If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"),
                                    &validators));
    assert_true(http_is_unmodified(
        REQUEST(&literal, METHOD_HEAD, "If-None-Match", "\"x\"", "If-None-Match", "\"abc\""),
        &validators));
    assert_false(http_is_unmodified(REQUEST(&literal, METHOD_POST, "If-None-Match", "\"abc\""),
                                    &validators));
}

struct range {
    enum http_range kind;
    int64_t size, first, length;
    const char *value;
};

static const struct range ranges[] = {
    {HTTP_RANGE_ONE, 1000, 0, 100, "bytes=0-99"},
    {HTTP_RANGE_ONE, 1000, 0, 1, "bytes=0-0"},
    {HTTP_RANGE_ONE, 1000, 999, 1, "bytes=999-"},
    {HTTP_RANGE_ONE, 1000, 999, 1, "bytes=999-999"},
    {HTTP_RANGE_ONE, 1000, 500, 500, "bytes=500-1000"},
    {HTTP_RANGE_ONE, 1000, 0, 1000, "bytes=0-99999999999999999999999"},
    {HTTP_RANGE_ONE, 1000, 900, 100, "bytes=-100"},
    {HTTP_RANGE_ONE, 1000, 0, 1000, "bytes=-5000"},
    {HTTP_RANGE_ONE, 1000, 0, 1000, "bytes=-99999999999999999999999"},
    {HTTP_RANGE_ONE, 1000, 1, 2, "BYTES= 1-2 "},
    {HTTP_RANGE_UNSATISFIABLE, 1000, 0, 0, "bytes=1000-"},
    {HTTP_RANGE_UNSATISFIABLE, 1000, 0, 0, "bytes=1000-2000"},
    {HTTP_RANGE_UNSATISFIABLE, 1000, 0, 0, "bytes=99999999999999999999-"},
    {HTTP_RANGE_UNSATISFIABLE, 1000, 0, 0, "bytes=-0"},
    {HTTP_RANGE_UNSATISFIABLE, 0, 0, 0, "bytes=0-"},
    {HTTP_RANGE_NONE, 0, 0, 0, "bytes=-1"},
    {HTTP_RANGE_NONE, 1000, 0, 0, "bytes=5-4"},
    {HTTP_RANGE_NONE, 1000, 0, 0, "bytes=0-1,3-4"},
    {HTTP_RANGE_NONE, 1000, 0, 0, "bytes="},
    {HTTP_RANGE_NONE, 1000, 0, 0, "bytes=-"},
    {HTTP_RANGE_NONE, 1000, 0, 0, "bytes"},
    {HTTP_RANGE_NONE, 1000, 0, 0, "bytes=a-b"},
    {HTTP_RANGE_NONE, 1000, 0, 0, "bytes=1-x"},
    {HTTP_RANGE_NONE, 1000, 0, 0, "bytes=1 -2"},
    {HTTP_RANGE_NONE, 1000, 0, 0, "bytes=--1"},
    {HTTP_RANGE_NONE, 1000, 0, 0, "bytes=+1-2"},
    {HTTP_RANGE_NONE, 1000, 0, 0, "lines=0-1"},
    {HTTP_RANGE_NONE, 1000, 0, 0, ""},
};

static void finds_the_range(void **state)
{
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        struct literal literal;
        const struct range *range = &ranges[i];
        int64_t first = -1, length = -1;
        enum http_range kind = http_find_range(REQUEST(&literal, METHOD_GET, "Range", range->value),
                                               &validators, range->size, &first, &length);
        if (kind != range->kind)
            print_message("%s of %lld\n", range->value, (long long)range->size);
        assert_int_equal(kind, range->kind);
        assert_int_equal(first, kind == HTTP_RANGE_ONE ? range->first : -1);
        assert_int_equal(length, kind == HTTP_RANGE_ONE ? range->length : -1);
    }
}

static void a_range_may_hang_on_a_state(void **state)
{
    static const struct {
        bool holds;
        const char *value;
    } cases[] = {
        {true, "\"abc\""},
        {false, "W/\"abc\""},
        {false, "\"abc-gz\""},
        {false, "\"x\""},
        {true, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {false, "Sun, 06 Nov 1994 08:49:38 GMT"},
        {false, "nonsense"},
        {false, ""},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct literal literal;
        int64_t first, length;
        enum http_range kind = http_find_range(
            REQUEST(&literal, METHOD_GET, "Range", "bytes=1-2", "If-Range", cases[i].value),
            &validators, 1000, &first, &length);
        assert_int_equal(kind, cases[i].holds ? HTTP_RANGE_ONE : HTTP_RANGE_NONE);
    }
}

static void only_get_has_ranges(void **state)
{
    struct literal literal;
    int64_t first, length;

    assert_int_equal(http_find_range(REQUEST(&literal, METHOD_HEAD, "Range", "bytes=1-2"),
                                     &validators, 1000, &first, &length),
                     HTTP_RANGE_NONE);
}

static void writes_and_reads_dates(void **state)
{
    static const int64_t instants[] = {0, 1, MODIFIED, 951782400, 4102444799};

    for (size_t i = 0; i < COUNT_OF(instants); i++) {
        char text[HTTP_DATE_SIZE];
        int64_t again = -1;
        http_date_text(instants[i], text);
        assert_int_equal(http_date_parse(span_of(text), &again), 0);
        assert_int_equal(again, instants[i]);
    }
    char text[HTTP_DATE_SIZE];
    http_date_text(MODIFIED, text);
    assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void refuses_what_is_no_date(void **state)
{
    static const char *const bad[] = {
        "",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nox 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT and a text much longer than any date",
        "784111777",
    };
    int64_t seconds = 7;

    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_true(http_date_parse(span_of(bad[i]), &seconds) < 0);
    assert_int_equal(seconds, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_the_peer_has), cmocka_unit_test(an_entity_tag_outweighs_a_date),
        cmocka_unit_test(finds_the_range),         cmocka_unit_test(a_range_may_hang_on_a_state),
        cmocka_unit_test(only_get_has_ranges),     cmocka_unit_test(writes_and_reads_dates),
        cmocka_unit_test(refuses_what_is_no_date),
    };

    return RUN_TESTS(tests);
}

#include "unit.h"

#include "base/json.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int parse(struct span text)
{
    AUTO(json_release) json_t *value = NULL;
    AUTO(buf_release) struct buf why = BUF_INIT;
    int r = json_parse(text, &value, &why);

    assert_int_equal(r == 0, value != NULL);
    assert_int_equal(r == 0, why.len == 0);
    return r;
}

static void assert_comes_back(const char *text)
{
    AUTO(json_release) json_t *value = NULL;
    AUTO(buf_release) struct buf out = BUF_INIT;

    assert_int_equal(json_parse(span_of(text), &value, NULL), 0);
    buf_add_json(&out, value);
    assert_string_equal(buf_text(&out), text);
}

static void writes_what_it_read(void **state)
{
    assert_comes_back("{\"z\":1,\"a\":[true,false,null,\"x\"],\"empty\":{},\"none\":[]}");
    assert_comes_back("0.9");
    assert_comes_back("-9223372036854775808");
    assert_comes_back("9223372036854775807");
    assert_comes_back("\"\xc3\xa9 \xf0\x9f\x98\x80 \\\" \\\\ \\n\\u0001\"");
}

static void refuses(void **state)
{
    static const char *const wrong[] = {"",
                                        " ",
                                        "{",
                                        "}",
                                        "[1,]",
                                        "{\"a\":1,}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "nul",
                                        "1 2",
                                        "{} {}",
                                        "01",
                                        "1.",
                                        ".5",
                                        "+1",
                                        "NaN",
                                        "Infinity",
                                        "1e999",
                                        "9223372036854775808",
                                        "-9223372036854775809",
                                        "\"",
                                        "\"\\x\"",
                                        "\"\\ud800\"",
                                        "\"\\u0000\"",
                                        "\"\n\"",
                                        "{\"a\":1,\"a\":2}",
                                        "\"\xff\"",
                                        "\"\xc0\x80\"",
                                        "\"\xed\xa0\x80\"",
                                        "[",
                                        "[\"]"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(parse(span_of(wrong[i])), -EINVAL);
    assert_int_equal(parse((struct span){"1\0", 2}), -EINVAL);
    assert_int_equal(parse((struct span){"\"a\0b\"", 5}), -EINVAL);
    assert_int_equal(parse((struct span){NULL, 0}), -EINVAL);
}

static int parse_list(size_t count)
{
    AUTO(buf_release) struct buf text = BUF_INIT;

    for (size_t i = 0; i < count; i++)
        buf_add_text(&text, i ? ",{}" : "[{}");
    buf_add_char(&text, ']');
    return parse(buf_span(&text));
}

/* Ten megabytes of "{}," would become a gigabyte. */
static void values_have_a_limit(void **state)
{
    AUTO(buf_release) struct buf text = BUF_INIT;

    assert_int_equal(parse_list(JSON_VALUES_MAX / 2 - 1), 0);
    assert_int_equal(parse_list(JSON_VALUES_MAX / 2 + 1), -EINVAL);
    /* Commas in a string are text. */
    buf_add_char(&text, '"');
    for (size_t i = 0; i < 2 * JSON_VALUES_MAX; i++)
        buf_add_char(&text, ',');
    buf_add_char(&text, '"');
    assert_int_equal(parse(buf_span(&text)), 0);
}

static int parse_nested(size_t depth)
{
    AUTO(buf_release) struct buf text = BUF_INIT;

    for (size_t i = 0; i < depth; i++)
        buf_add_char(&text, '[');
    for (size_t i = 0; i < depth; i++)
        buf_add_char(&text, ']');
    return parse(buf_span(&text));
}

static void depth_has_a_limit(void **state)
{
    assert_int_equal(parse_nested(JSON_DEPTH_MAX), 0);
    assert_int_equal(parse_nested(JSON_DEPTH_MAX + 1), -EINVAL);
    assert_int_equal(parse_nested(100000), -EINVAL);
    /* Brackets in a string are text, whatever stands before the quote's end. */
    assert_int_equal(parse(SPAN_LITERAL("[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\\\"]")), 0);
}

static void says_where(void **state)
{
    AUTO(json_release) json_t *value = NULL;
    AUTO(buf_release) struct buf why = BUF_INIT;

    assert_int_equal(json_parse(SPAN_LITERAL("{\n \"a\": oops}"), &value, &why), -EINVAL);
    assert_non_null(strstr(buf_text(&why), "line 2"));
}

static void strings_are_always_valid(void **state)
{
    static const struct {
        struct span bytes;
        const char *json;
    } cases[] = {
        {{NULL, 0}, "\"\""},
        {{"a\0b", 3}, "\"a\\u0000b\""},
        {{"\b\t\n\v\f\r\x1f\x7f", 8}, "\"\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\""},
        {{"\xff", 1}, "\"\xef\xbf\xbd\""},
        {{"\xc3", 1}, "\"\xef\xbf\xbd\""},
        {{"\xc3(", 2}, "\"\xef\xbf\xbd(\""},
        {{"\xc0\xaf", 2}, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {{"\xf4\x8f\xbf\xbf", 4}, "\"\xf4\x8f\xbf\xbf\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf_release) struct buf out = BUF_INIT;
        buf_add_json_string(&out, cases[i].bytes);
        assert_string_equal(buf_text(&out), cases[i].json);
    }
}

/* Every pair and every triple that begins above ASCII: what comes out, Jansson reads. */
static void any_bytes_become_a_string_jansson_reads(void **state)
{
    for (unsigned bits = 0; bits < 0x10000; bits++) {
        char bytes[4] = {(char)(bits >> 8), (char)bits, (char)0x80, (char)0xbf};
        AUTO(buf_release) struct buf out = BUF_INIT;
        buf_add_char(&out, '[');
        buf_add_json_string(&out, (struct span){bytes, 2 + bits % 3});
        buf_add_char(&out, ']');
        json_t *value = json_loadb(out.data, out.len, JSON_ALLOW_NUL, NULL);
        assert_non_null(value);
        json_decref(value);
    }
}

static void assert_number(double number, const char *expected)
{
    AUTO(buf_release) struct buf out = BUF_INIT;

    buf_add_json_number(&out, number);
    if (expected)
        assert_string_equal(buf_text(&out), expected);
    assert_true(strtod(buf_text(&out), NULL) == number || !isfinite(number));
}

static void numbers_are_short_and_exact(void **state)
{
    assert_number(0.0, "0");
    assert_number(0.1, "0.1");
    assert_number(0.9, "0.9");
    assert_number(5.0, "5");
    assert_number(-1.5, "-1.5");
    assert_number(1e300, "1e+300");
    assert_number(DBL_TRUE_MIN, "5e-324");
    assert_number(0.1 + 0.2, "0.30000000000000004");
    assert_number(DBL_MAX, NULL);
    assert_number(NAN, "null");
    assert_number(INFINITY, "null");
    assert_number(-INFINITY, "null");
}

static void members(void **state)
{
    AUTO(json_release) json_t *object = NULL;

    assert_int_equal(
        json_parse(SPAN_LITERAL("{\"t\":\"x\",\"i\":7,\"r\":0.5,\"b\":true,\"n\":null}"), &object,
                   NULL),
        0);
    assert_string_equal(json_member_text(object, "t"), "x");
    assert_null(json_member_text(object, "i"));
    assert_null(json_member_text(object, "n"));
    assert_null(json_member_text(NULL, "t"));
    assert_int_equal(json_member_int(object, "i", 1), 7);
    assert_int_equal(json_member_int(object, "r", 1), 1);
    assert_int_equal(json_member_int(object, "none", 1), 1);
    assert_true(json_member_number(object, "r", 1) == 0.5);
    assert_true(json_member_number(object, "i", 1) == 7.0);
    assert_true(json_member_number(object, "t", 1) == 1.0);
    assert_true(json_member_bool(object, "b", false));
    assert_true(json_member_bool(object, "i", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_it_read),
        cmocka_unit_test(refuses),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(values_have_a_limit),
        cmocka_unit_test(says_where),
        cmocka_unit_test(strings_are_always_valid),
        cmocka_unit_test(any_bytes_become_a_string_jansson_reads),
        cmocka_unit_test(numbers_are_short_and_exact),
        cmocka_unit_test(members),
    };
    return RUN_TESTS(tests);
}

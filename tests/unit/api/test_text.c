#include "api/text_private.h"

#include "unit.h"

static void check_json(struct span text, const char *expected)
{
    AUTO(json_release) json_t *value = text_json(text);
    assert_true(json_is_string(value));
    assert_string_equal(json_string_value(value), expected);
}

static void test_any_bytes_become_json(void **state)
{
    check_json(SPAN_LITERAL("plain"), "plain");
    check_json(SPAN_LITERAL("f\xc3\xbcr"), "f\xc3\xbcr");
    check_json(SPAN_LITERAL("a\xff"
                            "b\"\\"),
               "a\xef\xbf\xbd"
               "b\"\\");
    check_json((struct span){NULL, 0}, "");

    AUTO(json_release) json_t *none = text_json_or_null(NULL);
    AUTO(json_release) json_t *never = text_json_instant(0);
    AUTO(json_release) json_t *once = text_json_instant(1000000);
    assert_true(json_is_null(none));
    assert_true(json_is_null(never));
    assert_string_equal(json_string_value(once), "1970-01-01T00:00:01Z");
}

static void test_characters_are_counted_and_not_torn(void **state)
{
    struct span word = SPAN_LITERAL("f\xc3\xbcr");
    assert_int_equal(text_length(word), 3);
    assert_true(span_is(text_cut(word, 2), "f\xc3\xbc"));
    assert_true(span_is(text_cut(word, 9), "f\xc3\xbcr"));
    assert_int_equal(text_cut(word, 0).len, 0);
}

static void test_control_characters(void **state)
{
    assert_false(text_has_control(SPAN_LITERAL("Front Door f\xc3\xbcr")));
    assert_true(text_has_control(SPAN_LITERAL("a\nb")));
    assert_true(text_has_control(SPAN_LITERAL("a\x7f")));
}

static void test_names_and_extensions(void **state)
{
    assert_true(span_is(text_base_name(SPAN_LITERAL("/a/b.jpg")), "b.jpg"));
    assert_true(span_is(text_base_name(SPAN_LITERAL("b.jpg")), "b.jpg"));
    assert_true(span_is(text_base_name(SPAN_LITERAL("/a/")), ""));
    assert_true(span_is(text_extension(SPAN_LITERAL("/a.d/b.c.JPG")), ".JPG"));
    assert_int_equal(text_extension(SPAN_LITERAL("/a.d/b")).len, 0);
    assert_int_equal(text_extension(SPAN_LITERAL(".jpg")).len, 0);
    assert_int_equal(text_extension(SPAN_LITERAL("")).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_bytes_become_json),
        cmocka_unit_test(test_characters_are_counted_and_not_torn),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_names_and_extensions),
    };
    return RUN_TESTS(tests);
}

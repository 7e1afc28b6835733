#include "unit.h"

#include "base/own.h"
#include "base/span.h"

static void compares(void **state)
{
    assert_true(span_equal(span_of(NULL), SPAN_LITERAL("")));
    assert_true(span_is(SPAN_LITERAL("abc"), "abc"));
    assert_false(span_is(SPAN_LITERAL("abc"), "abd"));
    assert_false(span_is(SPAN_LITERAL("abc"), "ab"));
    assert_true(span_is_nocase(SPAN_LITERAL("Content-Length"), "content-LENGTH"));
    assert_false(span_is_nocase(SPAN_LITERAL("["), "{")); /* differ by the letters' bit only */
    assert_false(span_is_nocase(SPAN_LITERAL("a"), "ab"));
}

static void starts_and_ends(void **state)
{
    assert_true(span_starts_with(SPAN_LITERAL("abc"), "ab"));
    assert_true(span_starts_with(SPAN_LITERAL("abc"), ""));
    assert_true(span_starts_with(span_of(NULL), ""));
    assert_false(span_starts_with(SPAN_LITERAL("a"), "ab"));
    assert_true(span_ends_with(SPAN_LITERAL("abc"), "bc"));
    assert_true(span_ends_with(span_of(NULL), ""));
    assert_false(span_ends_with(SPAN_LITERAL("c"), "bc"));
}

static void trims(void **state)
{
    assert_true(span_is(span_trim(SPAN_LITERAL(" \t\r\n a b \v\f")), "a b"));
    assert_true(span_is(span_trim(SPAN_LITERAL("   ")), ""));
    assert_true(span_is(span_trim(span_of(NULL)), ""));
}

static void cuts(void **state)
{
    struct span rest = SPAN_LITERAL("a,,b");

    assert_true(span_is(span_cut(&rest, ','), "a"));
    assert_true(span_is(span_cut(&rest, ','), ""));
    assert_non_null(rest.at);
    assert_true(span_is(span_cut(&rest, ','), "b"));
    assert_null(rest.at);
    assert_true(span_is(span_cut(&rest, ','), ""));

    /* A separator at the end leaves an empty rest that is there. */
    rest = SPAN_LITERAL("a,");
    span_cut(&rest, ',');
    assert_int_equal(rest.len, 0);
    assert_non_null(rest.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(starts_and_ends),
        cmocka_unit_test(trims),
        cmocka_unit_test(cuts),
    };
    return RUN_TESTS(tests);
}

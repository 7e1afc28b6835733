#include "unit.h"

#include "base/own.h"
#include "realtime/glob.h"

#include <stdlib.h>
#include <string.h>

static bool matches(const char *pattern, const char *text)
{
    return glob_match(span_of(pattern), span_of(text));
}

static void matches_plain_text_only_as_a_whole(void **state)
{
    assert_true(matches("event", "event"));
    assert_false(matches("event", "events"));
    assert_false(matches("event", "even"));
    assert_false(matches("Event", "event"));
    assert_true(matches("", ""));
    assert_false(matches("", "a"));
}

static void stars_cross_dots(void **state)
{
    assert_true(matches("*", ""));
    assert_true(matches("*", "alert.created"));
    assert_true(matches("alert.*", "alert.created.now"));
    assert_false(matches("alert.*", "alert"));
    assert_true(matches("*.created", "alert.created"));
    assert_true(matches("a*b*c", "aXbXbXc"));
    assert_false(matches("a*b*c", "aXbXbX"));
    assert_true(matches("**", "x"));
    assert_true(matches("*ab", "aab"));
}

static void question_marks_are_one_character(void **state)
{
    assert_true(matches("a?c", "abc"));
    assert_false(matches("a?c", "ac"));
    assert_false(matches("?", ""));
}

static void sets_match_one_of_theirs(void **state)
{
    assert_true(matches("[abc]", "b"));
    assert_false(matches("[abc]", "d"));
    assert_true(matches("[a-c]x", "bx"));
    assert_true(matches("[!a-c]", "d"));
    assert_false(matches("[!a-c]", "b"));
    assert_true(matches("[]]", "]"));
    assert_true(matches("[a-]", "-"));
    assert_true(matches("*[0-9]", "cam7"));
}

static void an_open_bracket_alone_is_itself(void **state)
{
    assert_true(matches("[abc", "[abc"));
    assert_true(matches("[", "["));
    assert_true(matches("[!", "[!"));
    assert_true(matches("[]", "[]"));
    assert_true(matches("[!]", "[!]"));
}

/* Each star doubles the work of a naive matcher: this one would not come back. */
static void many_stars_do_not_explode(void **state)
{
    char pattern[256], text[128];

    for (size_t i = 0; i < sizeof(pattern); i++)
        pattern[i] = i % 2 ? 'a' : '*';
    pattern[sizeof(pattern) - 1] = 'b';
    memset(text, 'a', sizeof(text));
    for (int i = 0; i < 1000; i++)
        assert_false(
            glob_match((struct span){pattern, sizeof(pattern)}, (struct span){text, sizeof(text)}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_plain_text_only_as_a_whole),
        cmocka_unit_test(stars_cross_dots),
        cmocka_unit_test(question_marks_are_one_character),
        cmocka_unit_test(sets_match_one_of_theirs),
        cmocka_unit_test(an_open_bracket_alone_is_itself),
        cmocka_unit_test(many_stars_do_not_explode),
    };

    return RUN_TESTS(tests);
}

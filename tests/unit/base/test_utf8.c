#include "unit.h"

#include "base/own.h"
#include "base/utf8.h"

#include <string.h>

static void lengths(void **state)
{
    static const struct {
        struct span text;
        size_t length;
    } cases[] = {
        {{NULL, 0}, 0},
        {{"a", 1}, 1},
        {{"\0", 1}, 1},
        {{"\xc3\xa9!", 3}, 2},
        {{"\xe2\x82\xac", 3}, 3},
        {{"\xf0\x9f\x90\x88", 4}, 4},
        {{"\xc3", 1}, 0},
        {{"\xe2\x82", 2}, 0},
        {{"\xf0\x9f\x90", 3}, 0},
        {{"\x80", 1}, 0},
        {{"\xc0\x80", 2}, 0},
        {{"\xc1\xbf", 2}, 0},
        {{"\xe0\x9f\xbf", 3}, 0},
        {{"\xe0\xa0\x80", 3}, 3},
        {{"\xed\x9f\xbf", 3}, 3},
        {{"\xed\xa0\x80", 3}, 0},
        {{"\xf0\x8f\xbf\xbf", 4}, 0},
        {{"\xf0\x90\x80\x80", 4}, 4},
        {{"\xf4\x8f\xbf\xbf", 4}, 4},
        {{"\xf4\x90\x80\x80", 4}, 0},
        {{"\xf5\x80\x80\x80", 4}, 0},
        {{"\xff", 1}, 0},
        {{"\xc3(", 2}, 0},
        {{"\xe2\x82(", 3}, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(utf8_length(cases[i].text), cases[i].length);
}

static void names(void **state)
{
    char name[8];

    assert_string_equal(utf8_name("porch", name, sizeof(name)), "porch");
    assert_string_equal(utf8_name(NULL, name, sizeof(name)), "");
    assert_string_equal(utf8_name("a\n\x7f\x1b"
                                  "b",
                                  name, sizeof(name)),
                        "a   b");
    assert_string_equal(utf8_name("\xff\xc3z", name, sizeof(name)), "??z");
    assert_string_equal(utf8_name("12345678", name, sizeof(name)), "1234567");
    assert_string_equal(utf8_name("123456\xc3\xa9", name, sizeof(name)), "123456");
    assert_string_equal(utf8_name("12345\xc3\xa9", name, sizeof(name)), "12345\xc3\xa9");
    assert_string_equal(utf8_name("x", name, 1), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths),
        cmocka_unit_test(names),
    };
    return RUN_TESTS(tests);
}

#include "unit.h"

#include "base/own.h"
#include "net/ws/utf8_private.h"

#include <stdio.h>
#include <string.h>

/* In two pieces, cut at `at`. *ret_complete: whether it ended between two characters. */
static bool accepts(struct span text, size_t at, bool *ret_complete)
{
    struct utf8 utf8 = {0};
    bool good = utf8_feed(&utf8, (struct span){text.at, at}) &&
                utf8_feed(&utf8, (struct span){text.at + at, text.len - at});

    *ret_complete = utf8_is_complete(&utf8);
    return good;
}

/* The characters of RFC 3629's table, one by one: what an encoder writes is text, whole. */
static size_t encode(unsigned code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t follow = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char marks[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = follow; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(marks[follow] | code);
    return follow + 1;
}

static void every_character_is_text_and_no_surrogate_is(void **state)
{
    for (unsigned code = 0; code <= 0x110000; code++) {
        char text[4];
        size_t length = encode(code, text);
        bool wanted = code < 0x110000 && (code < 0xd800 || code > 0xdfff);
        for (size_t at = 0; at <= length; at++) {
            bool complete;
            bool good = accepts((struct span){text, length}, at, &complete) && complete;
            if (good != wanted)
                print_message("U+%04X cut at %zu\n", code, at);
            assert_int_equal(good, wanted);
        }
    }
}

static void bad_sequences_fail_wherever_they_are_cut(void **state)
{
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80",
        "\xf5\x80",
        "\xfe",
        "\xff",
        "\xc3\xc3",
        "\xc3(",
        "\xe2\x82(",
        "\xf0\x9f\x98(",
        "a\x80",
        "12345678\x80",
        "1234567\xffx",
        "\xf8\x88\x80",
        "\xfc\x84\x80\x80",
        "\xe2(\xa1",
    };

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct span text = span_of(bad[i]);
        for (size_t at = 0; at <= text.len; at++) {
            bool complete;
            assert_false(accepts(text, at, &complete));
        }
    }
}

/* Not only in the end: at the byte that cannot be. */
static void fails_at_the_first_bad_byte(void **state)
{
    struct utf8 utf8 = {0};

    assert_true(utf8_feed(&utf8, span_of("\xf4")));
    assert_false(utf8_feed(&utf8, span_of("\x90")));
}

static void knows_an_unfinished_character(void **state)
{
    static const char *const unfinished[] = {"\xc3", "a\xe2\x82", "\xf0\x9f\x98", "12345678\xf0"};

    for (size_t i = 0; i < COUNT_OF(unfinished); i++) {
        struct span text = span_of(unfinished[i]);
        for (size_t at = 0; at <= text.len; at++) {
            bool complete;
            assert_true(accepts(text, at, &complete));
            assert_false(complete);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_is_text_and_no_surrogate_is),
        cmocka_unit_test(bad_sequences_fail_wherever_they_are_cut),
        cmocka_unit_test(fails_at_the_first_bad_byte),
        cmocka_unit_test(knows_an_unfinished_character),
    };

    return RUN_TESTS(tests);
}

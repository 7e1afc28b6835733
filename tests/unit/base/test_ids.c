#include "unit.h"

#include "base/digest.h"
#include "base/ids.h"

#include <string.h>

static void hex_has_the_asked_length(void **state)
{
    for (size_t digits = 0; digits < 20; digits++) {
        char text[32];
        memset(text, 'x', sizeof(text));
        ids_hex(text, digits);
        assert_int_equal(strlen(text), digits);
        assert_int_equal(strspn(text, "0123456789abcdef"), digits);
    }
}

static void uuids_are_version_4(void **state)
{
    char first[IDS_UUID_SIZE], second[IDS_UUID_SIZE];

    ids_uuid(first);
    ids_uuid(second);
    assert_string_not_equal(first, second);
    assert_int_equal(strlen(first), IDS_UUID_SIZE - 1);
    for (int i = 0; i < IDS_UUID_SIZE - 1; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            assert_int_equal(first[i], '-');
        else
            assert_non_null(strchr("0123456789abcdef", first[i]));
    }
    assert_int_equal(first[14], '4');
    assert_non_null(strchr("89ab", first[19]));
}

static void an_epoch_is_eight_bytes_of_base64url(void **state)
{
    for (int i = 0; i < 200; i++) {
        AUTO(buf_release) struct buf raw = BUF_INIT;
        char text[IDS_EPOCH_SIZE];
        ids_epoch(text);
        assert_int_equal(strlen(text), 11);
        assert_int_equal(base64url_decode(&raw, span_of(text)), 0);
        assert_int_equal(raw.len, 8);
        AUTO(buf_release) struct buf back = BUF_INIT;
        base64url_encode(&back, buf_span(&raw));
        assert_memory_equal(back.data, text, 11);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_has_the_asked_length),
        cmocka_unit_test(uuids_are_version_4),
        cmocka_unit_test(an_epoch_is_eight_bytes_of_base64url),
    };
    return RUN_TESTS(tests);
}

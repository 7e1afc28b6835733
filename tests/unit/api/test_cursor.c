#include "api/cursor_private.h"

#include "base/digest.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static void test_what_goes_in_comes_out(void **state)
{
    const int64_t instants[] = {0, 1, 1763720130123456, -1000000, 253402300799000000};
    const int64_t ids[] = {0, 1, 42, INT64_MAX};

    for (size_t i = 0; i < COUNT_OF(instants); i++)
        for (size_t k = 0; k < COUNT_OF(ids); k++) {
            AUTO(buf_release) struct buf text = BUF_INIT;
            int64_t instant = -7, id = -7;
            cursor_encode(instants[i], ids[k], &text);
            assert_int_equal(cursor_decode(buf_span(&text), &instant, &id), 0);
            assert_int_equal(instant, instants[i]);
            assert_int_equal(id, ids[k]);
            assert_null(strpbrk(buf_text(&text), "+/ "));
        }
}

static void test_the_form_is_the_contract_s(void **state)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    AUTO(buf_release) struct buf plain = BUF_INIT;

    cursor_encode(1763720130123456, 9, &text);
    assert_int_equal(base64url_decode(&plain, buf_span(&text)), 0);
    assert_string_equal(buf_text(&plain),
                        "{\"id\":9,\"created_at\":\"2025-11-21T10:15:30.123456Z\"}");
}

static int decode_plain(const char *plain)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    int64_t instant, id;
    base64url_encode(&text, span_of(plain));
    return cursor_decode(buf_span(&text), &instant, &id);
}

static void test_others_cursors_are_read(void **state)
{
    assert_int_equal(decode_plain("{\"created_at\":\"2026-01-01T00:00:00+00:00\",\"id\":3}"), 0);
    assert_int_equal(decode_plain("{\"created_at\":\"2026-01-01T00:00:00\",\"id\":3}"), 0);
}

static void test_what_is_none_is_refused(void **state)
{
    static const char *const plain[] = {
        "",
        "[]",
        "{}",
        "{\"id\":1}",
        "{\"created_at\":\"2026-01-01T00:00:00Z\"}",
        "{\"id\":\"1\",\"created_at\":\"2026-01-01T00:00:00Z\"}",
        "{\"id\":1.5,\"created_at\":\"2026-01-01T00:00:00Z\"}",
        "{\"id\":1,\"created_at\":5}",
        "{\"id\":1,\"created_at\":\"yesterday\"}",
        "{\"id\":1,\"created_at\":\"2026-01-01T00:00:00Z\"",
        "{\"id\":99999999999999999999,\"created_at\":\"2026-01-01T00:00:00Z\"}",
    };
    char long_text[CURSOR_LENGTH_MAX + 2];
    int64_t instant, id;

    for (size_t i = 0; i < COUNT_OF(plain); i++)
        assert_int_equal(decode_plain(plain[i]), -EINVAL);
    assert_int_equal(cursor_decode(SPAN_LITERAL("not base64!"), &instant, &id), -EINVAL);
    memset(long_text, 'A', sizeof(long_text));
    assert_int_equal(cursor_decode((struct span){long_text, sizeof(long_text)}, &instant, &id),
                     -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_goes_in_comes_out),
        cmocka_unit_test(test_the_form_is_the_contract_s),
        cmocka_unit_test(test_others_cursors_are_read),
        cmocka_unit_test(test_what_is_none_is_refused),
    };
    return RUN_TESTS(tests);
}

#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"

#include <string.h>

static void starts_empty(void **state)
{
    AUTO(buf_release) struct buf buf = BUF_INIT;

    assert_string_equal(buf_text(&buf), "");
    assert_int_equal(buf_span(&buf).len, 0);
    buf_reset(&buf);
    buf_consume(&buf, 0);
    assert_null(buf.data);
}

static void adds(void **state)
{
    AUTO(buf_release) struct buf buf = BUF_INIT;

    buf_add_text(&buf, "one");
    buf_add_char(&buf, ' ');
    buf_add_span(&buf, SPAN_LITERAL("two"));
    buf_add(&buf, NULL, 0);
    buf_addf(&buf, " %d", 3);
    assert_string_equal(buf.data, "one two 3");
    assert_int_equal(buf.len, 9);
}

static void formats_what_is_longer_than_the_room(void **state)
{
    AUTO(buf_release) struct buf buf = BUF_INIT;

    for (int width = 0; width < 300; width++) {
        buf_reset(&buf);
        buf_addf(&buf, "%*s|", width, "x");
        assert_int_equal(buf.len, (width ? width : 1) + 1);
        assert_int_equal(strlen(buf.data), buf.len);
    }
}

static void grows_with_every_byte_kept(void **state)
{
    AUTO(buf_release) struct buf buf = BUF_INIT;

    for (int i = 0; i < 5000; i++) {
        buf_add_char(&buf, (char)('a' + i % 26));
        assert_int_equal(buf.data[buf.len], '\0');
    }
    for (int i = 0; i < 5000; i++)
        assert_int_equal(buf.data[i], 'a' + i % 26);
}

static void consumes_from_the_front(void **state)
{
    AUTO(buf_release) struct buf buf = BUF_INIT;

    buf_add_text(&buf, "GET /\r\nrest");
    buf_consume(&buf, 7);
    assert_string_equal(buf.data, "rest");
    buf_consume(&buf, 4);
    assert_string_equal(buf.data, "");
}

static void text_ends_what_was_filled_in_place(void **state)
{
    AUTO(buf_release) struct buf buf = BUF_INIT;

    char *room = buf_reserve(&buf, 10);
    memset(room, 'x', 10);
    buf.len += 4;
    assert_string_equal(buf_text(&buf), "xxxx");
}

static void set_may_quote_the_old_content(void **state)
{
    AUTO(buf_release) struct buf why = BUF_INIT;

    buf_setf(&why, "no such file");
    buf_setf(&why, "cannot start: %s", buf_text(&why));
    assert_string_equal(buf_text(&why), "cannot start: no such file");
    buf_setf(NULL, "nobody asked");
}

static void detaches(void **state)
{
    AUTO(buf_release) struct buf buf = BUF_INIT;
    AUTO(mem_free) char *empty = buf_detach(&buf);

    assert_string_equal(empty, "");
    buf_add_text(&buf, "mine");
    AUTO(mem_free) char *text = buf_detach(&buf);
    assert_string_equal(text, "mine");
    assert_null(buf.data);
    buf_release(&buf);
    buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_empty),
        cmocka_unit_test(adds),
        cmocka_unit_test(formats_what_is_longer_than_the_room),
        cmocka_unit_test(grows_with_every_byte_kept),
        cmocka_unit_test(consumes_from_the_front),
        cmocka_unit_test(text_ends_what_was_filled_in_place),
        cmocka_unit_test(set_may_quote_the_old_content),
        cmocka_unit_test(detaches),
    };
    return RUN_TESTS(tests);
}

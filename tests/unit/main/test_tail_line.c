#include "unit.h"

#include "main/tail_line.h"

#include <string.h>

static void assert_line(const char *json, const char *line)
{
    AUTO(json_release) json_t *message = NULL;
    AUTO(buf_release) struct buf out = BUF_INIT;

    assert_int_equal(json_parse(span_of(json), &message, NULL), 0);
    tail_line(&out, message);
    assert_string_equal(buf_text(&out), line);
}

static void an_event_says_where_how_bad_and_what(void **state)
{
    assert_line("{\"type\":\"event\",\"timestamp\":\"2026-11-21T10:15:30.5Z\",\"data\":{"
                "\"camera_id\":\"porch\",\"risk_score\":82,\"risk_level\":\"high\","
                "\"summary\":\"Person at the door\"}}",
                "2026-11-21 10:15:30  event             porch  82 high  Person at the door\n");
}

static void other_messages_say_what_they_have(void **state)
{
    assert_line("{\"type\":\"camera_status\",\"timestamp\":\"2026-11-21T10:15:30Z\",\"data\":{"
                "\"camera_id\":\"porch\",\"camera_name\":\"Porch\",\"status\":\"offline\"}}",
                "2026-11-21 10:15:30  camera_status     Porch  offline\n");
    assert_line("{\"type\":\"test.mark\",\"data\":{\"n\":1}}", "-  test.mark         {\"n\":1}\n");
    assert_line("{}", "-  -               \n");
}

/* Whoever names a camera must not write to our terminal. */
static void control_characters_do_not_pass(void **state)
{
    AUTO(json_release) json_t *message = NULL;
    AUTO(buf_release) struct buf out = BUF_INIT;

    assert_int_equal(
        json_parse(span_of("{\"type\":\"event\",\"data\":{\"camera_id\":\"a\\u001b[2J\","
                           "\"summary\":\"x\\r\\ny\\u009bz\\u007f\\u00e9\"}}"),
                   &message, NULL),
        0);
    tail_line(&out, message);
    for (size_t i = 0; i + 1 < out.len; i++)
        assert_true((unsigned char)out.data[i] >= 0x20 && out.data[i] != 0x7f);
    assert_null(strstr(buf_text(&out), "\xc2\x9b"));
    assert_non_null(strstr(buf_text(&out), "\xc3\xa9"));
}

static void long_texts_are_cut_between_characters(void **state)
{
    AUTO(json_release) json_t *message = NULL;
    AUTO(buf_release) struct buf text = BUF_INIT;
    AUTO(buf_release) struct buf out = BUF_INIT;

    for (int i = 0; i < 1000; i++)
        buf_add_text(&text, "\xe2\x82\xac");
    message = json_pack("{s:s,s:{s:s}}", "type", "event", "data", "summary", buf_text(&text));
    tail_line(&out, message);
    assert_true(out.len < 300);
    assert_true(out.data[out.len - 1] == '\n');
    json_release(&message);
    message = json_stringn(out.data, out.len);
    assert_non_null(message); /* valid UTF-8 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_says_where_how_bad_and_what),
        cmocka_unit_test(other_messages_say_what_they_have),
        cmocka_unit_test(control_characters_do_not_pass),
        cmocka_unit_test(long_texts_are_cut_between_characters),
    };

    return RUN_TESTS(tests);
}

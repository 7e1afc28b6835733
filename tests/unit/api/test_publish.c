/* POST /api/realtime/publish: who may, what is read, all or nothing. */
#include "site.h"

#define PATH "/api/realtime/publish"

static int set_up(void **state)
{
    static const char *const origins[] = {"http://panel.example", "*", NULL};
    const struct api_settings settings = {.cors_origins = origins};
    *state = site_open(&settings);
    return 0;
}

static int set_up_keyed(void **state)
{
    static const char *const keys[] = {"sesame", NULL};
    const struct api_settings settings = {.key_required = true, .keys = keys};
    *state = site_open(&settings);
    return 0;
}

static int tear_down(void **state)
{
    struct site *site = *state;
    site_close(&site);
    return 0;
}

static uint64_t last_sequence(const struct site *site)
{
    struct journal_position position;
    journal_position(site->journal, &position);
    return position.last;
}

static void test_one_and_many(void **state)
{
    struct site *site = *state;
    struct journal_position position;
    journal_position(site->journal, &position);

    site_send(site, "POST", PATH, "{\"type\":\"test.one\",\"data\":{\"n\":1},\"more\":2}", 200);
    assert_member(site, "published", "1");
    assert_member(site, "first_sequence", "1");
    assert_member(site, "last_sequence", "1");
    assert_member(site, "epoch", position.epoch);
    site_send(site, "POST", PATH,
              "[{\"type\":\"a:b-c_d.1\",\"data\":{\"n\":2}},{\"type\":\"x\",\"data\":{}}]", 200);
    assert_member(site, "published", "2");
    assert_member(site, "first_sequence", "2");
    assert_member(site, "last_sequence", "3");

    struct message *messages[4];
    assert_int_equal(journal_read(site->journal, 1, COUNT_OF(messages), messages), 3);
    assert_true(span_is(messages[1]->type, "a:b-c_d.1"));
    assert_true(span_is(messages[1]->data, "{\"n\":2}"));
    for (int i = 0; i < 3; i++)
        message_unref(&messages[i]);
}

static char *many(size_t count)
{
    AUTO(buf_release) struct buf body = BUF_INIT;
    for (size_t i = 0; i < count; i++)
        buf_addf(&body, "%s{\"type\":\"t\",\"data\":{\"i\":%zu}}", i ? "," : "[", i);
    buf_add_char(&body, ']');
    return buf_detach(&body);
}

static void test_at_most_a_thousand(void **state)
{
    struct site *site = *state;
    AUTO(mem_free) char *most = many(1000);
    AUTO(mem_free) char *more = many(1001);
    site_send(site, "POST", PATH, most, 200);
    assert_member(site, "published", "1000");
    site_send(site, "POST", PATH, more, 422);
    assert_int_equal(last_sequence(site), 1000);
}

static void test_all_or_nothing(void **state)
{
    struct site *site = *state;
    static const struct {
        const char *body, *field;
    } wrong[] = {
        {"[]", "body"},
        {"7", "body"},
        {"{\"data\":{}}", "body.type"},
        {"{\"type\":\"\",\"data\":{}}", "body.type"},
        {"{\"type\":\"Upper\",\"data\":{}}", "body.type"},
        {"{\"type\":\"a b\",\"data\":{}}", "body.type"},
        {"{\"type\":5,\"data\":{}}", "body.type"},
        {"{\"type\":\"012345678901234567890123456789012345678901234567890\",\"data\":{}}",
         "body.type"},
        {"{\"type\":\"a\"}", "body.data"},
        {"{\"type\":\"a\",\"data\":null}", "body.data"},
        {"{\"type\":\"a\",\"data\":[]}", "body.data"},
        {"[{\"type\":\"a\",\"data\":{}},{\"type\":\"!\",\"data\":{}}]", "body.1.type"},
        {"[{\"type\":\"a\",\"data\":{}},3]", "body.1"},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        site_send(site, "POST", PATH, wrong[i].body, 422);
        assert_member(site, "error.errors.0.field", wrong[i].field);
    }
    assert_int_equal(last_sequence(site), 0);
}

static void test_a_message_too_large_takes_the_others_along(void **state)
{
    struct site *site = *state;
    AUTO(buf_release) struct buf body = BUF_INIT;
    buf_add_text(&body, "[{\"type\":\"a\",\"data\":{}},{\"type\":\"b\",\"data\":{\"x\":\"");
    for (int i = 0; i < JOURNAL_MESSAGE_MAX; i++)
        buf_add_char(&body, 'x');
    buf_add_text(&body, "\"}}]");
    site_send(site, "POST", PATH, buf_text(&body), 413);
    assert_member(site, "error_code", "PAYLOAD_TOO_LARGE");
    assert_int_equal(last_sequence(site), 0);
    site_send(site, "POST", PATH, "{\"type\":\"a\",\"data\":{}}", 200);
    assert_member(site, "first_sequence", "1");
}

static int publish_with(struct site *site, const char *headers)
{
    AUTO(mem_free) char *all = mem_printf("Content-Type: application/json\r\n%s", headers);
    http_ask(site->port, "POST", PATH, all, SPAN_LITERAL("{\"type\":\"a\",\"data\":{}}"),
             &site->answer);
    return site->answer.status;
}

/* What a page in a browser on this machine, or a proxy beside us, could send. */
static void test_only_programs_on_this_machine(void **state)
{
    struct site *site = *state;
    assert_int_equal(publish_with(site, ""), 200);
    assert_int_equal(publish_with(site, "Host: localhost:9\r\n"), 200);
    assert_int_equal(publish_with(site, "Origin: http://panel.example\r\n"), 200);
    assert_int_equal(publish_with(site, "Origin: http://evil.example\r\n"), 403);
    assert_int_equal(publish_with(site, "Host: evil.example\r\nOrigin: http://evil.example\r\n"),
                     403);
    assert_int_equal(publish_with(site, "Host: evil.example\r\n"), 403);
    assert_int_equal(publish_with(site, "X-Forwarded-For: 10.0.0.7\r\n"), 403);
    assert_string_not_equal(site_member(site, "detail"), "");
    http_ask(site->port, "POST", PATH, "Content-Type: text/plain\r\n",
             SPAN_LITERAL("{\"type\":\"a\",\"data\":{}}"), &site->answer);
    assert_int_equal(site->answer.status, 415);
}

static void test_others_need_a_key(void **state)
{
    struct site *site = *state;
    assert_int_equal(publish_with(site, ""), 200);
    assert_int_equal(publish_with(site, "Via: proxy\r\n"), 401);
    assert_int_equal(publish_with(site, "Via: proxy\r\nX-API-Key: wrong\r\n"), 401);
    assert_int_equal(publish_with(site, "X-API-Key: wrong\r\n"), 401);
    assert_int_equal(publish_with(site, "Via: proxy\r\nX-API-Key: sesame\r\n"), 200);
    assert_int_equal(publish_with(site, "X-API-Key: sesame\r\nOrigin: http://evil.example\r\n"),
                     403);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_and_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_at_most_a_thousand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_all_or_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_message_too_large_takes_the_others_along, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_only_programs_on_this_machine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_others_need_a_key, set_up_keyed, tear_down),
    };
    return RUN_TESTS(tests);
}

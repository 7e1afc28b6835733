#include "unit.h"

#include "base/buf.h"
#include "base/own.h"
#include "net/http/response_private.h"
#include "requests.h"

#include <string.h>

static struct buf text_of(size_t length)
{
    struct buf text = BUF_INIT;

    memset(buf_reserve(&text, length), 't', length);
    text.len = length;
    return text;
}

static struct http_response *answer_of(size_t length, const char *type)
{
    struct http_response *response = http_response_new(200);
    struct buf body = text_of(length);

    http_response_body(response, type, &body);
    assert_null(body.data);
    return response;
}

static bool has_line(const struct http_response *response, const char *line)
{
    return strstr(buf_text(&response->headers), line) != NULL;
}

static void packs_long_texts_for_those_who_accept_it(void **state)
{
    static const struct {
        bool packed, varies;
        size_t length;
        const char *type, *accepted;
    } cases[] = {
        {true, true, 1000, "text/plain", "gzip"},
        {false, true, 999, "text/plain", "gzip"},
        {false, true, 5000, "application/json", "gzip;q=0"},
        {false, true, 5000, "application/json", "br"},
        {false, false, 5000, "image/jpeg", "gzip"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct literal literal;
        AUTO(http_response_free)
        struct http_response *response = answer_of(cases[i].length, cases[i].type);
        http_response_prepare(response,
                              REQUEST(&literal, METHOD_GET, "Accept-Encoding", cases[i].accepted));
        assert_int_equal(has_line(response, "Content-Encoding: gzip\r\n"), cases[i].packed);
        assert_int_equal(has_line(response, "Vary: Accept-Encoding\r\n"), cases[i].varies);
        assert_int_equal(http_response_length(response) < (int64_t)cases[i].length,
                         cases[i].packed);
    }
}

static void no_value_ends_its_line(void **state)
{
    AUTO(http_response_free) struct http_response *response = http_response_new(200);

    http_response_header(response, "X-Name", "%s", "a\r\nSet-Cookie: b\n\tc\x7f");
    assert_string_equal(buf_text(&response->headers), "X-Name: a  Set-Cookie: b  c \r\n");
}

static void a_problem_is_json(void **state)
{
    AUTO(http_response_free)
    struct http_response *response =
        http_response_problem(400, "Say \"please\".", SPAN_LITERAL("/a\"b"));

    assert_true(has_line(response, "Content-Type: application/problem+json\r\n"));
    assert_true(span_is(bytes_span(response->body),
                        "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,"
                        "\"detail\":\"Say \\\"please\\\".\",\"instance\":\"/a\\\"b\"}"));
}

static void a_head_says_what_follows(void **state)
{
    static const struct {
        int status;
        const char *length;
    } cases[] = {{200, "\r\nContent-Length: 7\r\n"},
                 {404, "\r\nContent-Length: 7\r\n"},
                 {204, NULL},
                 {304, NULL},
                 {101, NULL}};
    AUTO(http_message_free) struct http_message *message = http_message_new();
    http_message_identify(message);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(http_response_free) struct http_response *response = answer_of(7, "text/plain");
        response->status = cases[i].status;
        struct bytes *head = http_response_head(response, message, "now", HTTP_KEEP_ALIVE);
        AUTO(buf_release) struct buf text = BUF_INIT;
        buf_add_span(&text, bytes_span(head));
        bytes_unref(&head);
        assert_true(span_ends_with(buf_span(&text), "\r\n\r\n"));
        assert_int_equal(strstr(buf_text(&text), "Content-Length") != NULL,
                         cases[i].length != NULL);
        if (cases[i].length)
            assert_non_null(strstr(buf_text(&text), cases[i].length));
    }
}

static void reads_members_of_the_query(void **state)
{
    static const struct {
        const char *query, *name, *value; /* NULL: absent */
    } cases[] = {
        {"a=1&b=2", "b", "2"}, {"a=1&a=2", "a", "1"},     {"a=1+2%2B3", "a", "1 2+3"},
        {"a", "a", ""},        {"a=", "a", ""},           {"", "a", NULL},
        {"b=1", "a", NULL},    {"%61=x", "a", "x"},       {"a=b=c", "a", "b=c"},
        {"&&a=1&", "a", "1"},  {"a=%zz%4", "a", "%zz%4"}, {"a=%00", "a", "%00"},
        {"A=1", "a", NULL},    {"a+b=1", "a b", "1"},     {"a=%C3%A9", "a", "\xc3\xa9"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_request request = {.query = span_of(cases[i].query)};
        AUTO(buf_release) struct buf value = BUF_INIT;
        bool found = http_query_of(&request, cases[i].name, &value);
        assert_int_equal(found, cases[i].value != NULL);
        if (found)
            assert_string_equal(buf_text(&value), cases[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packs_long_texts_for_those_who_accept_it),
        cmocka_unit_test(no_value_ends_its_line),
        cmocka_unit_test(a_problem_is_json),
        cmocka_unit_test(a_head_says_what_follows),
        cmocka_unit_test(reads_members_of_the_query),
    };

    return RUN_TESTS(tests);
}

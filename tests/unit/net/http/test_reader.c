#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/own.h"
#include "net/http/head_private.h"
#include "net/http/reader_private.h"

#include <string.h>

#define BODY_MAX 1000
#define HEADER_MAX 16384

static const struct http_settings settings = {
    .body_max = BODY_MAX, .bodies_max = 10 * BODY_MAX, .header_max = HEADER_MAX};

struct reading {
    int status; /* 200: a request */
    struct http_message *message;
    size_t used;
    bool asked_to_continue;
};

static void reading_release(struct reading *reading)
{
    http_message_free(&reading->message);
}

/* Feeds the bytes in pieces of that length; 0 stands for "never finished". */
static struct reading read_in_pieces(struct span bytes, size_t piece)
{
    static atomic_size_t bodies_held;
    AUTO(http_reader_free) struct http_reader *reader = http_reader_new(&settings, &bodies_held, 1);
    struct reading reading = {0};
    struct span rest = bytes;

    while (rest.len > 0) {
        /* A copy on the heap, freed at once: a span that points into it is found out. */
        size_t length = rest.len < piece ? rest.len : piece;
        AUTO(mem_free) char *copy = mem_strndup("", 0);
        copy = mem_resize(copy, length);
        memcpy(copy, rest.at, length);
        struct span input = {copy, length};
        enum http_read read = HTTP_READ_MORE;
        while (input.len > 0 && (read == HTTP_READ_MORE || read == HTTP_READ_CONTINUE)) {
            read = http_reader_feed(reader, &input);
            reading.asked_to_continue |= read == HTTP_READ_CONTINUE;
        }
        size_t used = length - input.len;
        reading.used += used;
        rest = (struct span){rest.at + used, rest.len - used};
        if (read == HTTP_READ_MORE || read == HTTP_READ_CONTINUE)
            continue;
        reading.status = read == HTTP_READ_DONE ? 200 : http_reader_status(reader);
        if (read == HTTP_READ_REFUSED)
            assert_non_null(http_reader_detail(reader));
        reading.message = http_reader_take(reader);
        return reading;
    }
    return reading;
}

static struct reading read_text(const char *text)
{
    return read_in_pieces(span_of(text), strlen(text));
}

static void takes_a_request_apart(void **state)
{
    const char *text = "GET /api/a%20b/%C3%A9?x=1&y=%2F HTTP/1.1\r\n"
                       "Host: porch:8000\r\nX-Empty:\r\nx-Two:  a b \t\r\nX-TWO: c\r\n\r\nrest";
    AUTO(reading_release) struct reading reading = read_text(text);

    assert_int_equal(reading.status, 200);
    const struct http_request *request = &reading.message->request;
    assert_int_equal(reading.used, strlen(text) - 4);
    assert_int_equal(request->method, METHOD_GET);
    assert_true(span_is(request->method_name, "GET"));
    assert_true(span_is(request->target, "/api/a%20b/%C3%A9?x=1&y=%2F"));
    assert_true(span_is(request->path, "/api/a b/\xc3\xa9"));
    assert_true(span_is(request->query, "x=1&y=%2F"));
    assert_true(span_is(request->body, ""));
    assert_int_equal(request->minor_version, 1);
    assert_int_equal(request->header_count, 4);
    assert_true(span_is(http_header_of(request, "X-EMPTY"), ""));
    assert_non_null(http_header_of(request, "X-EMPTY").at);
    assert_null(http_header_of(request, "X-None").at);
    assert_true(span_is(http_header_of(request, "X-Two"), "a b"));
    assert_int_equal(http_header_count(request, "x-two"), 2);
    assert_true(reading.message->keep_alive);
}

struct example {
    int status;
    const char *text;
    const char *body;
};

/* What is taken and what is refused, and how. */
static const struct example examples[] = {
    {200, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
    {200, "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
    {200, "GET / HTTP/1.0\r\n\r\n", ""},
    {200, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "hello"},
    {200, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", ""},
    {200, "POST / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
    {200,
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A\r\n0123456789"
     "\r\n0\r\n\r\n",
     "abc0123456789"},
    {200,
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n0\r\n"
     "X-Trailer: v\r\n\r\n",
     "abc"},
    {200, "GET http://a/x?y HTTP/1.1\r\nHost: A\r\n\r\n", ""},
    {200, "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", ""},
    {200, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", ""},
    {200, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
    {200, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", ""},
    {200, "GET / HTTP/1.1\r\nHost: [::1]:8000\r\nX: \xc3\xa9\r\n\r\n", ""},
    /* the request line */
    {400, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", NULL},
    {400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET /\r\nHost: a\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\nHost: a\r\n\r\n", NULL},
    {400, "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET a HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n", NULL},
    {400, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", NULL},
    {400, "GET / HTTQ/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET /a%2 HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {400, "\x16\x03\x01\x02\x00\x01", NULL}, /* a TLS greeting */
    {501, "FETCH / HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {501, "get / HTTP/1.1\r\nHost: a\r\n\r\n", NULL},
    {505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n", NULL},
    {505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n", NULL},
    {505, "GET / HTTP/0.9\r\nHost: a\r\n\r\n", NULL},
    {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NULL},
    /* headers */
    {400, "GET / HTTP/1.1\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost:\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", NULL},
    {400, "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nX(: y\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nX: y\x7f\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nX: \x0b\r\n\r\n", NULL},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nX\xc3: y\r\n\r\n", NULL},
    /* how long is the body? */
    {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
     NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
     NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello", NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello", NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello", NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello", NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nhello", NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\nhello", NULL},
    {400,
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\n",
     NULL},
    {400,
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: "
     "5\r\n\r\n0\r\n\r\n",
     NULL},
    {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", NULL},
    {411, "POST / HTTP/1.0\r\n\r\n", NULL},
    {413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", NULL},
    {501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", NULL},
    {501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", NULL},
    {501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", NULL},
    {501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", NULL},
    {400,
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
     "identity\r\n\r\n0\r\n\r\n",
     NULL},
    {417, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: miracles\r\n\r\nhello", NULL},
    /* chunks */
    {400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\ng\r\n", NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n", NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n", NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
     NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n",
     NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
     NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\nabc\r\n0\r\n\r\n",
     NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", NULL},
    {400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
     NULL},
    {413, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
     NULL},
    {413, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n", NULL},
};

static void check(const struct example *example, size_t piece)
{
    AUTO(reading_release)
    struct reading reading = read_in_pieces(span_of(example->text), piece);

    if (reading.status != example->status)
        print_message("in pieces of %zu: %s\n", piece, example->text);
    assert_int_equal(reading.status, example->status);
    if (example->body)
        assert_true(span_is(reading.message->request.body, example->body));
}

static void judges_every_example_however_it_arrives(void **state)
{
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        size_t length = strlen(examples[i].text);
        for (size_t piece = 1; piece <= length; piece++)
            check(&examples[i], piece);
    }
}

static void refuses_a_nul_anywhere_in_the_head(void **state)
{
    static const char text[] = "GET /abc HTTP/1.1\r\nHost: a\r\nX: yz\r\n\r\n";

    for (size_t at = 0; at + 1 < sizeof(text) - 4; at++) {
        char copy[sizeof(text)];
        memcpy(copy, text, sizeof(text));
        copy[at] = '\0';
        AUTO(reading_release)
        struct reading reading = read_in_pieces((struct span){copy, sizeof(text) - 1}, 7);
        assert_int_equal(reading.status, 400);
    }
}

static void never_finishes_a_cut_request(void **state)
{
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        if (examples[i].status != 200)
            continue;
        for (size_t length = 0; length < strlen(examples[i].text); length++) {
            AUTO(reading_release)
            struct reading reading =
                read_in_pieces((struct span){examples[i].text, length}, length + 1);
            assert_int_equal(reading.status, 0);
        }
    }
}

static void leaves_the_next_request_alone(void **state)
{
    const char *first = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3\r\nabc\r\n0\r\nX: y\r\n\r\n";
    AUTO(buf_release) struct buf text = BUF_INIT;
    buf_addf(&text, "%sGET /next HTTP/1.1\r\nHost: a\r\n\r\n", first);

    for (size_t piece = 1; piece <= text.len; piece++) {
        AUTO(reading_release) struct reading reading = read_in_pieces(buf_span(&text), piece);
        assert_int_equal(reading.status, 200);
        assert_int_equal(reading.used, strlen(first));
    }
}

static void asks_to_continue_once(void **state)
{
    const char *head =
        "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n";
    AUTO(reading_release) struct reading half = read_text(head);
    AUTO(reading_release)
    struct reading none = read_text("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n");

    assert_int_equal(half.status, 0);
    assert_true(half.asked_to_continue);
    assert_int_equal(none.status, 200);
    assert_false(none.asked_to_continue);
}

static struct reading read_long(const char *before, size_t fill, const char *after)
{
    AUTO(buf_release) struct buf text = BUF_INIT;

    buf_add_text(&text, before);
    memset(buf_reserve(&text, fill), 'x', fill);
    text.len += fill;
    buf_add_text(&text, after);
    return read_in_pieces(buf_span(&text), 1000);
}

static void keeps_its_limits(void **state)
{
    const struct {
        int status;
        size_t fill;
        const char *before, *after;
    } cases[] = {
        {200, HTTP_TARGET_MAX - 1, "GET /", " HTTP/1.1\r\nHost: a\r\n\r\n"},
        {414, HTTP_TARGET_MAX, "GET /", " HTTP/1.1\r\nHost: a\r\n\r\n"},
        {414, 1 << 20, "GET /", ""},
        {400, 1 << 20, "", ""},
        {431, 1 << 20, "GET / HTTP/1.1\r\nHost: a\r\nX: ", ""},
        {431, 1 << 20, "GET / HTTP/1.1\r\nHost: a\r\n", ""},
        {200, HEADER_MAX - 32, "GET / HTTP/1.1\r\nHost: a\r\nX: ", "\r\n\r\n"},
        {431, HEADER_MAX - 31, "GET / HTTP/1.1\r\nHost: a\r\nX: ", "\r\n\r\n"},
        {200, BODY_MAX - 10,
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3de\r\n",
         "\r\na\r\n0123456789\r\n0\r\n\r\n"},
        {413, BODY_MAX - 10,
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3de\r\n",
         "\r\nb\r\n0123456789a\r\n0\r\n\r\n"},
        {413, 1 << 20, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;", ""},
        {413, 1 << 20,
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", ""},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(reading_release)
        struct reading reading = read_long(cases[i].before, cases[i].fill, cases[i].after);
        if (reading.status != cases[i].status)
            print_message("case %zu\n", i);
        assert_int_equal(reading.status, cases[i].status);
    }
}

static void counts_headers(void **state)
{
    for (int count = HTTP_HEADERS_MAX; count <= HTTP_HEADERS_MAX + 1; count++) {
        AUTO(buf_release) struct buf text = BUF_INIT;
        buf_add_text(&text, "GET / HTTP/1.1\r\nHost: a\r\n");
        for (int i = 1; i < count; i++)
            buf_addf(&text, "X-%d: y\r\n", i);
        buf_add_text(&text, "\r\n");
        AUTO(reading_release) struct reading reading = read_in_pieces(buf_span(&text), 4096);
        assert_int_equal(reading.status, count > HTTP_HEADERS_MAX ? 431 : 200);
    }
}

static void knows_whether_to_keep_the_connection(void **state)
{
    const struct {
        bool keep;
        const char *text;
    } cases[] = {
        {true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {false, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"},
        {false, "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n"},
        {false, "GET / HTTP/1.0\r\nHost: a\r\n\r\n"},
        {true, "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"},
        {true, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(reading_release) struct reading reading = read_text(cases[i].text);
        assert_int_equal(reading.status, 200);
        assert_int_equal(reading.message->keep_alive, cases[i].keep);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_request_apart),
        cmocka_unit_test(judges_every_example_however_it_arrives),
        cmocka_unit_test(refuses_a_nul_anywhere_in_the_head),
        cmocka_unit_test(never_finishes_a_cut_request),
        cmocka_unit_test(leaves_the_next_request_alone),
        cmocka_unit_test(asks_to_continue_once),
        cmocka_unit_test(keeps_its_limits),
        cmocka_unit_test(counts_headers),
        cmocka_unit_test(knows_whether_to_keep_the_connection),
    };

    return RUN_TESTS(tests);
}

#include "unit.h"

#include "base/buf.h"
#include "base/own.h"
#include "net/http/response_private.h"
#include "requests.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static int file_of(size_t length)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    const struct timespec times[2] = {{784111777, 5}, {784111777, 5}};

    for (size_t i = 0; i < length; i++)
        assert_int_equal(write(fd, &"0123456789"[i % 10], 1), 1);
    assert_int_equal(futimens(fd, times), 0);
    return fd;
}

/* The value of a header, "" when absent; valid until the next call. */
static const char *header(const struct http_response *response, const char *name)
{
    static char value[256];
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "%s: ", name);
    const char *found = strstr(buf_text(&response->headers), wanted);
    value[0] = '\0';
    if (found)
        sscanf(found + strlen(wanted), "%255[^\r]", value);
    return value;
}

static void sends_the_whole(void **state)
{
    struct literal literal;
    AUTO(http_response_free)
    struct http_response *response =
        http_response_file(REQUEST(&literal, METHOD_GET), file_of(5000), "image/png", "max-age=60");

    assert_int_equal(response->status, 200);
    assert_int_equal(response->file_offset, 0);
    assert_int_equal(http_response_length(response), 5000);
    assert_false(response->compress);
    assert_string_equal(header(response, "Content-Type"), "image/png");
    assert_string_equal(header(response, "Cache-Control"), "max-age=60");
    assert_string_equal(header(response, "Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_string_equal(header(response, "Accept-Ranges"), "bytes");
    assert_string_equal(header(response, "Vary"), "");
}

static void sends_a_part(void **state)
{
    struct literal literal;
    AUTO(http_response_free)
    struct http_response *response = http_response_file(
        REQUEST(&literal, METHOD_GET, "Range", "bytes=10-19"), file_of(5000), "image/png", NULL);

    assert_int_equal(response->status, 206);
    assert_int_equal(response->file_offset, 10);
    assert_int_equal(response->file_length, 10);
    assert_string_equal(header(response, "Content-Range"), "bytes 10-19/5000");
}

static void has_no_such_part(void **state)
{
    struct literal literal;
    AUTO(http_response_free)
    struct http_response *response = http_response_file(
        REQUEST(&literal, METHOD_GET, "Range", "bytes=5000-"), file_of(5000), "image/png", NULL);

    assert_int_equal(response->status, 416);
    assert_string_equal(header(response, "Content-Range"), "bytes */5000");
    assert_string_equal(header(response, "Content-Type"), "application/problem+json");
}

static void sends_nothing_that_the_peer_has(void **state)
{
    struct literal literal;
    int fd = file_of(5000);
    AUTO(http_response_free)
    struct http_response *first =
        http_response_file(REQUEST(&literal, METHOD_GET), dup(fd), "text/css", "no-cache");
    char etag[256];
    snprintf(etag, sizeof(etag), "%s", header(first, "ETag"));
    AUTO(http_response_free)
    struct http_response *again = http_response_file(
        REQUEST(&literal, METHOD_GET, "If-None-Match", etag), dup(fd), "text/css", "no-cache");
    /* The same file, asked for by somebody who would get it packed. */
    AUTO(http_response_free)
    struct http_response *packed = http_response_file(
        REQUEST(&literal, METHOD_GET, "If-None-Match", etag, "Accept-Encoding", "gzip"), dup(fd),
        "text/css", "no-cache");

    assert_int_equal(again->status, 304);
    assert_string_equal(header(again, "ETag"), etag);
    assert_string_equal(header(again, "Cache-Control"), "no-cache");
    assert_string_equal(header(again, "Vary"), "Accept-Encoding");
    assert_int_equal(again->file, -1);
    assert_int_equal(packed->status, 304);
    assert_int_equal(ftruncate(fd, 4999), 0);
    AUTO(http_response_free)
    struct http_response *changed = http_response_file(
        REQUEST(&literal, METHOD_GET, "If-None-Match", etag), fd, "text/css", "no-cache");
    assert_int_equal(changed->status, 200);
}

static void packs_a_text(void **state)
{
    struct literal literal;
    const struct http_request *request =
        REQUEST(&literal, METHOD_GET, "Accept-Encoding", "gzip, br");
    AUTO(http_response_free)
    struct http_response *response =
        http_response_file(request, file_of(5000), "text/html; charset=utf-8", NULL);

    assert_non_null(strstr(header(response, "ETag"), "-gz\""));
    http_response_prepare(response, request);
    assert_string_equal(header(response, "Content-Encoding"), "gzip");
    assert_string_equal(header(response, "Vary"), "Accept-Encoding");
    assert_int_equal(response->file, -1);
    unsigned char plain[6000];
    z_stream stream = {.next_in = (Bytef *)response->body->at,
                       .avail_in = (uInt)response->body->len,
                       .next_out = plain,
                       .avail_out = sizeof(plain)};
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, 5000);
    assert_memory_equal(plain + 4990, "0123456789", 10);
    inflateEnd(&stream);
}

static void a_part_of_a_text_is_not_packed(void **state)
{
    struct literal literal;
    const struct http_request *request =
        REQUEST(&literal, METHOD_GET, "Accept-Encoding", "gzip", "Range", "bytes=0-2999");
    AUTO(http_response_free)
    struct http_response *response = http_response_file(request, file_of(5000), "text/html", NULL);

    http_response_prepare(response, request);
    assert_int_equal(response->status, 206);
    assert_string_equal(header(response, "Content-Encoding"), "");
    assert_string_equal(header(response, "Vary"), "Accept-Encoding");
    assert_null(strstr(header(response, "ETag"), "-gz"));
}

static void a_short_text_is_not_packed(void **state)
{
    struct literal literal;
    const struct http_request *request = REQUEST(&literal, METHOD_GET, "Accept-Encoding", "gzip");
    AUTO(http_response_free)
    struct http_response *response = http_response_file(request, file_of(999), "text/html", NULL);

    http_response_prepare(response, request);
    assert_string_equal(header(response, "Content-Encoding"), "");
    assert_true(response->file >= 0);
}

static void what_is_no_file_is_not_found(void **state)
{
    struct literal literal;
    AUTO(http_response_free)
    struct http_response *folder = http_response_file(
        REQUEST(&literal, METHOD_GET), open("/", O_RDONLY | O_CLOEXEC), "image/png", NULL);

    assert_int_equal(folder->status, 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_the_whole),
        cmocka_unit_test(sends_a_part),
        cmocka_unit_test(has_no_such_part),
        cmocka_unit_test(sends_nothing_that_the_peer_has),
        cmocka_unit_test(packs_a_text),
        cmocka_unit_test(a_part_of_a_text_is_not_packed),
        cmocka_unit_test(a_short_text_is_not_packed),
        cmocka_unit_test(what_is_no_file_is_not_found),
    };

    return RUN_TESTS(tests);
}

/* Any bytes as one request, at once and in pieces: both ways the same verdict, and what is let
 * through keeps the promises of http.h. The first byte says how long the pieces are. */
#include "net/http/reader_private.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct http_settings settings = {
    .body_max = 40000, .header_max = 16384, .bodies_max = 40000};

struct verdict {
    int status; /* 0: it goes on; 200: a request */
    size_t used;
    struct http_message *message;
};

static struct verdict judge(struct span bytes, size_t piece, atomic_size_t *bodies_held)
{
    AUTO(http_reader_free) struct http_reader *reader = http_reader_new(&settings, bodies_held, 1);
    struct verdict verdict = {0};

    while (verdict.used < bytes.len) {
        size_t left = bytes.len - verdict.used;
        struct span input = {bytes.at + verdict.used, left < piece ? left : piece};
        size_t before = input.len;
        enum http_read read = http_reader_feed(reader, &input);
        verdict.used += before - input.len;
        if (read == HTTP_READ_MORE || read == HTTP_READ_CONTINUE)
            continue;
        verdict.status = read == HTTP_READ_DONE ? 200 : http_reader_status(reader);
        if (read == HTTP_READ_REFUSED && !http_reader_detail(reader))
            __builtin_trap();
        verdict.message = http_reader_take(reader);
        break;
    }
    return verdict;
}

static void check_promises(const struct http_message *message)
{
    const struct http_request *request = &message->request;
    const char *head = message->head.data;

    if (memchr(request->path.at, '\0', request->path.len) || request->path.len == 0 ||
        (request->path.at[0] != '/' && !span_is(request->path, "*")))
        __builtin_trap();
    if (request->body.len > settings.body_max || request->header_count > HTTP_HEADERS_MAX)
        __builtin_trap();
    for (size_t i = 0; i < request->header_count; i++) {
        struct span value = request->headers[i].value;
        if (value.at < head || value.at + value.len > head + message->head.len ||
            memchr(value.at, '\n', value.len) || memchr(value.at, '\r', value.len))
            __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len < 2)
        return 0;
    struct span text = {(const char *)bytes + 1, len - 1};
    atomic_size_t held[2] = {0, 0};
    struct verdict whole = judge(text, text.len, &held[0]);
    struct verdict parts = judge(text, bytes[0] + 1u, &held[1]);

    if (whole.status != parts.status || (whole.status == 200 && whole.used != parts.used))
        __builtin_trap();
    if (whole.status == 200) {
        check_promises(whole.message);
        if (!span_equal(whole.message->request.body, parts.message->request.body))
            __builtin_trap();
    }
    http_message_free(&whole.message);
    http_message_free(&parts.message);
    if (atomic_load(&held[0]) != 0 || atomic_load(&held[1]) != 0)
        __builtin_trap();
    return 0;
}

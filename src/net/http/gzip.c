#include "net/http/response_private.h"

#include <assert.h>
#include <zlib.h>

#define GZIP_LEVEL 5
#define GZIP_WINDOW_BITS (15 + 16) /* + 16: with gzip's header and trailer */
#define GZIP_MEMORY_LEVEL 8

static bool in(struct span type, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_is_nocase(type, list[i]))
            return true;
    return false;
}

bool http_is_text(struct span content_type)
{
    static const char *const texts[] = {
        "application/json",      "application/javascript",    "application/xml",
        "application/yaml",      "application/manifest+json", "application/problem+json",
        "application/xhtml+xml", "application/x-ndjson",      "application/wasm",
        "image/svg+xml",
    };
    struct span rest = content_type;
    struct span type = span_trim(span_cut(&rest, ';'));
    if (span_is_nocase(type, "text/event-stream"))
        return false;
    return (type.len > 5 && span_is_nocase((struct span){type.at, 5}, "text/")) ||
           in(type, texts, COUNT_OF(texts));
}

/* "0", "0.", "0.000": refused. */
static bool is_zero(struct span quality)
{
    for (size_t i = 0; i < quality.len; i++)
        if (quality.at[i] != '0' && quality.at[i] != '.')
            return false;
    return quality.len > 0;
}

static bool is_refused(struct span parameters)
{
    while (parameters.at) {
        struct span value = span_cut(&parameters, ';');
        struct span name = span_trim(span_cut(&value, '='));
        if (span_is_nocase(name, "q"))
            return is_zero(span_trim(value));
    }
    return false;
}

enum verdict { NOT_MENTIONED, ACCEPTED, REFUSED };

static enum verdict verdict_on(const struct http_request *request, const char *coding)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (!span_is_nocase(request->headers[i].name, "Accept-Encoding"))
            continue;
        struct span list = request->headers[i].value;
        while (list.at) {
            struct span item = span_cut(&list, ',');
            struct span name = span_trim(span_cut(&item, ';'));
            if (span_is_nocase(name, coding))
                return is_refused(item) ? REFUSED : ACCEPTED;
        }
    }
    return NOT_MENTIONED;
}

bool http_accepts_gzip(const struct http_request *request)
{
    static const char *const names[] = {"gzip", "x-gzip", "*"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        enum verdict verdict = verdict_on(request, names[i]);
        if (verdict != NOT_MENTIONED)
            return verdict == ACCEPTED;
    }
    return false;
}

void http_gzip(struct buf *out, struct span plain)
{
    z_stream stream = {0};
    int rc = deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL,
                          Z_DEFAULT_STRATEGY);
    assert(rc == Z_OK); /* fails for want of memory only */
    uLong room = deflateBound(&stream, (uLong)plain.len);
    stream.next_out = (Bytef *)buf_reserve(out, room);
    stream.avail_out = (uInt)room;
    stream.next_in = (Bytef *)(uintptr_t)plain.at;
    stream.avail_in = (uInt)plain.len;
    rc = deflate(&stream, Z_FINISH);
    assert(rc == Z_STREAM_END); /* deflateBound() said it fits */
    out->len += stream.total_out;
    deflateEnd(&stream);
}

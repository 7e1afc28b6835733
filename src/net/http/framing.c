#include "net/http/reader_parts_private.h"

#include <string.h>

#define LENGTH_DIGITS_MAX 18 /* what surely fits 64 bits */

static int refuse(const char **ret_detail, int status, const char *detail)
{
    *ret_detail = detail;
    return -status;
}

/* A name or address and perhaps a port: nothing that could be read as a path, a user or a list. */
static bool is_host(struct span host)
{
    for (size_t i = 0; i < host.len; i++)
        if (host.at[i] <= ' ' || host.at[i] >= 0x7f || strchr("/\\@,?#\"<>{}|^`", host.at[i]))
            return false;
    return host.len > 0;
}

static int check_host(const struct http_request *request, const char **ret_detail)
{
    size_t count = http_header_count(request, "Host");
    if (count > 1)
        return refuse(ret_detail, 400, "There is more than one Host header.");
    if (count == 0 && request->minor_version > 0)
        return refuse(ret_detail, 400, "The Host header is missing.");
    if (count == 1 && !is_host(http_header_of(request, "Host")))
        return refuse(ret_detail, 400, "The Host header names no host.");
    return 0;
}

static int check_coding(const struct http_request *request, struct http_framing *framing,
                        const char **ret_detail)
{
    size_t count = http_header_count(request, "Transfer-Encoding");
    if (count == 0)
        return 0;
    if (http_header_count(request, "Content-Length") > 0)
        return refuse(ret_detail, 400, "Content-Length and Transfer-Encoding exclude each other.");
    if (request->minor_version == 0)
        return refuse(ret_detail, 400, "HTTP/1.0 has no Transfer-Encoding.");
    if (count > 1 || !span_is_nocase(http_header_of(request, "Transfer-Encoding"), "chunked"))
        return refuse(ret_detail, 501, "The only transfer coding known here is chunked.");
    framing->chunked = true;
    return 0;
}

static bool parse_length(struct span text, uint64_t *ret_length)
{
    uint64_t length = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        /* Longer than any limit is all that needs to be known of a number this long. */
        length = i < LENGTH_DIGITS_MAX ? length * 10 + (uint64_t)(text.at[i] - '0') : UINT64_MAX;
    }
    *ret_length = length;
    return text.len > 0;
}

static bool sends_body(enum http_method method)
{
    return method == METHOD_POST || method == METHOD_PUT || method == METHOD_PATCH;
}

static int check_length(const struct http_request *request, uint64_t body_max,
                        struct http_framing *framing, const char **ret_detail)
{
    size_t count = http_header_count(request, "Content-Length");
    if (count > 1)
        return refuse(ret_detail, 400, "There is more than one Content-Length header.");
    if (count == 0 && request->minor_version == 0 && sends_body(request->method))
        return refuse(ret_detail, 411, "A request of HTTP/1.0 needs a Content-Length.");
    if (count == 0)
        return 0;
    if (!parse_length(http_header_of(request, "Content-Length"), &framing->length))
        return refuse(ret_detail, 400, "The Content-Length is not a number.");
    if (framing->length > body_max)
        return refuse(ret_detail, 413, "The body is larger than this server accepts.");
    return 0;
}

static int check_expect(const struct http_request *request, struct http_framing *framing,
                        const char **ret_detail)
{
    struct span expect = http_header_of(request, "Expect");
    if (!expect.at || request->minor_version == 0)
        return 0;
    if (http_header_count(request, "Expect") > 1 || !span_is_nocase(expect, "100-continue"))
        return refuse(ret_detail, 417, "The only expectation known here is 100-continue.");
    framing->expects_continue = framing->chunked || framing->length > 0;
    return 0;
}

int http_check_framing(const struct http_request *request, int major, uint64_t body_max,
                       struct http_framing *ret_framing, const char **ret_detail)
{
    struct http_framing framing = {0};
    if (major != 1 || request->minor_version > 1)
        return refuse(ret_detail, 505, "This server speaks HTTP/1.1.");
    int rc = check_host(request, ret_detail);
    if (rc == 0)
        rc = check_coding(request, &framing, ret_detail);
    if (rc == 0)
        rc = check_length(request, body_max, &framing, ret_detail);
    if (rc == 0)
        rc = check_expect(request, &framing, ret_detail);
    if (rc == 0)
        *ret_framing = framing;
    return rc;
}

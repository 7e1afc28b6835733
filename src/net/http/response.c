#include "net/http/response_private.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD_FIRST_SIZE 1024

/* rest-api contract §1.2: on every answer, whoever made it. */
static const char headers_of_every_answer[] =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "X-XSS-Protection: 1; mode=block\r\n"
    "Referrer-Policy: strict-origin-when-cross-origin\r\n"
    "Content-Security-Policy: default-src 'self'; script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'\r\n"
    "Permissions-Policy: geolocation=(), camera=(), microphone=()\r\n";

struct http_response *http_response_new(int status)
{
    struct http_response *response = mem_alloc(sizeof(*response));
    response->status = status;
    response->file = -1;
    return response;
}

void http_response_free(struct http_response **response)
{
    if (!*response)
        return;
    buf_release(&(*response)->headers);
    bytes_unref(&(*response)->body);
    if ((*response)->file >= 0)
        close((*response)->file);
    mem_free(response);
}

/* A value may quote what a client sent: nothing in it ends the line. */
static void keep_on_one_line(struct buf *headers, size_t from)
{
    for (size_t i = from; i < headers->len; i++)
        if ((unsigned char)headers->data[i] < ' ' || headers->data[i] == 0x7f)
            headers->data[i] = ' ';
}

void http_response_header(struct http_response *response, const char *name, const char *format, ...)
{
    buf_addf(&response->headers, "%s: ", name);
    size_t from = response->headers.len;
    va_list args;
    va_start(args, format);
    buf_vaddf(&response->headers, format, args);
    va_end(args);
    keep_on_one_line(&response->headers, from);
    buf_add_text(&response->headers, "\r\n");
}

void http_response_body(struct http_response *response, const char *content_type, struct buf *body)
{
    bytes_unref(&response->body);
    response->body = bytes_from_span(buf_span(body));
    buf_release(body);
    http_response_header(response, "Content-Type", "%s", content_type);
    response->compress = http_is_text(span_of(content_type));
}

struct http_response *http_response_problem(int status, const char *detail, struct span instance)
{
    struct http_response *response = http_response_new(status);
    struct buf body = BUF_INIT;
    buf_addf(&body, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":",
             http_status_phrase(status), status);
    buf_add_json_string(&body, span_of(detail));
    buf_add_text(&body, ",\"instance\":");
    buf_add_json_string(&body, instance);
    buf_add_text(&body, "}");
    http_response_body(response, "application/problem+json", &body);
    return response;
}

bool http_status_has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

int64_t http_response_length(const struct http_response *response)
{
    if (response->body)
        return (int64_t)response->body->len;
    return response->file >= 0 ? response->file_length : 0;
}

static void replace_body_by_gzip(struct http_response *response, struct span plain)
{
    AUTO(buf_release) struct buf packed = BUF_INIT;
    http_gzip(&packed, plain);
    bytes_unref(&response->body);
    response->body = bytes_from_span(buf_span(&packed));
    http_response_header(response, "Content-Encoding", "gzip");
}

/* Reads the part of the file that is to be sent. Returns false when it is not there any more. */
static bool load_file(const struct http_response *response, struct buf *plain)
{
    size_t length = (size_t)response->file_length;
    char *at = buf_reserve(plain, length);
    while (plain->len < length) {
        ssize_t got = pread(response->file, at + plain->len, length - plain->len,
                            (off_t)response->file_offset + (off_t)plain->len);
        if (got <= 0)
            return false;
        plain->len += (size_t)got;
    }
    return true;
}

static void compress_file(struct http_response *response)
{
    AUTO(buf_release) struct buf plain = BUF_INIT;
    if (!load_file(response, &plain))
        return; /* sent as it is, and cut off where the file ends */
    close(response->file);
    response->file = -1;
    replace_body_by_gzip(response, buf_span(&plain));
}

void http_response_prepare(struct http_response *response, const struct http_request *request)
{
    if (!response->compress || !http_status_has_body(response->status))
        return;
    response->compress = false;
    http_response_header(response, "Vary", "Accept-Encoding");
    int64_t length = http_response_length(response);
    if (length < HTTP_COMPRESS_MIN || length > HTTP_COMPRESS_MAX || !http_accepts_gzip(request))
        return;
    if (response->body)
        replace_body_by_gzip(response, bytes_span(response->body));
    else
        compress_file(response);
}

static void add_identity(struct buf *head, const struct http_message *message)
{
    int64_t spent = time_monotonic() - message->request.received;
    buf_addf(head, "X-Request-ID: %s\r\nX-Correlation-ID: %s\r\nX-Response-Time: %.2fms\r\n",
             message->request_id, message->correlation_id, (double)spent / TIME_MS);
}

static const char *connection_value(enum http_persistence persistence)
{
    switch (persistence) {
    case HTTP_KEEP_ALIVE:
        return "keep-alive";
    case HTTP_UPGRADE:
        return "Upgrade";
    case HTTP_CLOSE:
        break;
    }
    return "close";
}

struct bytes *http_response_head(const struct http_response *response,
                                 const struct http_message *message, const char *date,
                                 enum http_persistence persistence)
{
    AUTO(buf_release) struct buf head = BUF_INIT;
    buf_reserve(&head, HEAD_FIRST_SIZE + response->headers.len);
    buf_addf(&head, "HTTP/1.1 %d %s\r\nDate: %s\r\nConnection: %s\r\n", response->status,
             http_status_phrase(response->status), date, connection_value(persistence));
    if (http_status_has_body(response->status))
        buf_addf(&head, "Content-Length: %lld\r\n", (long long)http_response_length(response));
    add_identity(&head, message);
    buf_add_text(&head, headers_of_every_answer);
    buf_add_span(&head, buf_span(&response->headers));
    buf_add_text(&head, "\r\n");
    return bytes_from_span(buf_span(&head));
}

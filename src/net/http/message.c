#include "net/http/message_private.h"

#include "base/ids.h"
#include "base/mem.h"
#include "net/http/percent_private.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SHORT_ID_DIGITS 8

struct http_message *http_message_new(void)
{
    struct http_message *message = mem_alloc(sizeof(*message));
    struct http_request *request = &message->request;
    request->method = METHOD_OTHER;
    request->method_name = span_of("");
    request->target = span_of("");
    request->path = span_of("");
    request->query = span_of("");
    request->body = span_of("");
    request->peer = message->peer;
    request->request_id = message->request_id;
    request->correlation_id = message->correlation_id;
    return message;
}

/* What of a body of that length counts for all. */
static size_t counted(size_t length)
{
    return length > HTTP_BODY_FREE ? length - HTTP_BODY_FREE : 0;
}

int http_message_add_body(struct http_message *message, struct span part, size_t bodies_max)
{
    struct buf *body = &message->body;
    size_t more = counted(body->len + part.len) - counted(body->len);

    assert(message->bodies_held);
    if (more > 0 && atomic_fetch_add(message->bodies_held, more) + more > bodies_max) {
        atomic_fetch_sub(message->bodies_held, more);
        return -ENOBUFS;
    }
    buf_add_span(body, part);
    return 0;
}

void http_message_free(struct http_message **message)
{
    if (!*message)
        return;
    buf_release(&(*message)->head);
    buf_release(&(*message)->path);
    if ((*message)->bodies_held)
        atomic_fetch_sub((*message)->bodies_held, counted((*message)->body.len));
    buf_release(&(*message)->body);
    mem_free(&(*message)->headers);
    mem_free(message);
}

/* An id goes into logs and answers: nothing that could end a line, nothing endless. */
static bool is_usable_id(struct span id)
{
    if (id.len == 0 || id.len > HTTP_ID_MAX)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (id.at[i] <= ' ' || id.at[i] >= 0x7f)
            return false;
    return true;
}

static bool take_id(const struct http_request *request, const char *name, char id[HTTP_ID_MAX + 1])
{
    struct span sent = http_header_of(request, name);
    if (!is_usable_id(sent))
        return false;
    assert(sent.at); /* a usable id has characters */
    memcpy(id, sent.at, sent.len);
    id[sent.len] = '\0';
    return true;
}

void http_message_identify(struct http_message *message)
{
    if (message->request_id[0] != '\0')
        return;
    if (!take_id(&message->request, "X-Request-ID", message->request_id))
        ids_hex(message->request_id, SHORT_ID_DIGITS);
    if (!take_id(&message->request, "X-Correlation-ID", message->correlation_id))
        ids_uuid(message->correlation_id);
}

struct span http_header_of(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (span_is_nocase(request->headers[i].name, name))
            return request->headers[i].value;
    return (struct span){NULL, 0};
}

size_t http_header_count(const struct http_request *request, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        count += span_is_nocase(request->headers[i].name, name);
    return count;
}

static bool list_has(struct span list, const char *token)
{
    while (list.at) {
        if (span_is_nocase(span_trim(span_cut(&list, ',')), token))
            return true;
    }
    return false;
}

bool http_has_token(const struct http_request *request, const char *name, const char *token)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (span_is_nocase(request->headers[i].name, name) &&
            list_has(request->headers[i].value, token))
            return true;
    return false;
}

bool http_query_of(const struct http_request *request, const char *name, struct buf *ret)
{
    struct span wanted = span_of(name);
    struct span rest = request->query;
    AUTO(buf_release) struct buf decoded = BUF_INIT;
    while (rest.at) {
        struct span value = span_cut(&rest, '&');
        struct span key = span_cut(&value, '=');
        buf_reset(&decoded);
        percent_decode_query(&decoded, key);
        if (!span_equal(buf_span(&decoded), wanted))
            continue;
        buf_reset(ret);
        percent_decode_query(ret, value);
        return true;
    }
    return false;
}

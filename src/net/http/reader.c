#include "net/http/reader_private.h"

#include "base/mem.h"
#include "net/http/head_private.h"
#include "net/http/reader_parts_private.h"

#include <assert.h>
#include <llhttp.h>
#include <string.h>

struct http_reader {
    llhttp_t parser;
    struct http_head_scan scan;
    const struct http_settings *settings;
    struct http_message *message;
    uint64_t body_raw; /* bytes of the body as they came, chunk lines and trailers included */
    uint64_t chunks;
    const char *detail;
    int status; /* not 0: refused */
    bool in_body;
    bool complete;
    bool expects_continue;
};

static int refuse(struct http_reader *reader, int status, const char *detail)
{
    /* The first reason counts: llhttp reports our refusal as an error of its own. */
    if (reader->status == 0) {
        reader->status = status;
        reader->detail = detail;
    }
    return -1;
}

/* ---- What llhttp calls; the head lies in one piece, so each part comes in one piece ---- */

static int on_url(llhttp_t *parser, const char *at, size_t length)
{
    struct http_reader *reader = parser->data;
    reader->message->request.target = (struct span){at, length};
    return 0;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t length)
{
    struct http_reader *reader = parser->data;
    struct http_message *message = reader->message;
    if (reader->in_body)
        return 0; /* a trailer: read past */
    size_t count = message->request.header_count;
    if (count == HTTP_HEADERS_MAX)
        return refuse(reader, 431, "The request has more than 100 headers.");
    if (count == message->header_capacity) {
        message->header_capacity = count > 0 ? count * 2 : 16;
        message->headers =
            mem_resize(message->headers, message->header_capacity * sizeof(*message->headers));
        message->request.headers = message->headers;
    }
    message->headers[count] = (struct http_header){{at, length}, {at + length, 0}};
    message->request.header_count++;
    return 0;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t length)
{
    struct http_reader *reader = parser->data;
    if (reader->in_body)
        return 0;
    assert(reader->message->request.header_count > 0);
    struct http_header *header =
        &reader->message->headers[reader->message->request.header_count - 1];
    header->value = span_trim((struct span){at, length});
    return 0;
}

static enum http_method method_of(uint8_t method)
{
    switch (method) {
    case HTTP_GET:
        return METHOD_GET;
    case HTTP_HEAD:
        return METHOD_HEAD;
    case HTTP_POST:
        return METHOD_POST;
    case HTTP_PUT:
        return METHOD_PUT;
    case HTTP_PATCH:
        return METHOD_PATCH;
    case HTTP_DELETE:
        return METHOD_DELETE;
    case HTTP_OPTIONS:
        return METHOD_OPTIONS;
    default:
        return METHOD_OTHER;
    }
}

static int on_headers_complete(llhttp_t *parser)
{
    struct http_reader *reader = parser->data;
    struct http_request *request = &reader->message->request;
    request->method = method_of(parser->method);
    request->method_name = span_of(llhttp_method_name(parser->method));
    request->minor_version = parser->http_minor;

    struct http_framing framing;
    const char *detail = NULL;
    int rc = http_check_framing(request, parser->http_major, reader->settings->body_max, &framing,
                                &detail);
    if (rc == 0)
        rc = http_split_target(reader->message, &detail);
    if (rc < 0)
        return refuse(reader, -rc, detail);
    reader->expects_continue = framing.expects_continue;
    reader->message->keep_alive = llhttp_should_keep_alive(parser);
    /* Whoever wants to upgrade asks for the connection after the request is read; to llhttp it is a
     * request like any other. */
    parser->upgrade = 0;
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t length)
{
    struct http_reader *reader = parser->data;
    if (length > reader->settings->body_max - reader->message->body.len)
        return refuse(reader, 413, "The body is larger than this server accepts.");
    if (http_message_add_body(reader->message, (struct span){at, length},
                              reader->settings->bodies_max) < 0)
        return refuse(reader, 503, "Too many large bodies are on their way: try again.");
    return 0;
}

static int on_chunk_header(llhttp_t *parser)
{
    struct http_reader *reader = parser->data;
    reader->chunks++;
    if (parser->content_length > reader->settings->body_max - reader->message->body.len)
        return refuse(reader, 413, "The body is larger than this server accepts.");
    return 0;
}

static int on_message_complete(llhttp_t *parser)
{
    struct http_reader *reader = parser->data;
    reader->complete = true;
    return HPE_PAUSED; /* what follows is another request */
}

static const llhttp_settings_t callbacks = {
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_chunk_header = on_chunk_header,
    .on_message_complete = on_message_complete,
};

/* ---- Feeding it ---- */

static void refuse_by_parser(struct http_reader *reader, llhttp_errno_t error)
{
    if (error == HPE_INVALID_VERSION || error == HPE_PAUSED_H2_UPGRADE)
        refuse(reader, 505, "This server speaks HTTP/1.1.");
    else if (error == HPE_INVALID_METHOD)
        refuse(reader, 501, "The method is not known here.");
    else if (error == HPE_INVALID_CHUNK_SIZE)
        refuse(reader, 400, "The size of a chunk is not a number.");
    else
        refuse(reader, 400, "The request is malformed.");
}

/* Returns how many bytes llhttp used. */
static size_t execute(struct http_reader *reader, struct span input)
{
    llhttp_errno_t error = llhttp_execute(&reader->parser, input.at, input.len);
    if (error == HPE_OK)
        return input.len;
    if (error != HPE_PAUSED || !reader->complete)
        refuse_by_parser(reader, error);
    return (size_t)(llhttp_get_error_pos(&reader->parser) - input.at);
}

/* Moves input into the head, line by line, so that not a byte behind the head is copied. Returns
 * whether the head is complete. */
static bool gather_head(struct http_reader *reader, struct span *input)
{
    struct buf *head = &reader->message->head;
    while (input->len > 0) {
        const char *end = memchr(input->at, '\n', input->len);
        size_t length = end ? (size_t)(end - input->at) + 1 : input->len;
        size_t room = reader->settings->header_max - head->len;
        buf_add(head, input->at, length < room ? length : room);
        int rc = http_head_scan(&reader->scan, buf_span(head));
        if (rc < 0) {
            refuse(reader, -rc, reader->scan.wrong);
            return false;
        }
        if (length > room || (rc == 0 && length == room)) {
            refuse(reader, 431, "The head of the request is larger than this server accepts.");
            return false;
        }
        *input = (struct span){input->at + length, input->len - length};
        if (rc > 0)
            return true;
    }
    return false;
}

static enum http_read outcome(const struct http_reader *reader)
{
    if (reader->status != 0)
        return HTTP_READ_REFUSED;
    return reader->complete ? HTTP_READ_DONE : HTTP_READ_MORE;
}

static enum http_read feed_head(struct http_reader *reader, struct span *input)
{
    if (!gather_head(reader, input))
        return outcome(reader);
    size_t used = execute(reader, buf_span(&reader->message->head));
    if (reader->status == 0 && used != reader->message->head.len)
        refuse(reader, 400, "The request is malformed.");
    reader->in_body = true;
    if (outcome(reader) == HTTP_READ_MORE && reader->expects_continue)
        return HTTP_READ_CONTINUE;
    return outcome(reader);
}

static enum http_read feed_body(struct http_reader *reader, struct span *input)
{
    size_t used = execute(reader, *input);
    *input = (struct span){input->at + used, input->len - used};
    reader->body_raw += used;
    uint64_t waste = reader->body_raw - reader->message->body.len;
    if (waste > reader->settings->header_max + reader->chunks * HTTP_CHUNK_WASTE_MAX)
        refuse(reader, 413, "The chunks of the body waste too much room.");
    if (reader->complete)
        reader->message->request.body = buf_span(&reader->message->body);
    return outcome(reader);
}

enum http_read http_reader_feed(struct http_reader *reader, struct span *input)
{
    assert(!reader->complete && reader->status == 0);
    if (!reader->in_body) {
        enum http_read read = feed_head(reader, input);
        if (read != HTTP_READ_MORE || !reader->in_body)
            return read;
    }
    return input->len > 0 ? feed_body(reader, input) : HTTP_READ_MORE;
}

struct http_reader *http_reader_new(const struct http_settings *settings,
                                    atomic_size_t *bodies_held, int64_t received)
{
    struct http_reader *reader = mem_alloc(sizeof(*reader));
    reader->settings = settings;
    reader->message = http_message_new();
    reader->message->request.received = received;
    reader->message->bodies_held = bodies_held;
    llhttp_init(&reader->parser, HTTP_REQUEST, &callbacks);
    reader->parser.data = reader;
    return reader;
}

void http_reader_free(struct http_reader **reader)
{
    if (!*reader)
        return;
    http_message_free(&(*reader)->message);
    mem_free(reader);
}

bool http_reader_in_body(const struct http_reader *reader)
{
    return reader->in_body;
}

int http_reader_status(const struct http_reader *reader)
{
    return reader->status;
}

const char *http_reader_detail(const struct http_reader *reader)
{
    return reader->detail;
}

struct http_message *http_reader_take(struct http_reader *reader)
{
    return TAKE(reader->message);
}

/* reader: bytes in, one request out; no sockets.
 *
 * A head is gathered whole and scanned to the letter (head_private.h), then llhttp takes it apart;
 * a body streams through llhttp into one buffer. A reader lives from the first byte of a request to
 * its last. Thread: whoever holds it. Limits: http_settings.header_max and body_max,
 * HTTP_TARGET_MAX, HTTP_HEADERS_MAX, and what chunks may waste, HTTP_CHUNK_WASTE_MAX. */
#pragma once

#include "base/own.h"
#include "base/span.h"
#include "net/http/http.h"
#include "net/http/message_private.h"

#include <stdbool.h>

#define HTTP_HEADERS_MAX 100
#define HTTP_CHUNK_WASTE_MAX 64 /* per chunk, beside header_max for the whole body */

enum http_read {
    HTTP_READ_MORE,     /* all input is used, the request goes on */
    HTTP_READ_CONTINUE, /* once: the peer waits for "100 Continue" before it sends the body */
    HTTP_READ_DONE,     /* take the message; the rest of the input is not of this request */
    HTTP_READ_REFUSED   /* answer with the status and close; nothing after it can be trusted */
};

struct http_reader;

/* Both are borrowed; `bodies_held` until the message is freed. */
struct http_reader *http_reader_new(const struct http_settings *settings,
                                    atomic_size_t *bodies_held, int64_t received);
void http_reader_free(struct http_reader **reader);

/* Uses from the front of input: moves at, shortens len. Not again after DONE or REFUSED. */
MUST_CHECK enum http_read http_reader_feed(struct http_reader *reader, struct span *input);

bool http_reader_in_body(const struct http_reader *reader);
int http_reader_status(const struct http_reader *reader);         /* after REFUSED */
const char *http_reader_detail(const struct http_reader *reader); /* after REFUSED: for a person */

/* After DONE the whole request; after REFUSED what is known of it. */
struct http_message *http_reader_take(struct http_reader *reader);

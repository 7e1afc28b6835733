/* response: an answer on its way to the wire. Thread: whoever holds it. */
#pragma once

#include "base/buf.h"
#include "base/bytes.h"
#include "net/http/http.h"
#include "net/http/message_private.h"

#include <stdbool.h>

/* The answer of the server itself: problem+json (RFC 9457). */
struct http_response *http_response_problem(int status, const char *detail, struct span instance);

/* What takes time and needs no connection: compression. On the thread of whoever answers. */
void http_response_prepare(struct http_response *response, const struct http_request *request);

/* Bytes the body has, whether it is sent or not. */
int64_t http_response_length(const struct http_response *response);

bool http_status_has_body(int status);

enum http_persistence { HTTP_CLOSE, HTTP_KEEP_ALIVE, HTTP_UPGRADE };

/* Status line and all headers, ready to send. */
struct bytes *http_response_head(const struct http_response *response,
                                 const struct http_message *message, const char *date,
                                 enum http_persistence persistence);

/* ---- gzip.c ---- */

#define HTTP_COMPRESS_MIN 1000
#define HTTP_COMPRESS_MAX (8u << 20)

bool http_is_text(struct span content_type);
bool http_accepts_gzip(const struct http_request *request);

/* Adds the compressed form of `plain`. */
void http_gzip(struct buf *out, struct span plain);

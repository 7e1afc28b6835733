/* message: one request with the memory its spans point into. Thread: whoever holds it. */
#pragma once

#include "base/buf.h"
#include "net/address_private.h"
#include "net/http/http.h"

#include <stdatomic.h>
#include <stdbool.h>

#define HTTP_ID_MAX 128 /* of X-Request-ID and X-Correlation-ID; a longer one is replaced */

struct http_message {
    struct http_request request;
    struct buf head;             /* as it came */
    struct buf path;             /* percent-decoded */
    struct buf body;             /* decoded from chunks */
    atomic_size_t *bodies_held;  /* borrowed, or NULL: what all bodies hold beyond HTTP_BODY_FREE */
    struct http_header *headers; /* owned */
    size_t header_capacity;
    char request_id[HTTP_ID_MAX + 1];
    char correlation_id[HTTP_ID_MAX + 1];
    char peer[ADDRESS_TEXT_SIZE];
    bool keep_alive; /* the peer wants it, and the message allows it */
};

struct http_message *http_message_new(void);
void http_message_free(struct http_message **message);

/* -ENOBUFS when all bodies together would hold more than `bodies_max`. */
MUST_CHECK int http_message_add_body(struct http_message *message, struct span part,
                                     size_t bodies_max);

/* Fills in the ids of the request, or fresh ones. Again: keeps them. */
void http_message_identify(struct http_message *message);

/* Whether the comma-separated list in all headers of that name holds the token, in any case. */
bool http_has_token(const struct http_request *request, const char *name, const char *token);
size_t http_header_count(const struct http_request *request, const char *name);

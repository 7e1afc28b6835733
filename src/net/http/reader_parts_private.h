/* reader_parts: what a complete head means, beyond its grammar. Thread: any. */
#pragma once

#include "base/own.h"
#include "net/http/message_private.h"

#include <stdbool.h>
#include <stdint.h>

/* How the body is to be read, and what was asked beside. */
struct http_framing {
    bool chunked;
    bool expects_continue;
    uint64_t length; /* of a sized body */
};

/* Checks version, Host, Content-Length, Transfer-Encoding and Expect. Returns 0 with the framing or
 * a negative status with *ret_detail for a person. */
MUST_CHECK int http_check_framing(const struct http_request *request, int major, uint64_t body_max,
                                  struct http_framing *ret_framing, const char **ret_detail);

/* Splits request.target as it was sent into target, path and query. Returns likewise. */
MUST_CHECK int http_split_target(struct http_message *message, const char **ret_detail);

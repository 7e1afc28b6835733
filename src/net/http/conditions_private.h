/* conditions: what a request asks of the state of a file: validators and ranges. Pure. Thread: any.
 */
#pragma once

#include "base/own.h"
#include "net/http/http.h"

#include <stdbool.h>
#include <stdint.h>

#define HTTP_ETAG_SIZE 64
#define HTTP_DATE_SIZE 32

struct http_validators {
    char etag[HTTP_ETAG_SIZE];  /* strong, quoted: of what would be sent to this request */
    char other[HTTP_ETAG_SIZE]; /* the same file in its other coding, or "" */
    int64_t modified;           /* seconds since 1970 */
};

/* Does the peer have it already? If-None-Match, or without it If-Modified-Since. */
bool http_is_unmodified(const struct http_request *request,
                        const struct http_validators *validators);

enum http_range { HTTP_RANGE_NONE, HTTP_RANGE_ONE, HTTP_RANGE_UNSATISFIABLE };

/* A single byte range of a file of that size. Several ranges, other units and what is malformed
 * count as none (RFC 9110, 14.2), and so does a range whose If-Range speaks of another state. */
enum http_range http_find_range(const struct http_request *request,
                                const struct http_validators *validators, int64_t size,
                                int64_t *ret_first, int64_t *ret_length);

void http_date_text(int64_t seconds, char text[HTTP_DATE_SIZE]);
MUST_CHECK int http_date_parse(struct span text, int64_t *ret_seconds); /* 0 or -EINVAL */

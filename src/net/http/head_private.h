/* head: is this stretch of bytes a request line and headers, to the letter?
 *
 * llhttp forgives what other servers read differently: a bare line feed, a folded line, a blank
 * before the colon. Where two readers differ a request can be smuggled, so nothing of that kind
 * gets past this scan. It looks at every byte once, however the bytes arrive. Thread: any. */
#pragma once

#include "base/own.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

#define HTTP_TARGET_MAX (8u << 10)
#define HTTP_METHOD_MAX 32 /* of the method's name */

struct http_head_scan {
    size_t at;         /* bytes looked at */
    size_t line;       /* where the current line starts */
    size_t target;     /* where the target starts; 0 while in the method */
    unsigned blanks;   /* in the request line */
    bool in_headers;   /* past the request line */
    bool colon;        /* past the name of the current header */
    bool skipped_line; /* one empty line before the request is forgiven (RFC 9112, 2.2) */
    const char *wrong; /* after a refusal: what, for a person */
};

/* Goes on where it stopped; `head` starts at the same first byte each time. Returns the length of
 * the complete head, 0 when it goes on, or -400 or -414 with scan->wrong. */
MUST_CHECK int http_head_scan(struct http_head_scan *scan, struct span head);

bool http_is_token(struct span text); /* RFC 9110, 5.6.2 */

/* span: a stretch of bytes that somebody else owns. Thread: any. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct span {
    const char *at;
    size_t len;
};

#define SPAN_LITERAL(text)                                                                         \
    (struct span)                                                                                  \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

struct span span_of(const char *text); /* NULL gives the empty span */
bool span_equal(struct span a, struct span b);
bool span_equal_nocase(struct span a, struct span b); /* ASCII */
bool span_is(struct span a, const char *text);
bool span_is_nocase(struct span a, const char *text);
bool span_starts_with(struct span a, const char *prefix);
bool span_ends_with(struct span a, const char *suffix);
struct span span_trim(struct span a); /* ASCII white space at both ends */

/* Cuts `rest` at the first `separator`: the part before it is returned, rest becomes what follows
 * (empty with at == NULL when there was no separator). */
struct span span_cut(struct span *rest, char separator);

/* utf8: is this text, said at the first byte that makes it none; pieces may end anywhere.
 * Refuses overlong forms, surrogates and what lies above U+10FFFF (RFC 3629). Thread: any. */
#pragma once

#include "base/span.h"

#include <stdbool.h>

/* Zeroed: between two characters. */
struct utf8 {
    unsigned char left; /* continuation bytes that must follow */
    unsigned char low;  /* and the range of the next one */
    unsigned char high;
};

/* False at the first bad byte. */
bool utf8_feed(struct utf8 *utf8, struct span piece);
bool utf8_is_complete(const struct utf8 *utf8);

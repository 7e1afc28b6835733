/* utf8: characters in bytes from anywhere (RFC 3629). Thread: any. */
#pragma once

#include "base/span.h"

#include <stddef.h>

/* How many bytes the first character has, 1 to 4; 0 when what stands there is none (cut short, an
 * overlong form, a surrogate, beyond U+10FFFF) or the text is empty. */
size_t utf8_length(struct span text);

/* Copies a name for a person to read into `to`: whole characters only, as many as fit, control
 * characters as blanks, what is no UTF-8 as '?'. Always terminated. Returns `to`. */
char *utf8_name(const char *name, char *to, size_t to_size);

/* text: bytes from outside as JSON strings. Pure. Thread: any. */
#pragma once

#include "base/json.h"
#include "base/span.h"

/* A new string; invalid UTF-8 (file names may hold any bytes) becomes U+FFFD. */
json_t *text_json(struct span text);
/* The same, or null for NULL. */
json_t *text_json_or_null(const char *text);
/* RFC 3339, or null for 0. */
json_t *text_json_instant(int64_t instant);

/* How many characters: bytes that do not continue another. */
size_t text_length(struct span text);
/* At most so many characters from the front. */
struct span text_cut(struct span text, size_t characters);
/* True when it holds a byte below 0x20 or 0x7F. */
bool text_has_control(struct span text);

/* What follows the last slash. */
struct span text_base_name(struct span path);
/* ".jpg" of "a.b.jpg"; empty when there is none or it begins the name. */
struct span text_extension(struct span path);

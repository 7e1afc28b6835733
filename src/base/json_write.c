/* Writing JSON into a buf. Jansson's own writer gives 0.9 as 0.90000000000000002. */
#include "base/json.h"

#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_bare(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void add_escaped(struct buf *buf, unsigned char c)
{
    static const char names[] = "btn\0fr"; /* 0x08 to 0x0d */

    if (c == '"' || c == '\\') {
        char pair[] = {'\\', (char)c};
        buf_add(buf, pair, sizeof(pair));
    } else if (c >= 0x08 && c <= 0x0d && names[c - 0x08]) {
        char pair[] = {'\\', names[c - 0x08]};
        buf_add(buf, pair, sizeof(pair));
    } else {
        buf_addf(buf, "\\u%04x", (unsigned)c);
    }
}

void buf_add_json_string(struct buf *buf, struct span text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    size_t i = 0;

    buf_add_char(buf, '"');
    while (i < text.len) {
        size_t start = i;
        while (i < text.len && is_bare(at[i]))
            i++;
        buf_add(buf, at + start, i - start);
        if (i == text.len)
            break;
        size_t length = utf8_length((struct span){text.at + i, text.len - i});
        if (length > 1)
            buf_add(buf, at + i, length);
        else if (length == 1)
            add_escaped(buf, at[i]);
        else
            buf_add_text(buf, "\xef\xbf\xbd"); /* U+FFFD */
        i += length ? length : 1;
    }
    buf_add_char(buf, '"');
}

void buf_add_json_number(struct buf *buf, double number)
{
    char text[32];

    if (!isfinite(number)) {
        buf_add_text(buf, "null");
        return;
    }
    /* 15 digits always survive a double, 17 always identify one; below the normal range fewer
     * may do. */
    for (int digits = isnormal(number) ? 15 : 1; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    buf_add_text(buf, text);
}

/* NOLINTBEGIN(misc-no-recursion): as deep as the value, which json_parse() or its maker bounds. */
static void add_object(struct buf *buf, const json_t *object)
{
    const char *comma = "";

    buf_add_char(buf, '{');
    /* Jansson iterates over const objects with a non-const signature. */
    for (void *at = json_object_iter((json_t *)object); at;
         at = json_object_iter_next((json_t *)object, at), comma = ",") {
        buf_add_text(buf, comma);
        buf_add_json_string(buf, span_of(json_object_iter_key(at)));
        buf_add_char(buf, ':');
        buf_add_json(buf, json_object_iter_value(at));
    }
    buf_add_char(buf, '}');
}

static void add_array(struct buf *buf, const json_t *array)
{
    buf_add_char(buf, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i)
            buf_add_char(buf, ',');
        buf_add_json(buf, json_array_get(array, i));
    }
    buf_add_char(buf, ']');
}

void buf_add_json(struct buf *buf, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        add_object(buf, value);
        break;
    case JSON_ARRAY:
        add_array(buf, value);
        break;
    case JSON_STRING:
        buf_add_json_string(buf,
                            (struct span){json_string_value(value), json_string_length(value)});
        break;
    case JSON_INTEGER:
        buf_addf(buf, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        buf_add_json_number(buf, json_real_value(value));
        break;
    case JSON_TRUE:
        buf_add_text(buf, "true");
        break;
    case JSON_FALSE:
        buf_add_text(buf, "false");
        break;
    case JSON_NULL:
        buf_add_text(buf, "null");
        break;
    }
}
/* NOLINTEND(misc-no-recursion) */

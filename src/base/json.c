#include "base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void json_release(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

enum size { SIZE_FINE, SIZE_TOO_DEEP, SIZE_TOO_MANY };

/* Counts brackets and commas outside strings, so that Jansson never recurses deeper nor builds more
 * than we allow. Whether they are well placed is Jansson's to say. */
static enum size measure(struct span text)
{
    bool in_string = false;
    size_t depth = 0, values = 1;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            values++;
            if (++depth > JSON_DEPTH_MAX)
                return SIZE_TOO_DEEP;
        } else if (c == ',') {
            values++;
        } else if ((c == ']' || c == '}') && depth) {
            depth--;
        }
    }
    return values > JSON_VALUES_MAX ? SIZE_TOO_MANY : SIZE_FINE;
}

static int check_size(struct span text, struct buf *why)
{
    switch (measure(text)) {
    case SIZE_FINE:
        return 0;
    case SIZE_TOO_DEEP:
        buf_setf(why, "the document is nested deeper than %d levels", JSON_DEPTH_MAX);
        break;
    case SIZE_TOO_MANY:
        buf_setf(why, "the document holds more than %d values", JSON_VALUES_MAX);
        break;
    }
    return -EINVAL;
}

int json_parse(struct span text, json_t **ret_value, struct buf *why)
{
    json_error_t error;

    if (text.len && memchr(text.at, '\0', text.len)) {
        buf_setf(why, "the document contains a NUL character");
        return -EINVAL;
    }
    int result = check_size(text, why);
    if (result < 0)
        return result;
    json_t *value = json_loadb(text.len ? text.at : "", text.len,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value) {
        buf_setf(why, "line %d, column %d: %s", error.line, error.column, error.text);
        return -EINVAL;
    }
    *ret_value = value;
    return 0;
}

const char *json_member_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

int64_t json_member_int(const json_t *object, const char *name, int64_t fallback)
{
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

double json_member_number(const json_t *object, const char *name, double fallback)
{
    const json_t *value = json_object_get(object, name);

    return json_is_number(value) ? json_number_value(value) : fallback;
}

bool json_member_bool(const json_t *object, const char *name, bool fallback)
{
    const json_t *value = json_object_get(object, name);

    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

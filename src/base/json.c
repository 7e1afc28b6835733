#include "base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void json_release(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

/* Counts brackets outside strings, so that Jansson never recurses deeper than we allow. Whether
 * they match is Jansson's to say. */
static bool is_shallow(struct span text)
{
    bool in_string = false;
    size_t depth = 0;

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
            if (++depth > JSON_DEPTH_MAX)
                return false;
        } else if ((c == ']' || c == '}') && depth) {
            depth--;
        }
    }
    return true;
}

int json_parse(struct span text, json_t **ret_value, struct buf *why)
{
    json_error_t error;

    if (text.len && memchr(text.at, '\0', text.len)) {
        buf_setf(why, "the document contains a NUL character");
        return -EINVAL;
    }
    if (!is_shallow(text)) {
        buf_setf(why, "the document is nested deeper than %d levels", JSON_DEPTH_MAX);
        return -EINVAL;
    }
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

#include "api/body_private.h"

#include "api/text_private.h"
#include "base/time.h"

#include <stdio.h>

#define FIELD_NAME_SIZE 64

static const char *field_name(const char *name, char field[FIELD_NAME_SIZE])
{
    snprintf(field, FIELD_NAME_SIZE, "body.%s", name);
    return field;
}

json_t *body_parse(struct call *call)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    json_t *body = NULL;

    if (span_trim(call->request->body).len == 0) {
        call_fault_absent(call, "body", "is required");
        return NULL;
    }
    if (json_parse(call->request->body, &body, &why) < 0) {
        call_fault(call, "body", call->request->body, "is not JSON: %s", buf_text(&why));
        return NULL;
    }
    return body;
}

json_t *body_object(struct call *call)
{
    AUTO(json_release) json_t *body = body_parse(call);
    if (body && !json_is_object(body)) {
        call_fault(call, "body", call->request->body, "must be an object");
        return NULL;
    }
    return TAKE(body);
}

void body_fault(struct call *call, const char *name, const json_t *value, const char *message)
{
    AUTO(buf_release) struct buf shown = BUF_INIT;
    char field[FIELD_NAME_SIZE];

    if (!value) {
        call_fault_absent(call, field_name(name, field), message);
        return;
    }
    if (json_is_string(value))
        buf_add(&shown, json_string_value(value), json_string_length(value));
    else
        buf_add_json(&shown, value);
    call_fault(call, field_name(name, field), buf_span(&shown), "%s", message);
}

enum body_member body_text(struct call *call, const json_t *body, const char *name, size_t least,
                           size_t most, const char **ret_text)
{
    const json_t *value = json_object_get(body, name);
    char message[80];

    if (!value)
        return BODY_ABSENT;
    if (json_is_null(value))
        return BODY_NULL;
    if (json_is_string(value)) {
        struct span text = {json_string_value(value), json_string_length(value)};
        if (text_length(text) >= least && text_length(text) <= most) {
            *ret_text = text.at;
            return BODY_GIVEN;
        }
    }
    snprintf(message, sizeof(message), "must be a text of %zu to %zu characters", least, most);
    body_fault(call, name, value, message);
    return BODY_WRONG;
}

enum body_member body_bool(struct call *call, const json_t *body, const char *name, bool *ret_bool)
{
    const json_t *value = json_object_get(body, name);

    if (!value)
        return BODY_ABSENT;
    if (json_is_null(value))
        return BODY_NULL;
    if (json_is_boolean(value)) {
        *ret_bool = json_is_true(value);
        return BODY_GIVEN;
    }
    body_fault(call, name, value, "must be true or false");
    return BODY_WRONG;
}

enum body_member body_instant(struct call *call, const json_t *body, const char *name,
                              int64_t *ret_instant)
{
    const json_t *value = json_object_get(body, name);

    if (!value)
        return BODY_ABSENT;
    if (json_is_null(value))
        return BODY_NULL;
    if (json_is_string(value) &&
        time_parse(span_of(json_string_value(value)), ret_instant, NULL) == 0)
        return BODY_GIVEN;
    body_fault(call, name, value, "must be a date or an RFC 3339 date and time");
    return BODY_WRONG;
}

#include "api/publish_private.h"

#include "api/body_private.h"

#include <stdio.h>
#include <string.h>

#define FIELD_SIZE 40

static bool is_type(struct span type)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_.:-";
    if (type.len == 0 || type.len > PUBLISH_TYPE_MAX)
        return false;
    for (size_t i = 0; i < type.len; i++)
        if (!memchr(allowed, type.at[i], sizeof(allowed) - 1))
            return false;
    return true;
}

/* `index` below 0: the body is the envelope itself. */
static const char *member_name(long index, const char *member, char name[FIELD_SIZE])
{
    if (index < 0)
        return member;
    snprintf(name, FIELD_SIZE, "%ld%s%s", index, *member ? "." : "", member);
    return name;
}

static void check_envelope(struct call *call, const json_t *envelope, long index)
{
    char name[FIELD_SIZE];
    const json_t *type = json_object_get(envelope, "type");
    const json_t *data = json_object_get(envelope, "data");

    if (!json_is_object(envelope)) {
        body_fault(call, member_name(index, "", name), envelope, "must be an object");
        return;
    }
    if (!json_is_string(type) ||
        !is_type((struct span){json_string_value(type), json_string_length(type)}))
        body_fault(call, member_name(index, "type", name), type,
                   "must be 1 to 50 characters of a-z 0-9 _ . : -");
    if (!json_is_object(data))
        body_fault(call, member_name(index, "data", name), data, "must be an object");
}

json_t *publish_read(struct call *call)
{
    AUTO(json_release) json_t *body = body_parse(call);

    if (!body)
        return NULL;
    if (json_is_object(body)) {
        json_t *array = json_array();
        check_envelope(call, body, -1);
        json_array_append(array, body);
        return array;
    }
    size_t count = json_array_size(body); /* 0 for what is no array */
    if (count == 0 || count > PUBLISH_MESSAGES_MAX) {
        call_fault(call, "body", call->request->body,
                   "must be an envelope, or an array of 1 to %d envelopes", PUBLISH_MESSAGES_MAX);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        check_envelope(call, json_array_get(body, i), (long)i);
    return TAKE(body);
}

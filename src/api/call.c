#include "api/call_private.h"

#include "api/number_private.h"
#include "api/text_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void fault_add(struct call *call, const char *field, json_t *message, json_t *value)
{
    if (!call->faults)
        call->faults = json_array();
    if (json_array_size(call->faults) >= CALL_FAULTS_MAX) {
        json_decref(message);
        json_decref(value);
        return;
    }
    json_t *fault = json_object();
    json_object_set_new(fault, "field", json_string(field));
    json_object_set_new(fault, "message", message);
    json_object_set_new(fault, "value", value);
    json_array_append_new(call->faults, fault);
}

void call_fault(struct call *call, const char *field, struct span value, const char *format, ...)
{
    AUTO(buf_release) struct buf message = BUF_INIT;
    va_list args;
    va_start(args, format);
    buf_vaddf(&message, format, args);
    va_end(args);
    struct span shown = text_cut(value, CALL_FAULT_VALUE_MAX);
    fault_add(call, field, text_json(buf_span(&message)), text_json(shown));
}

void call_fault_absent(struct call *call, const char *field, const char *message)
{
    fault_add(call, field, json_string(message), json_null());
}

bool call_has_faults(const struct call *call)
{
    return call->faults != NULL;
}

int64_t call_path_id(struct call *call, size_t index, const char *name)
{
    char field[64];
    int64_t id;

    if (number_parse_int(call->params[index], &id) == 0 && id >= 1)
        return id;
    snprintf(field, sizeof(field), "path.%s", name);
    call_fault(call, field, call->params[index], "must be a whole number from 1");
    return 0;
}

const char *call_peer_masked(const struct call *call, char text[CALL_PEER_SIZE])
{
    const char *peer = call->request->peer ? call->request->peer : "";
    size_t first = strcspn(peer, ".:");
    const char *rest = peer[first] == '.' ? ".xxx.xxx.xxx" : ":xxxx";
    if (first > 4)
        first = 4;
    snprintf(text, CALL_PEER_SIZE, "%.*s%s", (int)first, peer, rest);
    return text;
}

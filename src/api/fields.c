#include "api/fields_private.h"

#include "api/answer_private.h"
#include "api/param_private.h"
#include "base/mem.h"

#define SHOWN_MAX 64

void fields_read(struct call *call, const char *const *members, struct fields *ret_fields)
{
    *ret_fields = (struct fields){.text = param_text(call, "fields"), .members = members};
    if (ret_fields->text && !*ret_fields->text)
        mem_free(&ret_fields->text);
}

void fields_release(struct fields *fields)
{
    mem_free(&fields->text);
}

static bool is_member(const char *const *members, struct span name)
{
    for (size_t i = 0; members[i]; i++)
        if (span_is(name, members[i]))
            return true;
    return false;
}

struct http_response *fields_refusal(const struct call *call, const struct fields *fields)
{
    struct span rest = span_of(fields->text);
    while (rest.at) {
        struct span name = span_trim(span_cut(&rest, ','));
        if (name.len > 0 && !is_member(fields->members, name))
            return answer_problem(call, 400, "INVALID_FILTER", "fields names '%.*s', which is none",
                                  (int)(name.len < SHOWN_MAX ? name.len : SHOWN_MAX), name.at);
    }
    return NULL;
}

static bool is_wanted(const char *list, const char *member)
{
    struct span rest = span_of(list);
    while (rest.at)
        if (span_is(span_trim(span_cut(&rest, ',')), member))
            return true;
    return false;
}

void fields_trim(const struct fields *fields, json_t *item)
{
    if (!fields->text)
        return;
    for (size_t i = 0; fields->members[i]; i++)
        if (!is_wanted(fields->text, fields->members[i]))
            json_object_del(item, fields->members[i]);
}

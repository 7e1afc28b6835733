/* fields: which members of each item a client wants (`fields=a,b,c`; rest-api contract §1.9). */
#pragma once

#include "api/call_private.h"

struct fields {
    char *text;                 /* as given; NULL: all */
    const char *const *members; /* those there are, NULL-terminated */
};

void fields_read(struct call *call, const char *const *members, struct fields *ret_fields);
void fields_release(struct fields *fields);
/* 400 when a name is none; NULL when all is well. */
struct http_response *fields_refusal(const struct call *call, const struct fields *fields);
/* Removes what was not asked for. */
void fields_trim(const struct fields *fields, json_t *item);

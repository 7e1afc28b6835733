/* body: the members of a request's JSON body. Absent and null are different things. What is wrong
 * is noted in the call as "body.<name>". */
#pragma once

#include "api/call_private.h"
#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A new reference; NULL when a fault was noted. */
json_t *body_parse(struct call *call);
json_t *body_object(struct call *call);

enum body_member { BODY_ABSENT, BODY_NULL, BODY_GIVEN, BODY_WRONG };

/* Lengths are characters. *ret_text lives as long as body. Outputs change with BODY_GIVEN only. */
enum body_member body_text(struct call *call, const json_t *body, const char *name, size_t least,
                           size_t most, const char **ret_text);
enum body_member body_bool(struct call *call, const json_t *body, const char *name, bool *ret_bool);
enum body_member body_instant(struct call *call, const json_t *body, const char *name,
                              int64_t *ret_instant);

/* value NULL: the member is absent. */
void body_fault(struct call *call, const char *name, const json_t *value, const char *message);

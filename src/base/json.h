/* json: what the project needs beside Jansson.
 *
 * Reading and building documents is Jansson's (`json_t`). This adds ownership in our style, writing
 * into a buf, and reading members with a reason when they are wrong.
 * Limits: JSON_DEPTH_MAX levels (Jansson's own limit is 2048), and JSON_VALUES_MAX values, because
 * three bytes of text, "{},", become some 300 bytes of memory; the parser refuses what is beyond.
 */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "base/span.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 32
#define JSON_VALUES_MAX 200000 /* of all levels; a list or an object counts twice */

void json_release(json_t **value); /* AUTO(json_release) json_t *body = NULL; */

/* Parses one complete document. Returns 0, or -EINVAL with `why` naming the position. Embedded NUL
 * characters, duplicate members and trailing text are refused. */
MUST_CHECK int json_parse(struct span text, json_t **ret_value, struct buf *why);

void buf_add_json(struct buf *buf, const json_t *value); /* compact, members in order */
void buf_add_json_string(struct buf *buf,
                         struct span text); /* quoted; invalid UTF-8 becomes U+FFFD */
void buf_add_json_number(struct buf *buf,
                         double number); /* shortest form that reads back; not finite: null */

/* Members of an object; NULL, the fallback or false when absent, null or of another type. */
const char *json_member_text(const json_t *object, const char *name);
int64_t json_member_int(const json_t *object, const char *name, int64_t fallback);
double json_member_number(const json_t *object, const char *name, double fallback);
bool json_member_bool(const json_t *object, const char *name, bool fallback);

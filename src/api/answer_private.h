/* answer: every shape an answer can have (rest-api contract §1.7). Thread: any. */
#pragma once

#include "api/call_private.h"
#include "base/json.h"
#include "base/own.h"
#include "net/http/http.h"

/* Takes the body over. */
struct http_response *answer_json(int status, json_t *body);

/* RFC 7807 with error_code and request_id. `code` NULL: the status's own. Everything a route
 * raises. The text must hold no folders, keys or addresses. */
struct http_response *answer_problem(const struct call *call, int status, const char *code,
                                     const char *format, ...) PRINTF_LIKE(4, 5);

/* 422 with the call's faults. */
struct http_response *answer_faults(const struct call *call);

/* What a store function's -errno means to whoever asked: 404 is not decided here. 503 mostly. */
struct http_response *answer_store_error(const struct call *call, int error);

/* 503 with Retry-After. */
struct http_response *answer_busy(const struct call *call);

/* 403 and 404 of files: {detail: {error, path}}. */
struct http_response *answer_media_failure(int status, const char *error, struct span path);

/* {detail}: 401. */
struct http_response *answer_unauthorized(enum key_verdict verdict);

/* {error_code, message}: 413. */
struct http_response *answer_too_large(const char *format, ...) PRINTF_LIKE(1, 2);

/* {detail, error}: 415. */
struct http_response *answer_unsupported_media(void);

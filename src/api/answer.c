#include "api/answer_private.h"

#include "api/text_private.h"
#include "base/log.h"
#include "base/time.h"

#include <errno.h>
#include <string.h>

#define RETRY_AFTER_SECONDS 1

static struct http_response *answer_document(int status, const char *content_type, json_t *body)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    struct http_response *response = http_response_new(status);
    buf_add_json(&text, body);
    json_decref(body);
    http_response_body(response, content_type, &text);
    return response;
}

struct http_response *answer_json(int status, json_t *body)
{
    return answer_document(status, "application/json", body);
}

static const char *code_of_status(int status)
{
    switch (status) {
    case 400:
        return "BAD_REQUEST";
    case 403:
        return "ACCESS_DENIED";
    case 404:
        return "NOT_FOUND";
    case 405:
        return "METHOD_NOT_ALLOWED";
    case 409:
        return "CONFLICT";
    case 503:
        return "SERVICE_UNAVAILABLE";
    default:
        return status >= 500 ? "INTERNAL_ERROR" : "BAD_REQUEST";
    }
}

struct http_response *answer_problem(const struct call *call, int status, const char *code,
                                     const char *format, ...)
{
    AUTO(buf_release) struct buf detail = BUF_INIT;
    json_t *body = json_object();
    va_list args;

    va_start(args, format);
    buf_vaddf(&detail, format, args);
    va_end(args);
    json_object_set_new(body, "type", json_string("about:blank"));
    json_object_set_new(body, "title", json_string(http_status_phrase(status)));
    json_object_set_new(body, "status", json_integer(status));
    json_object_set_new(body, "detail", text_json(buf_span(&detail)));
    json_object_set_new(body, "instance", text_json(call->request->path));
    json_object_set_new(body, "error_code", json_string(code ? code : code_of_status(status)));
    json_object_set_new(body, "request_id", text_json_or_null(call->request->request_id));
    return answer_document(status, "application/problem+json", body);
}

struct http_response *answer_faults(const struct call *call)
{
    json_t *error = json_object(), *body = json_object();

    json_object_set_new(error, "code", json_string("VALIDATION_ERROR"));
    json_object_set_new(error, "message", json_string("The request is not valid"));
    json_object_set(error, "errors", call->faults);
    json_object_set_new(error, "request_id", text_json_or_null(call->request->request_id));
    json_object_set_new(error, "timestamp", text_json_instant(time_now()));
    json_object_set_new(body, "error", error);
    return answer_json(422, body);
}

static struct http_response *retry_later(struct http_response *response)
{
    http_response_header(response, "Retry-After", "%d", RETRY_AFTER_SECONDS);
    return response;
}

struct http_response *answer_store_error(const struct call *call, int error)
{
    log_error("api", "event=store_failed error=%s request_id=%s", log_value(strerror(-error)),
              log_value(call->request->request_id));
    if (error == -ENOSPC)
        return retry_later(answer_problem(call, 503, "DATABASE_UNAVAILABLE",
                                          "The disk is full: nothing can be stored now"));
    if (error == -ESTALE)
        return retry_later(answer_problem(call, 503, "DATABASE_UNAVAILABLE",
                                          "The database's file was deleted or replaced while it "
                                          "was in use: bring it back, or restart vigil"));
    return retry_later(answer_problem(call, 503, "DATABASE_UNAVAILABLE",
                                      "The database does not answer: %s", strerror(-error)));
}

struct http_response *answer_busy(const struct call *call)
{
    return retry_later(
        answer_problem(call, 503, NULL, "Too many requests are being answered: try again"));
}

struct http_response *answer_media_failure(int status, const char *error, struct span path)
{
    json_t *detail = json_object(), *body = json_object();
    json_object_set_new(detail, "error", json_string(error));
    json_object_set_new(detail, "path", text_json(path));
    json_object_set_new(body, "detail", detail);
    return answer_json(status, body);
}

struct http_response *answer_unauthorized(enum key_verdict verdict)
{
    json_t *body = json_object();
    const char *text = verdict == KEY_MISSING ? "API key required: send it as X-API-Key or api_key"
                                              : "Invalid API key";
    json_object_set_new(body, "detail", json_string(text));
    return answer_json(401, body);
}

struct http_response *answer_too_large(const char *format, ...)
{
    AUTO(buf_release) struct buf message = BUF_INIT;
    json_t *body = json_object();
    va_list args;

    va_start(args, format);
    buf_vaddf(&message, format, args);
    va_end(args);
    json_object_set_new(body, "error_code", json_string("PAYLOAD_TOO_LARGE"));
    json_object_set_new(body, "message", text_json(buf_span(&message)));
    return answer_json(413, body);
}

struct http_response *answer_unsupported_media(void)
{
    json_t *body = json_object();
    json_object_set_new(body, "detail", json_string("The body must be application/json"));
    json_object_set_new(body, "error", json_string("unsupported_media_type"));
    return answer_json(415, body);
}

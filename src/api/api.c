#include "api/api.h"

#include "api/answer_private.h"
#include "api/origin_private.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"

#include <string.h>

/* One request goes: api_on_request() on its net loop -> refusal, or the handler there or on the
 * lane -> call_finish(). Whoever has the call frees it. */

static void call_free(struct call **call)
{
    if (*call)
        json_release(&(*call)->faults);
    mem_free(call);
}

static bool is_probe(struct span path)
{
    static const char *const quiet[] = {
        "/", "/health", "/ready", "/api/metrics", "/api/system/health", "/api/system/health/ready"};
    for (size_t i = 0; i < COUNT_OF(quiet); i++)
        if (span_is(path, quiet[i]))
            return true;
    return false;
}

static void call_log(const struct call *call, int status)
{
    const struct http_request *request = call->request;
    AUTO(buf_release) struct buf path = BUF_INIT;
    char peer[CALL_PEER_SIZE];

    if (is_probe(request->path))
        return;
    enum log_level level = status >= 500   ? LOG_LEVEL_ERROR
                           : status >= 400 ? LOG_LEVEL_WARNING
                                           : LOG_LEVEL_INFO;
    buf_add_span(&path, request->path);
    log_write(level, "api",
              "event=request method=%s path=%s status=%d duration_ms=%.2f client_ip=%s "
              "request_id=%s correlation_id=%s",
              route_method_name(request->method), log_value(buf_text(&path)), status,
              (double)(time_monotonic() - request->received) / (double)TIME_MS,
              call_peer_masked(call, peer), log_value(request->request_id),
              log_value(request->correlation_id));
}

/* What a page of another origin needs to be allowed to read the answer. */
static void cors_add(const struct call *call, struct http_response *response)
{
    struct span origin = http_header_of(call->request, "Origin");
    switch (origin_of(call->request, call->api->settings.cors_origins)) {
    case ORIGIN_LISTED:
        http_response_header(response, "Access-Control-Allow-Origin", "%.*s", (int)origin.len,
                             origin.at);
        http_response_header(response, "Access-Control-Allow-Credentials", "true");
        break;
    case ORIGIN_ANYONE:
        http_response_header(response, "Access-Control-Allow-Origin", "*");
        break;
    default:
        break;
    }
    if (call->api->settings.cors_origins[0])
        http_response_header(response, "Vary", "Origin");
}

static void call_finish(struct call *call, struct http_response *response)
{
    cors_add(call, response);
    call_log(call, response->status);
    http_reply(&call->exchange, &response);
}

static void call_handle(void *arg)
{
    AUTO(call_free) struct call *call = arg;
    struct http_response *response = call->route->handler(call);
    if (response)
        call_finish(call, response);
}

static bool changes_state(enum http_method method)
{
    return method == METHOD_POST || method == METHOD_PUT || method == METHOD_PATCH ||
           method == METHOD_DELETE;
}

/* A preflight, or somebody who asks what a path can do. */
static struct http_response *answer_options(const struct call *call, enum route_match match,
                                            const char *allow)
{
    const struct http_request *request = call->request;
    struct span headers = http_header_of(request, "Access-Control-Request-Headers");
    enum origin origin = origin_of(request, call->api->settings.cors_origins);

    if (origin == ORIGIN_FOREIGN)
        return answer_problem(call, 400, NULL, "This origin is not one of CORS_ORIGINS");
    if (match == ROUTE_UNKNOWN)
        return answer_problem(call, 404, NULL, "There is no such path");
    struct http_response *response = http_response_new(204);
    http_response_header(response, "Allow", "%s", allow);
    if (!http_header_of(request, "Access-Control-Request-Method").at)
        return response;
    http_response_header(response, "Access-Control-Allow-Methods",
                         "GET, POST, PUT, PATCH, DELETE, OPTIONS");
    http_response_header(response, "Access-Control-Max-Age", "600");
    if (headers.len > 0)
        http_response_header(response, "Access-Control-Allow-Headers", "%.*s", (int)headers.len,
                             headers.at);
    return response;
}

/* Only JSON: a form, which a page may send anywhere without asking, never reaches a handler. */
static bool is_json(const struct http_request *request)
{
    struct span type = http_header_of(request, "Content-Type");
    return span_is_nocase(span_trim(span_cut(&type, ';')), "application/json");
}

static struct http_response *refuse_key(const struct call *call)
{
    enum key_verdict verdict = key_of_request(&call->api->keys, call->request);
    AUTO(buf_release) struct buf path = BUF_INIT;
    char peer[CALL_PEER_SIZE];

    if (verdict == KEY_GOOD)
        return NULL;
    buf_add_span(&path, call->request->path);
    log_warning("api", "event=%s security_event=true method=%s path=%s client_ip=%s",
                verdict == KEY_MISSING ? "auth_missing_key" : "auth_invalid_key",
                route_method_name(call->request->method), log_value(buf_text(&path)),
                call_peer_masked(call, peer));
    return answer_unauthorized(verdict);
}

static bool is_below(struct span path, const char *folder)
{
    size_t length = strlen(folder);
    return span_starts_with(path, folder) && (path.len == length || path.at[length] == '/');
}

static bool is_for_dashboard(const struct http_request *request)
{
    return (request->method == METHOD_GET || request->method == METHOD_HEAD) &&
           !is_below(request->path, "/api") && !is_below(request->path, "/ws");
}

static struct http_response *refuse_route(const struct call *call, enum route_match match,
                                          const char *allow)
{
    if (match == ROUTE_FOUND)
        return NULL;
    if (match == ROUTE_UNKNOWN)
        return answer_problem(call, 404, NULL, "There is no such path");
    struct http_response *response =
        answer_problem(call, 405, NULL, "This path answers to %s only", allow);
    http_response_header(response, "Allow", "%s", allow);
    return response;
}

/* NULL: the handler may have it. The order is contract §31's: origin, content type, key, route. */
static struct http_response *call_refusal(struct call *call)
{
    const struct http_request *request = call->request;
    const struct api_settings *settings = &call->api->settings;
    AUTO(buf_release) struct buf allow = BUF_INIT;
    enum route_match match =
        route_find(request->method, request->path, &call->route, call->params, &allow);

    if (match == ROUTE_UNKNOWN && is_for_dashboard(request)) {
        call->route = &route_dashboard;
        match = ROUTE_FOUND;
    }
    if (request->method == METHOD_OPTIONS)
        return answer_options(call, match, buf_text(&allow));
    if (changes_state(request->method)) {
        if (origin_of(request, settings->cors_origins) == ORIGIN_FOREIGN)
            return answer_problem(call, 403, NULL,
                                  "This origin is neither this host nor one of CORS_ORIGINS");
        if (request->method != METHOD_DELETE && request->body.len > 0 && !is_json(request))
            return answer_unsupported_media();
    }
    if (settings->key_required && !(call->route && (call->route->flags & ROUTE_OPEN))) {
        struct http_response *refusal = refuse_key(call);
        if (refusal)
            return refusal;
    }
    return refuse_route(call, match, buf_text(&allow));
}

void api_on_request(void *owner, struct http_exchange *exchange)
{
    struct api *api = owner;
    AUTO(call_free) struct call *call = mem_alloc(sizeof(*call));

    call->api = api;
    call->exchange = exchange;
    call->request = http_request_of(exchange);
    struct http_response *refusal = call_refusal(call);
    if (refusal)
        call_finish(call, refusal);
    else if (call->route->flags & ROUTE_ON_LOOP)
        call_handle(TAKE(call));
    else if (lane_submit(api->parts.lane, call_handle, call) == 0)
        call = NULL;
    else
        call_finish(call, answer_busy(call));
}

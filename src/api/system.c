#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/shape_private.h"
#include "api/text_private.h"
#include "base/time.h"
#include "services/system_health.h"

static json_t *alive_json(void)
{
    json_t *body = json_object();
    json_object_set_new(body, "status", json_string("alive"));
    return body;
}

struct http_response *liveness_get(struct call *call)
{
    (void)call;
    return answer_json(200, alive_json());
}

struct http_response *system_liveness_get(struct call *call)
{
    (void)call;
    json_t *body = alive_json();
    json_object_set_new(body, "timestamp", text_json_instant(time_now()));
    return answer_json(200, body);
}

struct http_response *readiness_get(struct call *call)
{
    bool ready = false;
    json_t *body = system_readiness_report(&call->api->parts.health, &ready);
    return answer_json(ready ? 200 : 503, body);
}

struct http_response *health_get(struct call *call)
{
    enum health_state state = HEALTH_UNHEALTHY;
    json_t *body = system_health_report(&call->api->parts.health, &state);
    return answer_json(state == HEALTH_HEALTHY ? 200 : 503, body);
}

struct http_response *metrics_get(struct call *call)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    struct http_response *response = http_response_new(200);
    system_metrics(&call->api->parts.health, &text);
    http_response_body(response, "text/plain; version=0.0.4; charset=utf-8", &text);
    return response;
}

/* ---- GET /api/system/stats ---- */

struct totals {
    int64_t cameras, events, detections;
};

static int totals_read(struct store_tx *tx, void *arg)
{
    AUTO(camera_list_release) struct camera_list cameras = {NULL, 0};
    AUTO(detection_list_release) struct detection_list detections = {NULL, 0};
    const struct detection_filter all = {.min_confidence = -1};
    const struct page first = {.limit = 1};
    struct page_result result = {0};
    struct event_stats events = {0};
    struct totals *totals = arg;

    int error = cameras_list(tx, NULL, &cameras);
    if (error == 0)
        error = events_stats(tx, NULL, 0, 0, &events);
    if (error == 0)
        error = detections_list(tx, &all, &first, &detections, &result);
    *totals = (struct totals){(int64_t)cameras.count, events.total, result.total};
    return error;
}

struct http_response *stats_get(struct call *call)
{
    struct totals totals = {0};
    int error = store_read(call->api->parts.store, totals_read, &totals);
    if (error < 0)
        return answer_store_error(call, error);

    json_t *body = json_object();
    json_object_set_new(body, "total_cameras", json_integer(totals.cameras));
    json_object_set_new(body, "total_events", json_integer(totals.events));
    json_object_set_new(body, "total_detections", json_integer(totals.detections));
    json_object_set_new(body, "uptime_seconds",
                        json_real((double)(time_monotonic() - call->api->started) / TIME_SECOND));
    return answer_json(200, body);
}

#include "api/handlers_private.h"
#include "api/route_private.h"

/* The whole surface; tests/unit/api/test_routes.c compares it with docs/openapi.yaml. */
const struct route routes[] = {
    {METHOD_GET, "/", dashboard_index, ROUTE_OPEN},
    {METHOD_GET, "/assets/{path}", dashboard_asset, ROUTE_OPEN | ROUTE_REST},
    {METHOD_GET, "/openapi.json", openapi_get, ROUTE_OPEN},

    {METHOD_GET, "/health", liveness_get, ROUTE_OPEN | ROUTE_ON_LOOP},
    {METHOD_GET, "/ready", readiness_get, ROUTE_OPEN},
    {METHOD_GET, "/api/system/health", health_get, ROUTE_OPEN},
    {METHOD_GET, "/api/system/health/live", system_liveness_get, ROUTE_KEYED | ROUTE_ON_LOOP},
    {METHOD_GET, "/api/system/health/ready", readiness_get, ROUTE_OPEN},
    {METHOD_GET, "/api/system/stats", stats_get, ROUTE_KEYED},
    {METHOD_GET, "/api/system/pipeline", pipeline_get, ROUTE_KEYED},
    {METHOD_GET, "/api/metrics", metrics_get, ROUTE_OPEN},
    {METHOD_GET, "/api/intake/refused", intake_refused, ROUTE_KEYED},

    {METHOD_GET, "/api/cameras", cameras_index, ROUTE_KEYED},
    {METHOD_POST, "/api/cameras", cameras_create, ROUTE_KEYED},
    {METHOD_GET, "/api/cameras/{camera_id}", camera_get, ROUTE_KEYED},
    {METHOD_PATCH, "/api/cameras/{camera_id}", camera_patch, ROUTE_KEYED},
    {METHOD_DELETE, "/api/cameras/{camera_id}", camera_delete, ROUTE_KEYED},
    {METHOD_GET, "/api/cameras/{camera_id}/snapshot", camera_snapshot, ROUTE_OPEN},

    {METHOD_GET, "/api/events", events_index, ROUTE_KEYED},
    {METHOD_GET, "/api/events/stats", events_stats_get, ROUTE_KEYED},
    {METHOD_GET, "/api/events/{event_id}", event_get, ROUTE_KEYED},
    {METHOD_PATCH, "/api/events/{event_id}", event_patch, ROUTE_KEYED},
    {METHOD_GET, "/api/events/{event_id}/detections", event_detections, ROUTE_KEYED},

    {METHOD_GET, "/api/detections", detections_index, ROUTE_KEYED},
    {METHOD_GET, "/api/detections/{detection_id}", detection_get, ROUTE_KEYED},
    {METHOD_GET, "/api/detections/{detection_id}/image", detection_image, ROUTE_OPEN},

    {METHOD_GET, "/api/media/detections/{detection_id}", detection_image, ROUTE_OPEN},
    {METHOD_GET, "/api/media/thumbnails/{filename}", thumbnail_get, ROUTE_OPEN | ROUTE_REST},

    /* These two ask for the key in their own way. */
    {METHOD_POST, "/api/realtime/publish", realtime_publish, ROUTE_OPEN},
    {METHOD_GET, "/ws/events", ws_events, ROUTE_OPEN | ROUTE_ON_LOOP},
};
const size_t routes_count = COUNT_OF(routes);

const struct route route_dashboard = {METHOD_GET, NULL, dashboard_other, ROUTE_OPEN};

/* handlers: one function for each line of the route table, by the file they live in. All are
 * route_handlers: the answer is theirs to make, and the only thing they return. */
#pragma once

#include "api/route_private.h"

/* dashboard.c */
route_handler dashboard_index;
route_handler dashboard_asset;
route_handler dashboard_other;
route_handler openapi_get;

/* system.c */
route_handler liveness_get;
route_handler system_liveness_get;
route_handler readiness_get;
route_handler health_get;
route_handler stats_get;
route_handler metrics_get;

/* pipeline_status.c */
route_handler pipeline_get;

/* intake.c */
route_handler intake_refused;

/* cameras.c */
route_handler cameras_index;
route_handler cameras_create;
route_handler camera_get;
route_handler camera_patch;
route_handler camera_delete;

/* snapshot.c */
route_handler camera_snapshot;

/* events.c */
route_handler events_index;
route_handler event_get;
route_handler event_patch;
route_handler event_detections;

/* event_stats.c */
route_handler events_stats_get;

/* detections.c */
route_handler detections_index;
route_handler detection_get;

/* images.c */
route_handler detection_image;
route_handler thumbnail_get;

/* realtime.c */
route_handler realtime_publish;
route_handler ws_events;

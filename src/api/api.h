/* api: the REST surface, the dashboard's files and the doors to the WebSockets.
 *
 * Order of each request: id and timing (net's), CORS, content type, key, route. Handlers run on the
 * `api` lane and may block; the WebSocket's door and the liveness probes answer on the net loop,
 * without touching the disk. When the lane is full the answer is 503 with Retry-After.
 *
 * Whoever may change something: a request with an Origin that is neither the host it was sent to
 * nor one of cors_origins is refused, whatever its key. */
#pragma once

#include "base/own.h"
#include "journal/journal.h"
#include "loop/lane.h"
#include "net/http/http.h"
#include "pipeline/pipeline.h"
#include "pipeline/thumbnail_generator.h"
#include "realtime/broadcaster.h"
#include "services/system_health.h"
#include "store/store.h"

#include <stdbool.h>

struct api;

struct api_settings {
    const char *camera_root;  /* FOSCAM_BASE_PATH, absolute */
    const char *web_root;     /* folder of the built dashboard; NULL: none, "/" says so */
    const char *openapi_path; /* served at /openapi.json's source; NULL: 404 */
    bool key_required;        /* API_KEY_ENABLED */
    const char *const *keys;  /* API_KEYS, NULL-terminated */
    const char *const *cors_origins;
    const char *version;
    int64_t batch_window_us, batch_idle_us; /* shown by /api/system/pipeline */
    struct thumbnail_settings thumbnails;
};

/* Borrowed until api_free(). */
struct api_parts {
    struct store *store;
    struct journal *journal;
    struct broadcaster *broadcaster;
    struct lane *lane;
    struct system_health_parts health;
};

struct api *api_new(const struct api_settings *settings,
                    const struct api_parts *parts); /* copies the settings */
void api_free(struct api **api);                    /* after net_stop() and the lane's end */
void api_on_request(void *api, struct http_exchange *exchange); /* an http_on_request */

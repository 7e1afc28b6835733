#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/shape_private.h"
#include "api/text_private.h"
#include "base/time.h"
#include "store/batches.h"

#include <math.h>

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static double seconds(int64_t duration)
{
    return round((double)duration / (TIME_SECOND / 10.0)) / 10; /* one decimal */
}

static json_t *watcher_json(const struct api *api, const struct pipeline_stats *stats)
{
    json_t *object = json_object();
    set(object, "running", json_boolean(stats->watcher_running));
    set(object, "camera_root", text_json_or_null(api->settings.camera_root));
    set(object, "pending_tasks", json_integer(stats->pending_files));
    set(object, "observer_type", text_json_or_null(stats->watcher_kind));
    return object;
}

static json_t *batch_json(const struct batch *batch, int64_t now)
{
    json_t *object = json_object();
    set(object, "batch_id", text_json_or_null(batch->id));
    set(object, "camera_id", text_json_or_null(batch->camera_id));
    set(object, "detection_count", json_integer(batch->count));
    set(object, "started_at", json_real((double)batch->started_at / TIME_SECOND));
    set(object, "age_seconds", json_real(seconds(now - batch->started_at)));
    set(object, "last_activity_seconds", json_real(seconds(now - batch->last_activity)));
    return object;
}

static json_t *aggregator_json(const struct api *api, const struct batch_list *batches)
{
    json_t *object = json_object(), *list = json_array();
    int64_t now = time_now();
    for (size_t i = 0; i < batches->count; i++)
        json_array_append_new(list, batch_json(&batches->items[i], now));
    set(object, "active_batches", json_integer((json_int_t)batches->count));
    set(object, "batches", list);
    set(object, "batch_window_seconds",
        json_real((double)api->settings.batch_window_us / TIME_SECOND));
    set(object, "idle_timeout_seconds",
        json_real((double)api->settings.batch_idle_us / TIME_SECOND));
    return object;
}

static json_t *totals_json(const struct pipeline_stats *stats)
{
    json_t *object = json_object();
    int64_t outcomes[INTAKE_OUTCOMES];
    for (int i = 0; i < INTAKE_OUTCOMES; i++)
        outcomes[i] = (int64_t)stats->outcomes[i];
    set(object, "files_seen", json_integer((json_int_t)stats->files_seen));
    set(object, "outcomes", outcomes_json(outcomes));
    set(object, "detections", json_integer((json_int_t)stats->detections));
    set(object, "batches_closed", json_integer((json_int_t)stats->batches_closed));
    set(object, "events", json_integer((json_int_t)stats->events));
    return object;
}

static void add_worker(json_t *workers, const char *name, bool running)
{
    json_t *worker = json_object();
    set(worker, "name", json_string(name));
    set(worker, "running", json_boolean(running));
    json_array_append_new(workers, worker);
}

static json_t *workers_json(const struct pipeline_stats *stats)
{
    json_t *workers = json_array();
    add_worker(workers, "file_watcher", stats->watcher_running);
    add_worker(workers, "detection_worker", stats->detection_worker_running);
    add_worker(workers, "analysis_worker", stats->analysis_worker_running);
    return workers;
}

static json_t *realtime_json(const struct api *api)
{
    struct broadcaster_stats stats = {0};
    struct journal_position position;
    json_t *object = json_object();

    journal_position(api->parts.journal, &position);
    if (api->parts.broadcaster)
        broadcaster_stats(api->parts.broadcaster, &stats);
    set(object, "epoch", json_string(position.epoch));
    set(object, "last_sequence", json_integer((json_int_t)position.last));
    set(object, "oldest_sequence", json_integer((json_int_t)position.oldest));
    set(object, "connections", json_integer(stats.connections));
    return object;
}

static int batches_read(struct store_tx *tx, void *arg)
{
    return batches_list(tx, arg);
}

struct http_response *pipeline_get(struct call *call)
{
    AUTO(batch_list_release) struct batch_list batches = {NULL, 0};
    const struct api *api = call->api;
    const struct pipeline *pipeline = api->parts.health.pipeline;
    struct pipeline_stats stats = {0};

    int error = store_read(api->parts.store, batches_read, &batches);
    if (error < 0)
        return answer_store_error(call, error);
    if (pipeline)
        pipeline_stats(pipeline, &stats);

    json_t *body = json_object();
    set(body, "file_watcher", pipeline ? watcher_json(api, &stats) : json_null());
    set(body, "batch_aggregator", aggregator_json(api, &batches));
    set(body, "degradation", json_null());
    set(body, "workers", workers_json(&stats));
    set(body, "totals", pipeline ? totals_json(&stats) : json_null());
    set(body, "realtime", realtime_json(api));
    set(body, "last_error",
        stats.last_error[0] ? text_json(span_of(stats.last_error)) : json_null());
    set(body, "timestamp", text_json_instant(time_now()));
    return answer_json(200, body);
}

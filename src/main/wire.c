#include "main/wire.h"

#include "api/api.h"
#include "base/mem.h"
#include "base/time.h"
#include "journal/journal.h"
#include "loop/lane.h"
#include "loop/loop.h"
#include "main/limits.h"
#include "main/place.h"
#include "main/version.h"
#include "net/net.h"
#include "pipeline/pipeline.h"
#include "queue/queue.h"
#include "realtime/broadcaster.h"
#include "store/store.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define API_THREADS 4
#define API_WAITING_MAX 1024
#define READ_THREADS 2
#define READ_WAITING_MAX 4096
#define STORE_READERS (API_THREADS + READ_THREADS + 2)
#define QUEUE_LEASE_US (300 * TIME_SECOND)
#define DRAIN_US (2 * TIME_SECOND)
#define DRAIN_STEP_US (10 * TIME_MS)

struct app {
    const struct config *config;
    struct place place;
    char *thumbnails;

    struct loop *core;
    struct lane *api_lane, *read_lane;
    struct store *store;
    struct journal *journal;
    struct queue *detections, *analyses;
    struct pipeline *pipeline;
    struct broadcaster *broadcaster;
    struct net *net;
    struct api *api;
};

static unsigned cores(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : (unsigned)count;
}

static enum store_sync sync_of(const struct config *config)
{
    if (!strcasecmp(config->journal_sync, "full"))
        return STORE_SYNC_FULL;
    return !strcasecmp(config->journal_sync, "off") ? STORE_SYNC_OFF : STORE_SYNC_NORMAL;
}

static enum queue_overflow overflow_of(const struct config *config)
{
    if (!strcasecmp(config->queue_overflow_policy, "reject"))
        return QUEUE_OVERFLOW_REJECT;
    return !strcasecmp(config->queue_overflow_policy, "dlq") ? QUEUE_OVERFLOW_DLQ
                                                             : QUEUE_OVERFLOW_DROP_OLDEST;
}

static int open_queue(struct app *app, const char *name, struct queue **ret_queue, struct buf *why)
{
    struct queue_settings settings = {
        .name = name,
        .waiting_max = (size_t)app->config->queue_max_size,
        .overflow = overflow_of(app->config),
        .lease_us = QUEUE_LEASE_US,
    };
    return queue_open(app->store, &settings, ret_queue, why);
}

static int open_data(struct app *app, struct buf *why)
{
    const struct config *config = app->config;
    struct store_settings store = {
        .path = app->place.database,
        .sync = sync_of(config),
        .readers = STORE_READERS,
    };
    struct journal_settings journal = {.messages_max = (uint64_t)config->journal_max_messages};

    int result = store_open(&store, &app->store, why);
    if (result == 0)
        result = journal_open(app->store, app->core, &journal, &app->journal, why);
    if (result == 0)
        result = open_queue(app, QUEUE_DETECTION, &app->detections, why);
    if (result == 0)
        result = open_queue(app, QUEUE_ANALYSIS, &app->analyses, why);
    return result;
}

static int start_threads(struct app *app, struct buf *why)
{
    int result = loop_new("core", &app->core);
    if (result == 0)
        result = loop_start(app->core);
    if (result == 0)
        result = lane_new("api", API_THREADS, API_WAITING_MAX, &app->api_lane);
    if (result == 0)
        result = lane_new("read", READ_THREADS, READ_WAITING_MAX, &app->read_lane);
    if (result < 0)
        buf_setf(why, "threads cannot be started: %s", strerror(-result));
    return result;
}

static int open_broadcaster(struct app *app, struct buf *why)
{
    const struct config *config = app->config;
    struct broadcaster_settings settings = {
        .ping_interval_us = config->websocket_ping_interval,
        .idle_timeout_us = config->websocket_idle_timeout,
        .message_max = (size_t)config->websocket_max_message_size,
        .log_frames = 1024,
        .replay_max = (size_t)config->replay_max,
        .origins = (const char *const *)config->cors_origins,
        .version = VIGIL_VERSION,
    };
    return broadcaster_new(&settings, app->journal, app->core, app->read_lane, &app->broadcaster,
                           why);
}

static int start_pipeline(struct app *app, struct buf *why)
{
    const struct config *config = app->config;
    struct pipeline_settings settings = {
        .camera_root = config->camera_root,
        .data_dir = config->data_dir,
        .polling = config->file_watcher_polling,
        .polling_interval_us = config->file_watcher_polling_interval,
        .debounce_us = 500 * TIME_MS,
        .stability_us = 2 * TIME_SECOND,
        .backfill_us = config->file_watcher_backfill,
        .dedupe_ttl_us = config->dedupe_ttl,
        .batch_window_us = config->batch_window,
        .batch_idle_us = config->batch_idle_timeout,
        .batch_check_us = config->batch_check_interval,
        .batch_detections_max = config->batch_max_detections,
        .confidence_threshold = config->detection_confidence_threshold,
        .fast_path_confidence = config->fast_path_confidence_threshold,
        .fast_path_types = (const char *const *)config->fast_path_object_types,
        .severity_low_max = config->severity_low_max,
        .severity_medium_max = config->severity_medium_max,
        .severity_high_max = config->severity_high_max,
        .scene_change_threshold = config->scene_change_threshold,
        .thumbnail_width = config->thumbnail_width,
        .thumbnail_height = config->thumbnail_height,
        .thumbnail_quality = config->thumbnail_quality,
        .thumbnail_font = config->thumbnail_font_size,
        .detect_threads = cores() > 4 ? 4 : cores(),
    };
    struct pipeline_parts parts = {
        .core = app->core,
        .store = app->store,
        .journal = app->journal,
        .detections = app->detections,
        .analyses = app->analyses,
    };
    return pipeline_start(&settings, &parts, &app->pipeline, why);
}

static void open_api(struct app *app)
{
    const struct config *config = app->config;
    struct api_settings settings = {
        .camera_root = config->camera_root,
        .web_root = app->place.web_root,
        .openapi_path = app->place.openapi,
        .key_required = config->api_key_enabled,
        .keys = (const char *const *)config->api_keys,
        .cors_origins = (const char *const *)config->cors_origins,
        .version = VIGIL_VERSION,
        .batch_window_us = config->batch_window,
        .batch_idle_us = config->batch_idle_timeout,
        .thumbnails =
            {
                .folder = app->thumbnails,
                .width = config->thumbnail_width,
                .height = config->thumbnail_height,
                .quality = config->thumbnail_quality,
                .font_size = config->thumbnail_font_size,
            },
    };
    struct api_parts parts = {
        .store = app->store,
        .journal = app->journal,
        .broadcaster = app->broadcaster,
        .lane = app->api_lane,
        .health =
            {
                .store = app->store,
                .journal = app->journal,
                .detections = app->detections,
                .analyses = app->analyses,
                .pipeline = app->pipeline,
                .broadcaster = app->broadcaster,
                .data_dir = config->data_dir,
            },
    };
    app->api = api_new(&settings, &parts);
}

/* The api is made after the net because it needs the pipeline, which starts only once the address
 * is ours: a second vigil on the same port must not touch a picture. */
static void on_request(void *owner, struct http_exchange *exchange)
{
    struct app *app = owner;
    api_on_request(app->api, exchange);
}

static int open_net(struct app *app, struct buf *why)
{
    const struct config *config = app->config;
    struct net_settings settings = {
        .host = config->api_host,
        .port = (uint16_t)config->api_port,
        .loops = config->net_loops ? (unsigned)config->net_loops
                 : cores() > 1     ? cores() - 1
                                   : 1,
        .connections_max = limits_connections((unsigned)config->connections_max),
        .http = http_settings_default,
    };
    settings.http.on_request = on_request;
    settings.http.owner = app;
    return net_new(&settings, &app->net, why);
}

static int start_all(struct app *app, struct buf *why)
{
    int result = place_open(app->config, &app->place, why);
    if (result == 0)
        result = open_net(app, why);
    if (result == 0)
        result = start_threads(app, why);
    if (result == 0)
        result = open_data(app, why);
    if (result == 0)
        result = open_broadcaster(app, why);
    if (result == 0)
        result = broadcaster_attach(app->broadcaster, app->net);
    if (result == 0)
        result = start_pipeline(app, why);
    if (result < 0)
        return result;
    open_api(app);
    result = net_start(app->net);
    if (result < 0)
        buf_setf(why, "the net loops cannot be started: %s", strerror(-result));
    return result;
}

int app_start(const struct config *config, struct app **ret_app, struct buf *why)
{
    struct app *app = mem_alloc(sizeof(*app));
    app->config = config;
    app->thumbnails = mem_printf("%s/thumbnails", config->data_dir);
    int result = start_all(app, why);
    if (result < 0) {
        app_stop(&app);
        return result;
    }
    *ret_app = app;
    return 0;
}

uint16_t app_port(const struct app *app)
{
    return net_port(app->net);
}

static bool has_clients(const struct app *app)
{
    struct broadcaster_stats stats;
    broadcaster_stats(app->broadcaster, &stats);
    return stats.connections > 0;
}

/* Clients get the goodbye and time to leave; those who stay are closed by net_stop(). */
static void drain(struct app *app)
{
    if (!app->api)
        return;
    net_stop_accepting(app->net);
    broadcaster_drain(app->broadcaster, "Server shutting down");
    int64_t give_up = time_monotonic() + DRAIN_US;
    while (has_clients(app) && time_monotonic() < give_up)
        nanosleep(&(struct timespec){.tv_nsec = DRAIN_STEP_US * 1000}, NULL);
}

/* What calls stops before what is called: sockets, the workers that answer them (they ask the
 * pipeline how it is), the pipeline, then the core loop, then what its callbacks spoke of, and the
 * data last. Every step accepts a part that never started. */
void app_stop(struct app **app_address)
{
    struct app *app = *app_address;
    if (!app)
        return;
    drain(app);
    if (app->net)
        net_stop(app->net);
    lane_free(&app->api_lane);
    lane_free(&app->read_lane);
    pipeline_stop(&app->pipeline);
    if (app->core) {
        loop_stop(app->core);
        loop_join(app->core);
    }
    api_free(&app->api);
    broadcaster_free(&app->broadcaster);
    net_free(&app->net);
    queue_close(&app->detections);
    queue_close(&app->analyses);
    journal_close(&app->journal);
    store_close(&app->store);
    loop_free(&app->core);
    place_close(&app->place);
    mem_free(&app->thumbnails);
    mem_free(app_address);
}

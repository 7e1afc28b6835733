/* A whole site for the api's tests: a database, a journal, net loops and the api on a port of its
 * own, in a folder of its own. Everything is real but for the pipeline, which is not there. */
#pragma once

#include "api/api.h"
#include "base/time.h"
#include "net/net.h"
#include "queue/queue.h"
#include "realtime/broadcaster.h"
#include "store/cameras.h"
#include "store/detections.h"
#include "store/events.h"
#include "store/intake.h"
#include "support/http_client.h"
#include "support/pictures.h"
#include "support/scratch.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#define SITE_LANE_THREADS 2
#define SITE_LANE_WAITING 100

struct site {
    char *folder, *cameras, *thumbnails, *web, *openapi;
    struct store *store;
    struct loop *core;
    struct journal *journal;
    struct queue *detections, *analyses;
    struct broadcaster *broadcaster;
    struct lane *lane, *read_lane;
    struct net *net;
    struct api *api;
    uint16_t port;
    struct http_answer answer; /* of the last request */
};

static inline void site_on_request(void *owner, struct http_exchange *exchange)
{
    struct site *site = owner;
    api_on_request(site->api, exchange);
}

static inline char *site_folder(const struct site *site, const char *name)
{
    char *path = mem_printf("%s/%s", site->folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

static inline struct queue *site_open_queue(struct site *site, const char *name)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct queue_settings settings = {
        .name = name, .waiting_max = 100, .lease_us = 300 * TIME_SECOND};
    struct queue *queue = NULL;
    assert_int_equal(queue_open(site->store, &settings, &queue, &why), 0);
    return queue;
}

static inline void site_open_data(struct site *site)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(mem_free) char *path = mem_printf("%s/vigil.db", site->folder);
    struct store_settings store = {.path = path, .sync = STORE_SYNC_OFF, .readers = 1};
    struct journal_settings journal = {.messages_max = 100000};

    assert_int_equal(store_open(&store, &site->store, &why), 0);
    assert_int_equal(loop_new("core", &site->core), 0);
    assert_int_equal(loop_start(site->core), 0);
    assert_int_equal(journal_open(site->store, site->core, &journal, &site->journal, &why), 0);
    site->detections = site_open_queue(site, QUEUE_DETECTION);
    site->analyses = site_open_queue(site, QUEUE_ANALYSIS);
}

static inline void site_open_net(struct site *site)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct net_settings net = {
        .host = "127.0.0.1", .loops = 1, .connections_max = 100, .http = http_settings_default};

    net.http.on_request = site_on_request;
    net.http.owner = site;
    assert_int_equal(lane_new("api", SITE_LANE_THREADS, SITE_LANE_WAITING, &site->lane), 0);
    assert_int_equal(net_new(&net, &site->net, &why), 0);
    site->port = net_port(site->net);
    struct broadcaster_settings broadcaster = {.ping_interval_us = 30 * TIME_SECOND,
                                               .idle_timeout_us = 300 * TIME_SECOND,
                                               .message_max = 65536,
                                               .log_frames = 100,
                                               .replay_max = 1000};
    assert_int_equal(lane_new("read", 1, 100, &site->read_lane), 0);
    assert_int_equal(broadcaster_new(&broadcaster, site->journal, site->core, site->read_lane,
                                     &site->broadcaster, &why),
                     0);
    assert_int_equal(broadcaster_attach(site->broadcaster, site->net), 0);
}

/* `changes` may set what the caller cares for: key_required, keys, cors_origins. */
static inline struct site *site_open(const struct api_settings *changes)
{
    struct site *site = mem_alloc(sizeof(*site));
    site->folder = scratch_new();
    site->cameras = site_folder(site, "cameras");
    site->thumbnails = site_folder(site, "thumbnails");
    site->web = site_folder(site, "web");
    site->openapi = mem_printf("%s/openapi.json", site->folder);
    site_open_data(site);
    site_open_net(site);

    struct api_settings settings = changes ? *changes : (struct api_settings){0};
    settings.camera_root = site->cameras;
    settings.web_root = site->web;
    settings.openapi_path = site->openapi;
    settings.version = "0";
    settings.thumbnails = (struct thumbnail_settings){
        .folder = site->thumbnails, .width = 160, .height = 120, .quality = 80, .font_size = 10};
    struct api_parts parts = {
        .store = site->store,
        .journal = site->journal,
        .broadcaster = site->broadcaster,
        .lane = site->lane,
        .health = {.store = site->store,
                   .journal = site->journal,
                   .detections = site->detections,
                   .analyses = site->analyses,
                   .broadcaster = site->broadcaster,
                   .data_dir = site->folder},
    };
    site->api = api_new(&settings, &parts);
    assert_int_equal(net_start(site->net), 0);
    return site;
}

static inline void site_close(struct site **address)
{
    struct site *site = *address;
    if (!site)
        return;
    net_stop(site->net);
    lane_free(&site->lane);
    lane_free(&site->read_lane);
    loop_stop(site->core);
    loop_join(site->core);
    api_free(&site->api);
    broadcaster_free(&site->broadcaster);
    net_free(&site->net);
    queue_close(&site->detections);
    queue_close(&site->analyses);
    journal_close(&site->journal);
    loop_free(&site->core);
    store_close(&site->store);
    scratch_free(&site->folder);
    mem_free(&site->cameras);
    mem_free(&site->thumbnails);
    mem_free(&site->web);
    mem_free(&site->openapi);
    http_answer_release(&site->answer);
    mem_free(address);
}

/* ---- Asking ---- */

static inline void site_get(struct site *site, const char *target, int status)
{
    http_get(site->port, target, &site->answer);
    if (site->answer.status != status)
        fail_msg("GET %s: %d, not %d: %s", target, site->answer.status, status,
                 buf_text(&site->answer.body));
}

static inline void site_send(struct site *site, const char *method, const char *target,
                             const char *json, int status)
{
    http_send_json(site->port, method, target, json, &site->answer);
    if (site->answer.status != status)
        fail_msg("%s %s: %d, not %d: %s", method, target, site->answer.status, status,
                 buf_text(&site->answer.body));
}

static inline void site_ask(struct site *site, const char *method, const char *target,
                            const char *headers, int status)
{
    http_ask(site->port, method, target, headers, (struct span){NULL, 0}, &site->answer);
    if (site->answer.status != status)
        fail_msg("%s %s: %d, not %d: %s", method, target, site->answer.status, status,
                 buf_text(&site->answer.body));
}

static inline bool site_header_is(const struct site *site, const char *name, const char *value)
{
    return span_is(http_answer_header(&site->answer, name), value);
}

/* The last answer; new reference. */
static inline json_t *site_json(const struct site *site)
{
    json_t *value = http_answer_json(&site->answer);
    if (!value)
        fail_msg("not JSON: %s", buf_text(&site->answer.body));
    return value;
}

/* A member of the last answer by its path ("error.errors.0.field"); "" for null and absent. The
 * text is valid until the next call. */
static inline const char *site_member(const struct site *site, const char *path)
{
    static char text[512];
    AUTO(json_release) json_t *body = site_json(site);
    AUTO(buf_release) struct buf shown = BUF_INIT;
    const json_t *at = body;
    struct span rest = span_of(path);

    while (rest.at && at) {
        struct span part = span_cut(&rest, '.');
        char name[64] = "";
        memcpy(name, part.at, part.len < sizeof(name) ? part.len : sizeof(name) - 1);
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(name)) : json_object_get(at, name);
    }
    if (at && json_is_string(at))
        buf_add_text(&shown, json_string_value(at));
    else if (at && !json_is_null(at))
        buf_add_json(&shown, at);
    snprintf(text, sizeof(text), "%s", buf_text(&shown));
    return text;
}

#define assert_member(site, path, value) assert_string_equal(site_member(site, path), value)

/* ---- What is there ---- */

static inline int site_insert_camera(struct store_tx *tx, void *camera)
{
    return cameras_insert(tx, camera);
}

/* With a folder below the camera root, which is made. */
static inline void site_add_camera(struct site *site, const char *id, const char *name)
{
    AUTO(mem_free) char *folder = mem_printf("%s/%s", site->cameras, id);
    struct camera camera = {.id = (char *)(uintptr_t)id,
                            .name = (char *)(uintptr_t)name,
                            .folder_path = folder,
                            .created_at = TIME_SECOND};
    mkdir(folder, 0700);
    assert_int_equal(store_write(site->store, site_insert_camera, &camera), 0);
}

struct site_detection {
    struct detection row;
    int64_t id;
};

static inline int site_insert_detection(struct store_tx *tx, void *arg)
{
    struct site_detection *work = arg;
    return detections_insert(tx, &work->row, &work->id);
}

/* `row` lacks only what is always the same. */
static inline int64_t site_add_detection(struct site *site, struct detection row)
{
    struct site_detection work = {.row = row};
    if (!work.row.file_type)
        work.row.file_type = (char *)(uintptr_t) "image/jpeg";
    if (!work.row.object_type)
        work.row.object_type = (char *)(uintptr_t) "motion";
    if (!work.row.file_path)
        work.row.file_path = (char *)(uintptr_t) "/nowhere.jpg";
    if (!work.row.media_type)
        work.row.media_type = (char *)(uintptr_t) "image";
    assert_int_equal(store_write(site->store, site_insert_detection, &work), 0);
    return work.id;
}

struct site_event {
    struct event row;
    const int64_t *detection_ids;
    size_t detection_count;
    int64_t id;
};

static inline int site_insert_event(struct store_tx *tx, void *arg)
{
    struct site_event *work = arg;
    return events_insert(tx, &work->row, work->detection_ids, work->detection_count, &work->id);
}

static inline int64_t site_add_event(struct site *site, struct event row, const int64_t *ids,
                                     size_t count)
{
    static int batches;
    AUTO(mem_free) char *batch = mem_printf("batch-%d", batches++);
    struct site_event work = {.row = row, .detection_ids = ids, .detection_count = count};
    work.row.batch_id = batch;
    assert_int_equal(store_write(site->store, site_insert_event, &work), 0);
    return work.id;
}

static inline void site_put(const char *folder, const char *name, struct span bytes)
{
    AUTO(mem_free) char *path = mem_printf("%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
    close(fd);
}

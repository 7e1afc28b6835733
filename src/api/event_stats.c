#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/list_query_private.h"
#include "api/text_private.h"
#include "base/mem.h"
#include "store/cameras.h"
#include "store/events.h"

#include <stdlib.h>
#include <string.h>

#define LEVELS 4

static const char *const level_names[LEVELS] = {"low", "medium", "high", "critical"};

struct stats_work {
    const char *camera_id; /* NULL: all */
    int64_t start, end;
    struct event_stats all;
    struct camera_list cameras;
    int64_t *by_camera; /* one for each of cameras */
};

static void stats_work_release(struct stats_work *work)
{
    camera_list_release(&work->cameras);
    mem_free(&work->by_camera);
}

static int stats_read(struct store_tx *tx, void *arg)
{
    struct stats_work *work = arg;
    int error = events_stats(tx, work->camera_id, work->start, work->end, &work->all);
    if (error == 0)
        error = cameras_list(tx, NULL, &work->cameras);
    if (error < 0)
        return error;
    work->by_camera = mem_alloc_array(work->cameras.count + 1, sizeof(*work->by_camera));
    for (size_t i = 0; i < work->cameras.count && error == 0; i++) {
        struct event_stats one = {0};
        const char *id = work->cameras.items[i].id;
        if (work->camera_id && strcmp(work->camera_id, id) != 0)
            continue;
        error = events_stats(tx, id, work->start, work->end, &one);
        work->by_camera[i] = one.total;
    }
    return error;
}

static json_t *by_level_json(const struct event_stats *stats)
{
    json_t *object = json_object();
    for (int level = LEVELS - 1; level >= 0; level--)
        json_object_set_new(object, level_names[level], json_integer(stats->by_level[level]));
    return object;
}

static json_t *distribution_json(const struct event_stats *stats)
{
    json_t *list = json_array();
    for (int level = LEVELS - 1; level >= 0; level--) {
        json_t *entry = json_object();
        json_object_set_new(entry, "risk_level", json_string(level_names[level]));
        json_object_set_new(entry, "count", json_integer(stats->by_level[level]));
        json_array_append_new(list, entry);
    }
    return list;
}

/* Most events first; they are few enough to be looked through again for each. */
static json_t *by_camera_json(struct stats_work *work)
{
    json_t *list = json_array();
    for (;;) {
        size_t most = 0;
        for (size_t i = 1; i < work->cameras.count; i++)
            if (work->by_camera[i] > work->by_camera[most])
                most = i;
        if (work->by_camera[most] == 0)
            return list;
        const struct camera *camera = &work->cameras.items[most];
        json_t *entry = json_object();
        json_object_set_new(entry, "camera_id", text_json_or_null(camera->id));
        json_object_set_new(entry, "camera_name", text_json_or_null(camera->name));
        json_object_set_new(entry, "event_count", json_integer(work->by_camera[most]));
        json_array_append_new(list, entry);
        work->by_camera[most] = 0;
    }
}

struct http_response *events_stats_get(struct call *call)
{
    AUTO(mem_free) char *camera_id = param_text(call, "camera_id");
    AUTO(stats_work_release)
    struct stats_work work = {
        .camera_id = camera_id,
        .start = param_instant(call, "start_date", PARAM_DAY_START),
        .end = param_instant(call, "end_date", PARAM_DAY_END),
    };

    if (call_has_faults(call))
        return answer_faults(call);
    struct http_response *refusal = dates_refusal(call, work.start, work.end);
    if (refusal)
        return refusal;
    int error = store_read(call->api->parts.store, stats_read, &work);
    if (error < 0)
        return answer_store_error(call, error);

    json_t *body = json_object();
    json_object_set_new(body, "total_events", json_integer(work.all.total));
    json_object_set_new(body, "events_by_risk_level", by_level_json(&work.all));
    json_object_set_new(body, "risk_distribution", distribution_json(&work.all));
    json_object_set_new(body, "events_by_camera", by_camera_json(&work));
    return answer_json(200, body);
}

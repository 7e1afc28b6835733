#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/body_private.h"
#include "api/list_query_private.h"
#include "api/notice_private.h"
#include "api/shape_private.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <string.h>

#define NOTES_MAX 10000
#define EVENT_DETECTIONS_MAX 1000
#define EVENT_DETECTIONS_DEFAULT 50
#define OFFSET_MAX 1000000000

static struct http_response *answer_no_event(const struct call *call)
{
    return answer_problem(call, 404, "EVENT_NOT_FOUND", "There is no event %.*s",
                          (int)(call->params[0].len < 20 ? call->params[0].len : 20),
                          call->params[0].at);
}

static const char *camera_name_of(const struct camera_list *cameras, const char *id)
{
    for (size_t i = 0; i < cameras->count; i++)
        if (!strcmp(cameras->items[i].id, id))
            return cameras->items[i].name;
    return NULL;
}

/* ---- GET /api/events ---- */

struct events_index {
    struct event_filter filter;
    struct list_query query;
    struct event_list list;
    struct page_result result;
    struct camera_list cameras;
};

static void events_index_release(struct events_index *index)
{
    list_query_release(&index->query);
    event_list_release(&index->list);
    camera_list_release(&index->cameras);
}

static int events_index_work(struct store_tx *tx, void *arg)
{
    struct events_index *index = arg;
    int error = cameras_list(tx, NULL, &index->cameras);
    if (error == 0)
        error = events_list(tx, &index->filter, &index->query.page, &index->list, &index->result);
    return error;
}

struct http_response *events_index(struct call *call)
{
    AUTO(events_index_release) struct events_index index = {0};
    AUTO(mem_free) char *camera_id = param_text(call, "camera_id");
    AUTO(mem_free) char *risk_level = param_text(call, "risk_level");
    AUTO(mem_free) char *object_type = param_text(call, "object_type");

    list_query_read(call, event_members, &index.query);
    index.filter = (struct event_filter){
        .camera_id = camera_id,
        .risk_level = risk_level,
        .object_type = object_type,
        .start = index.query.start,
        .end = index.query.end,
        .reviewed = param_bool(call, "reviewed", -1),
        .include_deleted = param_bool(call, "include_deleted", 0) == 1,
    };
    struct http_response *refusal = list_query_refusal(call, &index.query);
    if (refusal)
        return refusal;
    int error = store_read(call->api->parts.store, events_index_work, &index);
    if (error < 0)
        return answer_store_error(call, error);

    json_t *items = json_array();
    for (size_t i = 0; i < index.list.count; i++) {
        const struct event *event = &index.list.items[i];
        json_t *item = event_json(event, camera_name_of(&index.cameras, event->camera_id));
        fields_trim(&index.query.fields, item);
        json_array_append_new(items, item);
    }
    return list_query_answer(&index.query, &index.result, items);
}

/* ---- one event ---- */

struct event_work {
    struct call *call;
    int64_t id;
    json_t *changes; /* the body of a PATCH */
    struct event event;
    char *camera_name;
};

static void event_work_release(struct event_work *work)
{
    json_release(&work->changes);
    event_release(&work->event);
    mem_free(&work->camera_name);
}

static int event_get_work(struct store_tx *tx, void *arg)
{
    struct event_work *work = arg;
    AUTO(camera_release) struct camera camera = {0};

    event_release(&work->event);
    int error = events_get(tx, work->id, &work->event);
    if (error < 0)
        return error;
    error = cameras_get(tx, work->event.camera_id, &camera);
    if (error == 0)
        work->camera_name = TAKE(camera.name);
    return error == -ENOENT ? 0 : error;
}

static struct http_response *answer_event(const struct event_work *work, int error)
{
    if (error == -ENOENT)
        return answer_no_event(work->call);
    if (error < 0)
        return answer_store_error(work->call, error);
    return answer_json(200, event_json(&work->event, work->camera_name));
}

struct http_response *event_get(struct call *call)
{
    AUTO(event_work_release)
    struct event_work work = {.call = call, .id = call_path_id(call, 0, "event_id")};
    if (call_has_faults(call))
        return answer_faults(call);
    return answer_event(&work, store_read(call->api->parts.store, event_get_work, &work));
}

/* ---- PATCH: absent is not null ---- */

/* Checks the body, or changes the event, with the same reading. Returns true when it changes. */
static bool event_change(struct call *call, const json_t *changes, struct event *event)
{
    const char *notes = NULL;
    bool changed = false;

    changed |= body_bool(call, changes, "reviewed", &event->reviewed) == BODY_GIVEN;
    enum body_member member = body_text(call, changes, "notes", 0, NOTES_MAX, &notes);
    if (member == BODY_NULL || member == BODY_GIVEN) {
        mem_free(&event->notes);
        event->notes = member == BODY_GIVEN ? mem_strdup(notes) : NULL;
        changed = true;
    }
    member = body_instant(call, changes, "snooze_until", &event->snooze_until);
    if (member == BODY_NULL)
        event->snooze_until = 0;
    return changed || member == BODY_NULL || member == BODY_GIVEN;
}

static int event_patch_work(struct store_tx *tx, void *arg)
{
    struct event_work *work = arg;

    int error = event_get_work(tx, work);
    if (error < 0 || !event_change(work->call, work->changes, &work->event))
        return error;
    error = events_update(tx, &work->event);
    if (error < 0)
        return error;
    mem_free(&work->camera_name);
    error = event_get_work(tx, work); /* its version grew */
    if (error == 0)
        error = notice_event(work->call->api, tx, &work->event);
    return error;
}

struct http_response *event_patch(struct call *call)
{
    AUTO(event_release) struct event rehearsal = {0};
    AUTO(event_work_release)
    struct event_work work = {
        .call = call, .id = call_path_id(call, 0, "event_id"), .changes = body_object(call)};

    if (work.changes)
        event_change(call, work.changes, &rehearsal);
    if (call_has_faults(call))
        return answer_faults(call);
    int error = store_write(call->api->parts.store, event_patch_work, &work);
    if (error == 0)
        log_info("api", "event=event_updated id=%lld reviewed=%d", (long long)work.id,
                 work.event.reviewed);
    return answer_event(&work, error);
}

/* ---- GET /api/events/{event_id}/detections ---- */

struct event_detections {
    int64_t id;
    int limit, offset;
    struct detection_list list;
    int64_t total;
};

static int event_detections_work(struct store_tx *tx, void *arg)
{
    struct event_detections *work = arg;
    AUTO(event_release) struct event event = {0};

    int error = events_get(tx, work->id, &event);
    if (error == 0)
        error =
            detections_of_event(tx, work->id, work->limit, work->offset, &work->list, &work->total);
    return error;
}

struct http_response *event_detections(struct call *call)
{
    AUTO(detection_list_release) struct detection_list list = {NULL, 0};
    struct event_detections work = {
        .id = call_path_id(call, 0, "event_id"),
        .limit = (int)param_int(call, "limit", 1, EVENT_DETECTIONS_MAX, EVENT_DETECTIONS_DEFAULT),
        .offset = (int)param_int(call, "offset", 0, OFFSET_MAX, 0),
    };

    if (call_has_faults(call))
        return answer_faults(call);
    int error = store_read(call->api->parts.store, event_detections_work, &work);
    list = work.list;
    if (error == -ENOENT)
        return answer_no_event(call);
    if (error < 0)
        return answer_store_error(call, error);

    json_t *items = json_array(), *body = json_object();
    for (size_t i = 0; i < list.count; i++)
        json_array_append_new(items, detection_json(&list.items[i]));
    bool has_more = work.offset + (int64_t)list.count < work.total;
    json_object_set_new(body, "items", items);
    json_object_set_new(body, "pagination",
                        pagination_json(work.total, work.limit, work.offset, NULL, NULL, has_more));
    json_object_set_new(body, "deprecation_warning", json_null());
    return answer_json(200, body);
}

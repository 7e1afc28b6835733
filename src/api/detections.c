#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/detection_work_private.h"
#include "api/list_query_private.h"
#include "api/shape_private.h"
#include "base/mem.h"

#include <errno.h>

/* ---- GET /api/detections ---- */

struct detections_index {
    struct detection_filter filter;
    struct list_query query;
    struct detection_list list;
    struct page_result result;
};

static void detections_index_release(struct detections_index *index)
{
    list_query_release(&index->query);
    detection_list_release(&index->list);
}

static int detections_index_work(struct store_tx *tx, void *arg)
{
    struct detections_index *index = arg;
    return detections_list(tx, &index->filter, &index->query.page, &index->list, &index->result);
}

struct http_response *detections_index(struct call *call)
{
    AUTO(detections_index_release) struct detections_index index = {0};
    AUTO(mem_free) char *camera_id = param_text(call, "camera_id");
    AUTO(mem_free) char *object_type = param_text(call, "object_type");

    list_query_read(call, detection_members, &index.query);
    index.filter = (struct detection_filter){
        .camera_id = camera_id,
        .object_type = object_type,
        .start = index.query.start,
        .end = index.query.end,
        .min_confidence = param_number(call, "min_confidence", 0, 1, -1),
    };
    struct http_response *refusal = list_query_refusal(call, &index.query);
    if (refusal)
        return refusal;
    int error = store_read(call->api->parts.store, detections_index_work, &index);
    if (error < 0)
        return answer_store_error(call, error);

    json_t *items = json_array();
    for (size_t i = 0; i < index.list.count; i++) {
        json_t *item = detection_json(&index.list.items[i]);
        fields_trim(&index.query.fields, item);
        json_array_append_new(items, item);
    }
    return list_query_answer(&index.query, &index.result, items);
}

/* ---- one detection ---- */

static int detection_read_work(struct store_tx *tx, void *arg)
{
    struct detection *detection = arg;
    return detections_get(tx, detection->id, detection);
}

struct http_response *detection_read(struct call *call, struct detection *ret_detection)
{
    struct detection detection = {.id = call_path_id(call, 0, "detection_id")};

    if (call_has_faults(call))
        return answer_faults(call);
    int error = store_read(call->api->parts.store, detection_read_work, &detection);
    if (error == -ENOENT)
        return answer_problem(call, 404, "DETECTION_NOT_FOUND", "There is no detection %.*s",
                              (int)(call->params[0].len < 20 ? call->params[0].len : 20),
                              call->params[0].at);
    if (error < 0)
        return answer_store_error(call, error);
    *ret_detection = detection;
    return NULL;
}

struct http_response *detection_get(struct call *call)
{
    AUTO(detection_release) struct detection detection = {0};
    struct http_response *refusal = detection_read(call, &detection);
    return refusal ? refusal : answer_json(200, detection_json(&detection));
}

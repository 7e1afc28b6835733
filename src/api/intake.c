#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/list_query_private.h"
#include "api/shape_private.h"

#define REFUSED_DEFAULT 50
#define REFUSED_MAX 1000

struct refused_work {
    int limit;
    struct intake_list list;
    int64_t counts[INTAKE_OUTCOMES];
};

static int refused_read(struct store_tx *tx, void *arg)
{
    struct refused_work *work = arg;
    int error = intake_counts(tx, work->counts);
    if (error == 0)
        error = intake_list_refused(tx, work->limit, &work->list);
    return error;
}

struct http_response *intake_refused(struct call *call)
{
    AUTO(intake_list_release) struct intake_list list = {NULL, 0};
    struct refused_work work = {.limit =
                                    (int)param_int(call, "limit", 1, REFUSED_MAX, REFUSED_DEFAULT)};

    if (call_has_faults(call))
        return answer_faults(call);
    int error = store_read(call->api->parts.store, refused_read, &work);
    list = work.list;
    if (error < 0)
        return answer_store_error(call, error);

    json_t *body = json_object(), *items = json_array();
    for (size_t i = 0; i < list.count; i++)
        json_array_append_new(items, intake_json(&list.items[i]));
    int64_t total = work.counts[INTAKE_REFUSED] + work.counts[INTAKE_FAILED];
    json_object_set_new(body, "items", items);
    json_object_set_new(body, "counts", outcomes_json(work.counts));
    json_object_set_new(
        body, "pagination",
        pagination_json(total, work.limit, 0, NULL, NULL, (int64_t)list.count < total));
    return answer_json(200, body);
}

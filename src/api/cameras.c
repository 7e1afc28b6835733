#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/camera_body_private.h"
#include "api/list_query_private.h"
#include "api/notice_private.h"
#include "api/shape_private.h"
#include "api/text_private.h"
#include "base/log.h"
#include "base/mem.h"
#include "pipeline/camera_folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CAMERA_ID_TRIES 99

static struct http_response *answer_no_camera(const struct call *call)
{
    return answer_problem(call, 404, "CAMERA_NOT_FOUND", "There is no camera '%.*s'",
                          (int)(call->params[0].len < 64 ? call->params[0].len : 64),
                          call->params[0].at);
}

static struct http_response *answer_camera(int status, const struct camera *camera)
{
    return answer_json(status, camera_json(camera));
}

/* ---- GET /api/cameras ---- */

struct cameras_index {
    const enum camera_status *status;
    struct camera_list list;
};

static int cameras_index_work(struct store_tx *tx, void *arg)
{
    struct cameras_index *index = arg;
    return cameras_list(tx, index->status, &index->list);
}

struct http_response *cameras_index(struct call *call)
{
    AUTO(camera_list_release) struct camera_list list = {NULL, 0};
    AUTO(fields_release) struct fields fields = {NULL, NULL};
    AUTO(mem_free) char *status_name = param_text(call, "status");
    struct cameras_index index = {0};
    enum camera_status status = CAMERA_UNKNOWN;

    fields_read(call, camera_members, &fields);
    if (status_name && camera_status_parse(status_name, &status) < 0)
        call_fault(call, "query.status", span_of(status_name),
                   "must be online, offline, error or unknown");
    if (call_has_faults(call))
        return answer_faults(call);
    struct http_response *refusal = fields_refusal(call, &fields);
    if (refusal)
        return refusal;

    index.status = status_name ? &status : NULL;
    int error = store_read(call->api->parts.store, cameras_index_work, &index);
    list = index.list;
    if (error < 0)
        return answer_store_error(call, error);

    json_t *body = json_object(), *items = json_array();
    for (size_t i = 0; i < list.count; i++) {
        json_t *item = camera_json(&list.items[i]);
        fields_trim(&fields, item);
        json_array_append_new(items, item);
    }
    json_int_t count = (json_int_t)list.count;
    json_object_set_new(body, "items", items);
    json_object_set_new(body, "pagination",
                        pagination_json(count, count > 0 ? count : 1, 0, NULL, NULL, false));
    return answer_json(200, body);
}

/* ---- one camera ---- */

struct camera_work {
    struct call *call;
    const char *id; /* of the path; when creating: what the new id begins with */
    struct camera_changes changes;
    struct camera camera; /* as it is, then as it shall be */
    struct camera other;  /* that has its name or folder already */
    bool same_name;       /* which of the two */
};

static void camera_work_release(struct camera_work *work)
{
    camera_changes_release(&work->changes);
    camera_release(&work->camera);
    camera_release(&work->other);
}

static int camera_get_work(struct store_tx *tx, void *arg)
{
    struct camera_work *work = arg;
    return cameras_get(tx, work->id, &work->camera);
}

struct http_response *camera_get(struct call *call)
{
    AUTO(mem_free) char *id = mem_strndup(call->params[0].at, call->params[0].len);
    AUTO(camera_work_release) struct camera_work work = {.call = call, .id = id};

    int error = store_read(call->api->parts.store, camera_get_work, &work);
    if (error == -ENOENT)
        return answer_no_camera(call);
    if (error < 0)
        return answer_store_error(call, error);
    return answer_camera(200, &work.camera);
}

static bool is_other(const struct camera *found, const char *id)
{
    return !id || strcmp(found->id, id) != 0;
}

/* -EEXIST when a camera other than `id` (NULL: any) has this name or this folder. */
static int find_conflict(struct store_tx *tx, struct camera_work *work, const char *id)
{
    int error = cameras_find_folder(tx, work->camera.folder_path, &work->other);
    if (error == 0 && is_other(&work->other, id))
        return -EEXIST;
    camera_release(&work->other);
    if (error < 0 && error != -ENOENT)
        return error;
    error = cameras_find_name(tx, work->camera.name, &work->other);
    work->same_name = error == 0;
    if (error == 0 && is_other(&work->other, id))
        return -EEXIST;
    camera_release(&work->other);
    return error == -ENOENT ? 0 : error;
}

static struct http_response *answer_conflict(const struct camera_work *work)
{
    const struct camera *other = &work->other;
    if (!other->id)
        return answer_problem(work->call, 409, "CAMERA_ALREADY_EXISTS",
                              "A camera with this id, name or folder exists");
    return answer_problem(work->call, 409, "CAMERA_ALREADY_EXISTS", "%s '%s' has this %s",
                          other->deleted_at ? "The deleted camera" : "Camera", other->id,
                          work->same_name ? "name" : "folder");
}

/* porch, porch_2, porch_3 … */
static int insert_under_free_id(struct store_tx *tx, struct camera *camera, const char *base)
{
    int error = -EEXIST;
    for (int i = 1; i <= CAMERA_ID_TRIES && error == -EEXIST; i++) {
        mem_free(&camera->id);
        camera->id = i == 1 ? mem_strdup(base) : mem_printf("%.60s_%d", base, i);
        error = cameras_insert(tx, camera);
    }
    return error;
}

/* A deleted camera with this folder comes back, and with it what it saw. */
static int create_or_restore(struct store_tx *tx, struct camera_work *work)
{
    AUTO(camera_release) struct camera deleted = {0};
    struct camera *camera = &work->camera;

    int error = cameras_find_folder(tx, camera->folder_path, &deleted);
    if (error < 0 && error != -ENOENT)
        return error;
    bool restore = error == 0 && deleted.deleted_at;
    error = find_conflict(tx, work, restore ? deleted.id : NULL);
    if (error < 0)
        return error;
    if (!restore)
        return insert_under_free_id(tx, camera, work->id);
    camera->id = TAKE(deleted.id);
    return cameras_restore(tx, camera);
}

static int camera_create_work(struct store_tx *tx, void *arg)
{
    struct camera_work *work = arg;
    struct camera *camera = &work->camera;

    camera->status = CAMERA_ONLINE;
    camera_changes_apply(&work->changes, camera);
    int error = create_or_restore(tx, work);
    if (error < 0)
        return error;
    AUTO(mem_free) char *id = TAKE(camera->id);
    camera_release(camera);
    error = cameras_get(tx, id, camera);
    return error < 0 ? error : notice_camera(work->call->api, tx, camera, NULL);
}

struct http_response *cameras_create(struct call *call)
{
    AUTO(camera_work_release) struct camera_work work = {.call = call};
    char base[CAMERA_ID_SIZE] = "";

    camera_body_read(call, CAMERA_BODY_WHOLE, &work.changes);
    const char *folder = work.changes.folder_path;
    if (folder && camera_id_normalise(text_base_name(span_of(folder)), base) < 0)
        call_fault(call, "body.folder_path", span_of(folder),
                   "must end in a name with letters or digits: the camera's id is made of it");
    if (call_has_faults(call))
        return answer_faults(call);

    work.id = base;
    int error = store_write(call->api->parts.store, camera_create_work, &work);
    if (error == -EEXIST)
        return answer_conflict(&work);
    if (error < 0)
        return answer_store_error(call, error);
    log_info("api", "event=camera_created camera=%s name=%s", work.camera.id,
             log_value(work.camera.name));
    struct http_response *response = answer_camera(201, &work.camera);
    http_response_header(response, "Location", "/api/cameras/%s", work.camera.id);
    return response;
}

static int camera_patch_work(struct store_tx *tx, void *arg)
{
    struct camera_work *work = arg;

    int error = cameras_get(tx, work->id, &work->camera);
    if (error < 0)
        return error;
    enum camera_status before = work->camera.status;
    camera_changes_apply(&work->changes, &work->camera);
    error = find_conflict(tx, work, work->id);
    if (error == 0)
        error = cameras_update(tx, &work->camera);
    if (error == 0)
        error = notice_camera(work->call->api, tx, &work->camera, &before);
    return error;
}

struct http_response *camera_patch(struct call *call)
{
    AUTO(mem_free) char *id = mem_strndup(call->params[0].at, call->params[0].len);
    AUTO(camera_work_release) struct camera_work work = {.call = call, .id = id};

    camera_body_read(call, CAMERA_BODY_CHANGES, &work.changes);
    if (call_has_faults(call))
        return answer_faults(call);
    int error = store_write(call->api->parts.store, camera_patch_work, &work);
    if (error == -ENOENT)
        return answer_no_camera(call);
    if (error == -EEXIST)
        return answer_conflict(&work);
    if (error < 0)
        return answer_store_error(call, error);
    log_info("api", "event=camera_updated camera=%s", work.camera.id);
    return answer_camera(200, &work.camera);
}

static int camera_delete_work(struct store_tx *tx, void *arg)
{
    struct camera_work *work = arg;
    return cameras_delete(tx, work->id);
}

struct http_response *camera_delete(struct call *call)
{
    AUTO(mem_free) char *id = mem_strndup(call->params[0].at, call->params[0].len);
    AUTO(camera_work_release) struct camera_work work = {.call = call, .id = id};

    int error = store_write(call->api->parts.store, camera_delete_work, &work);
    if (error == -ENOENT)
        return answer_no_camera(call);
    if (error < 0)
        return answer_store_error(call, error);
    log_info("api", "event=camera_deleted camera=%s", log_value(id));
    return http_response_new(204);
}

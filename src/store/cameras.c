#include "store/cameras.h"

#include "base/mem.h"
#include "base/time.h"
#include "store/query_private.h"

#include <errno.h>
#include <string.h>

#define COLUMNS "id, name, folder_path, status, created_at, last_seen_at, deleted_at"

static const char *const status_names[] = {
    [CAMERA_ONLINE] = "online",
    [CAMERA_OFFLINE] = "offline",
    [CAMERA_ERROR] = "error",
    [CAMERA_UNKNOWN] = "unknown",
};

void camera_release(struct camera *camera)
{
    mem_free(&camera->id);
    mem_free(&camera->name);
    mem_free(&camera->folder_path);
}

void camera_list_release(struct camera_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        camera_release(&list->items[i]);
    mem_free(&list->items);
    list->count = 0;
}

const char *camera_status_name(enum camera_status status)
{
    return status_names[status];
}

int camera_status_parse(const char *name, enum camera_status *ret_status)
{
    for (size_t i = 0; i < COUNT_OF(status_names); i++)
        if (!strcmp(name, status_names[i])) {
            *ret_status = (enum camera_status)i;
            return 0;
        }
    return -EINVAL;
}

static void read_camera(struct store_stmt *stmt, struct camera *camera)
{
    camera->id = row_text(stmt, 0);
    camera->name = row_text(stmt, 1);
    camera->folder_path = row_text(stmt, 2);
    if (camera_status_parse(store_text(stmt, 3), &camera->status) < 0)
        camera->status = CAMERA_UNKNOWN;
    camera->created_at = store_time(stmt, 4);
    camera->last_seen_at = store_time(stmt, 5);
    camera->deleted_at = store_time(stmt, 6);
}

static int find(struct store_stmt *stmt, const char *key, struct camera *ret_camera)
{
    int result;

    store_bind_text(stmt, 1, key);
    result = step_one(stmt);
    if (result >= 0)
        read_camera(stmt, ret_camera);
    return result;
}

int cameras_get(struct store_tx *tx, const char *id, struct camera *ret_camera)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT " COLUMNS " FROM cameras WHERE id = $1 AND deleted_at IS NULL");

    return find(stmt, id, ret_camera);
}

int cameras_find_folder(struct store_tx *tx, const char *folder_path, struct camera *ret_camera)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT " COLUMNS " FROM cameras WHERE folder_path = $1");

    return find(stmt, folder_path, ret_camera);
}

int cameras_find_name(struct store_tx *tx, const char *name, struct camera *ret_camera)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(tx, "SELECT " COLUMNS " FROM cameras WHERE name = $1");

    return find(stmt, name, ret_camera);
}

int cameras_list(struct store_tx *tx, const enum camera_status *status,
                 struct camera_list *ret_list)
{
    AUTO(query_release) struct query query = QUERY_INIT;
    AUTO(camera_list_release) struct camera_list list = {0};
    AUTO(store_stmt_done) struct store_stmt *stmt = NULL;
    int result;

    query_condition(&query, "deleted_at IS NULL");
    query_text(&query, "status = ?", status ? camera_status_name(*status) : NULL);
    stmt = query_prepare(&query, tx, "SELECT " COLUMNS " FROM cameras", "ORDER BY name, id");
    while ((result = store_step(stmt)) == 1) {
        list.items = rows_grow(list.items, list.count, sizeof(list.items[0]));
        read_camera(stmt, &list.items[list.count++]);
    }
    if (result < 0)
        return result;
    *ret_list = list;
    list = (struct camera_list){0};
    return 0;
}

int cameras_insert(struct store_tx *tx, const struct camera *camera)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "INSERT INTO cameras (id, name, folder_path, status, created_at, last_seen_at) "
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING");
    int result;

    store_bind_text(stmt, 1, camera->id);
    store_bind_text(stmt, 2, camera->name);
    store_bind_text(stmt, 3, camera->folder_path);
    store_bind_text(stmt, 4, camera_status_name(camera->status));
    store_bind_time(stmt, 5, camera->created_at ? camera->created_at : time_now());
    bind_time_or_null(stmt, 6, camera->last_seen_at);
    result = run_on_row(tx, stmt);
    return result == -ENOENT ? -EEXIST : result;
}

/* 1 when another camera has this name or folder. Asked before, because a failed statement costs the
 * caller's transaction. */
static int is_taken(struct store_tx *tx, const struct camera *camera)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "SELECT 1 FROM cameras WHERE (name = $2 OR folder_path = $3) AND id <> $1");

    store_bind_text(stmt, 1, camera->id);
    store_bind_text(stmt, 2, camera->name);
    store_bind_text(stmt, 3, camera->folder_path);
    return store_step(stmt);
}

static int update_with(struct store_tx *tx, struct store_stmt *stmt, const struct camera *camera)
{
    int result = is_taken(tx, camera);

    if (result != 0)
        return result < 0 ? result : -EEXIST;
    store_bind_text(stmt, 1, camera->id);
    store_bind_text(stmt, 2, camera->name);
    store_bind_text(stmt, 3, camera->folder_path);
    store_bind_text(stmt, 4, camera_status_name(camera->status));
    return run_on_row(tx, stmt);
}

int cameras_update(struct store_tx *tx, const struct camera *camera)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "UPDATE cameras SET name = $2, folder_path = $3, status = $4 "
                          "WHERE id = $1 AND deleted_at IS NULL");

    return update_with(tx, stmt, camera);
}

int cameras_restore(struct store_tx *tx, const struct camera *camera)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "UPDATE cameras SET name = $2, folder_path = $3, status = $4, deleted_at = NULL "
            "WHERE id = $1 AND deleted_at IS NOT NULL");

    return update_with(tx, stmt, camera);
}

int cameras_set_status(struct store_tx *tx, const char *id, enum camera_status status)
{
    AUTO(camera_release) struct camera camera = {0};
    AUTO(store_stmt_done) struct store_stmt *stmt = NULL;
    int result = cameras_get(tx, id, &camera);

    if (result < 0 || camera.status == status)
        return result;
    stmt = store_prepare(tx, "UPDATE cameras SET status = $2 WHERE id = $1");
    store_bind_text(stmt, 1, id);
    store_bind_text(stmt, 2, camera_status_name(status));
    result = run_on_row(tx, stmt);
    return result < 0 ? result : 1;
}

int cameras_touch(struct store_tx *tx, const char *id, int64_t seen_at)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "UPDATE cameras SET last_seen_at = CASE WHEN last_seen_at > $2 THEN last_seen_at "
            "ELSE $2 END WHERE id = $1 AND deleted_at IS NULL");

    store_bind_text(stmt, 1, id);
    store_bind_time(stmt, 2, seen_at);
    return run_on_row(tx, stmt);
}

int cameras_delete(struct store_tx *tx, const char *id)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "UPDATE cameras SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL");

    store_bind_text(stmt, 1, id);
    store_bind_time(stmt, 2, time_now());
    return run_on_row(tx, stmt);
}

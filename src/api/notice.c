#include "api/notice_private.h"

#include "api/text_private.h"
#include "base/time.h"

static json_t *camera_event_type(const struct camera *camera, const enum camera_status *before)
{
    bool changed = !before || *before != camera->status;
    if (!changed || camera->status == CAMERA_UNKNOWN)
        return json_string("camera.updated");
    return json_sprintf("camera.%s", camera_status_name(camera->status));
}

int notice_camera(const struct api *api, struct store_tx *tx, const struct camera *camera,
                  const enum camera_status *before)
{
    AUTO(json_release) json_t *data = json_object();
    json_object_set_new(data, "event_type", camera_event_type(camera, before));
    json_object_set_new(data, "camera_id", text_json_or_null(camera->id));
    json_object_set_new(data, "camera_name", text_json_or_null(camera->name));
    json_object_set_new(data, "status", json_string(camera_status_name(camera->status)));
    json_object_set_new(data, "timestamp", text_json_instant(time_now()));
    json_object_set_new(data, "previous_status",
                        before ? json_string(camera_status_name(*before)) : json_null());
    json_object_set_new(data, "reason", json_string("changed by hand"));
    return journal_append(api->parts.journal, tx, "camera_status", data, NULL);
}

int notice_event(const struct api *api, struct store_tx *tx, const struct event *event)
{
    AUTO(json_release) json_t *data = json_object();
    json_object_set_new(data, "id", json_integer(event->id));
    json_object_set_new(data, "event_id", json_integer(event->id));
    json_object_set_new(data, "camera_id", text_json_or_null(event->camera_id));
    json_object_set_new(data, "reviewed", json_boolean(event->reviewed));
    json_object_set_new(data, "notes", text_json_or_null(event->notes));
    json_object_set_new(data, "snooze_until", text_json_instant(event->snooze_until));
    json_object_set_new(data, "version", json_integer(event->version));
    json_object_set_new(data, "timestamp", text_json_instant(time_now()));
    return journal_append(api->parts.journal, tx, "event.updated", data, NULL);
}

#include "api/notice_private.h"

#include "api/text_private.h"
#include "base/time.h"
#include "pipeline/announce.h"

int notice_camera(const struct api *api, struct store_tx *tx, const struct camera *camera,
                  const enum camera_status *before)
{
    const struct camera_change change = {
        .camera = camera,
        .previous = before,
        .status = camera->status,
        .reason = before ? "edited" : "created",
        .at = time_now(),
    };
    return announce_camera(api->parts.journal, tx, &change);
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

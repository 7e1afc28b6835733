#include "api/shape_private.h"

#include "api/text_private.h"

const char *const camera_members[] = {
    "id", "name", "folder_path", "status", "created_at", "last_seen_at", NULL,
};

const char *const event_members[] = {
    "id",           "camera_id",         "camera_name",   "started_at",
    "ended_at",     "risk_score",        "risk_level",    "summary",
    "reasoning",    "llm_prompt",        "reviewed",      "notes",
    "snooze_until", "detection_count",   "detection_ids", "thumbnail_url",
    "deleted_at",   "enrichment_status", "factors",       "assessed_by",
    "object_types", "is_fast_path",      "version",       NULL,
};

const char *const detection_members[] = {
    "id",          "camera_id",    "file_path",      "file_type",        "detected_at",
    "object_type", "confidence",   "bbox_x",         "bbox_y",           "bbox_width",
    "bbox_height", "media_type",   "thumbnail_path", "duration",         "video_codec",
    "video_width", "video_height", "track_id",       "track_confidence", "enrichment_data",
    NULL,
};

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

json_t *camera_json(const struct camera *camera)
{
    json_t *object = json_object();
    set(object, "id", text_json_or_null(camera->id));
    set(object, "name", text_json_or_null(camera->name));
    set(object, "folder_path", text_json_or_null(camera->folder_path));
    set(object, "status", json_string(camera_status_name(camera->status)));
    set(object, "created_at", text_json_instant(camera->created_at));
    set(object, "last_seen_at", text_json_instant(camera->last_seen_at));
    return object;
}

/* Our own JSON text out of a column; `fallback` when there is none or it does not read. */
static json_t *stored_json(const char *text, json_t *fallback)
{
    json_t *value = NULL;
    if (!text || json_parse(span_of(text), &value, NULL) < 0)
        return fallback;
    json_decref(fallback);
    return value;
}

static json_t *object_types_json(const char *types)
{
    json_t *list = json_array();
    struct span rest = span_of(types);
    while (rest.at) {
        struct span type = span_trim(span_cut(&rest, ','));
        if (type.len > 0)
            json_array_append_new(list, text_json(type));
    }
    return list;
}

static json_t *detection_ids_json(const struct event *event)
{
    json_t *ids = json_array();
    for (size_t i = 0; i < event->detection_count; i++)
        json_array_append_new(ids, json_integer(event->detection_ids[i]));
    return ids;
}

static json_t *thumbnail_url_json(const struct event *event)
{
    if (event->detection_count == 0)
        return json_null();
    return json_sprintf("/api/detections/%lld/image", (long long)event->detection_ids[0]);
}

json_t *event_json(const struct event *event, const char *camera_name)
{
    json_t *object = json_object();
    set(object, "id", json_integer(event->id));
    set(object, "camera_id", text_json_or_null(event->camera_id));
    set(object, "camera_name", text_json_or_null(camera_name));
    set(object, "started_at", text_json_instant(event->started_at));
    set(object, "ended_at", text_json_instant(event->ended_at));
    set(object, "risk_score",
        event->risk_score < 0 ? json_null() : json_integer(event->risk_score));
    set(object, "risk_level", text_json_or_null(event->risk_level));
    set(object, "summary", text_json_or_null(event->summary));
    set(object, "reasoning", text_json_or_null(event->reasoning));
    set(object, "llm_prompt", text_json_or_null(event->llm_prompt));
    set(object, "reviewed", json_boolean(event->reviewed));
    set(object, "notes", text_json_or_null(event->notes));
    set(object, "snooze_until", text_json_instant(event->snooze_until));
    set(object, "detection_count", json_integer((json_int_t)event->detection_count));
    set(object, "detection_ids", detection_ids_json(event));
    set(object, "thumbnail_url", thumbnail_url_json(event));
    set(object, "enrichment_status", json_null());
    set(object, "deleted_at", text_json_instant(event->deleted_at));
    set(object, "factors", stored_json(event->factors, json_array()));
    set(object, "assessed_by", text_json_or_null(event->assessed_by));
    set(object, "object_types", object_types_json(event->object_types));
    set(object, "is_fast_path", json_boolean(event->is_fast_path));
    set(object, "version", json_integer(event->version));
    return object;
}

static void box_set(json_t *object, const struct detection *detection)
{
    bool boxed = detection->bbox_width > 0 && detection->bbox_height > 0;
    set(object, "bbox_x", boxed ? json_integer(detection->bbox_x) : json_null());
    set(object, "bbox_y", boxed ? json_integer(detection->bbox_y) : json_null());
    set(object, "bbox_width", boxed ? json_integer(detection->bbox_width) : json_null());
    set(object, "bbox_height", boxed ? json_integer(detection->bbox_height) : json_null());
}

static json_t *size_json(int pixels)
{
    return pixels > 0 ? json_integer(pixels) : json_null();
}

json_t *detection_json(const struct detection *detection)
{
    json_t *object = json_object();
    set(object, "id", json_integer(detection->id));
    set(object, "camera_id", text_json_or_null(detection->camera_id));
    set(object, "file_path", text_json_or_null(detection->file_path));
    set(object, "file_type", text_json_or_null(detection->file_type));
    set(object, "detected_at", text_json_instant(detection->detected_at));
    set(object, "object_type", text_json_or_null(detection->object_type));
    set(object, "confidence", json_real(detection->confidence));
    box_set(object, detection);
    set(object, "thumbnail_path", text_json_or_null(detection->thumbnail_path));
    set(object, "media_type",
        text_json_or_null(detection->media_type ? detection->media_type : "image"));
    set(object, "duration", json_null());
    set(object, "video_codec", json_null());
    set(object, "video_width", size_json(detection->video_width));
    set(object, "video_height", size_json(detection->video_height));
    set(object, "track_id", json_null());
    set(object, "track_confidence", json_null());
    set(object, "enrichment_data", stored_json(detection->enrichment_data, json_null()));
    return object;
}

json_t *intake_json(const struct intake *intake)
{
    json_t *object = json_object();
    set(object, "id", json_integer(intake->id));
    set(object, "file", text_json(text_base_name(span_of(intake->file_path))));
    set(object, "camera_id", text_json_or_null(intake->camera_id));
    set(object, "outcome", json_string(intake_outcome_name(intake->outcome)));
    set(object, "reason", text_json_or_null(intake->reason));
    set(object, "detail", text_json_or_null(intake->detail));
    set(object, "size", json_integer(intake->size));
    set(object, "seen_at", text_json_instant(intake->seen_at));
    return object;
}

json_t *outcomes_json(const int64_t counts[INTAKE_OUTCOMES])
{
    json_t *object = json_object();
    for (int outcome = 0; outcome < INTAKE_OUTCOMES; outcome++)
        set(object, intake_outcome_name((enum intake_outcome)outcome),
            json_integer(counts[outcome]));
    return object;
}

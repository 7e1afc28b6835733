#include "pipeline/announce.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"

static void set_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static void set_int(json_t *object, const char *name, int64_t number)
{
    json_object_set_new(object, name, json_integer(number));
}

static void set_instant(json_t *object, const char *name, int64_t instant)
{
    char text[TIME_TEXT_SIZE];

    set_text(object, name, instant ? time_format(instant, text) : NULL);
}

static void set_ids(json_t *object, const char *name, const int64_t *ids, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_integer(ids[i]));
    json_object_set_new(object, name, list);
}

static const char *camera_event_type(const struct camera_change *change)
{
    static const char *const names[] = {
        [CAMERA_ONLINE] = "camera.online",
        [CAMERA_OFFLINE] = "camera.offline",
        [CAMERA_ERROR] = "camera.error",
        [CAMERA_UNKNOWN] = "camera.updated",
    };
    bool same = change->previous && *change->previous == change->status;
    return same ? "camera.updated" : names[change->status];
}

int announce_camera(struct journal *journal, struct store_tx *tx,
                    const struct camera_change *change)
{
    AUTO(json_release) json_t *data = json_object();

    set_text(data, "event_type", camera_event_type(change));
    set_text(data, "camera_id", change->camera->id);
    set_text(data, "camera_name", change->camera->name);
    set_text(data, "status", camera_status_name(change->status));
    set_text(data, "previous_status",
             change->previous ? camera_status_name(*change->previous) : NULL);
    set_text(data, "reason", change->reason);
    set_text(data, "details", change->details);
    set_instant(data, "timestamp", change->at);
    return journal_append(journal, tx, "camera_status", data, NULL);
}

/* Of the picture's size, 0 to 1. */
static json_t *normalised_box(const struct detection *detection)
{
    json_t *box = json_object();
    double width = detection->video_width, height = detection->video_height;

    json_object_set_new(box, "x", json_real(detection->bbox_x / width));
    json_object_set_new(box, "y", json_real(detection->bbox_y / height));
    json_object_set_new(box, "width", json_real(detection->bbox_width / width));
    json_object_set_new(box, "height", json_real(detection->bbox_height / height));
    return box;
}

int announce_detection(struct journal *journal, struct store_tx *tx,
                       const struct detection *detection, const char *batch_id)
{
    AUTO(json_release) json_t *data = json_object();

    set_int(data, "detection_id", detection->id);
    set_text(data, "batch_id", batch_id);
    set_text(data, "camera_id", detection->camera_id);
    set_text(data, "label", detection->object_type);
    json_object_set_new(data, "confidence", json_real(detection->confidence));
    if (detection->video_width > 0 && detection->video_height > 0)
        json_object_set_new(data, "bbox", normalised_box(detection));
    set_instant(data, "timestamp", detection->detected_at);
    return journal_append(journal, tx, "detection.new", data, NULL);
}

int announce_batch(struct journal *journal, struct store_tx *tx, const struct closed_batch *batch)
{
    AUTO(json_release) json_t *data = json_object();

    set_text(data, "batch_id", batch->id);
    set_text(data, "camera_id", batch->camera_id);
    set_ids(data, "detection_ids", batch->detection_ids, batch->count);
    set_int(data, "detection_count", (int64_t)batch->count);
    set_instant(data, "started_at", batch->started_at);
    set_instant(data, "closed_at", batch->closed_at);
    set_text(data, "close_reason", batch->reason);
    return journal_append(journal, tx, "detection.batch", data, NULL);
}

int announce_scene_change(struct journal *journal, struct store_tx *tx,
                          const struct scene_change *change)
{
    AUTO(json_release) json_t *data = json_object();

    set_int(data, "id", change->id);
    set_text(data, "camera_id", change->camera_id);
    set_instant(data, "detected_at", change->at);
    set_text(data, "change_type", "unknown");
    json_object_set_new(data, "similarity_score", json_real(change->similarity));
    return journal_append(journal, tx, "scene_change", data, NULL);
}

json_t *factors_to_json(const struct rule_factor *factors, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *factor = json_object();
        set_text(factor, "name", factors[i].name);
        set_int(factor, "points", factors[i].points);
        set_text(factor, "detail", factors[i].detail);
        json_array_append_new(list, factor);
    }
    return list;
}

static void set_factors(json_t *data, const char *text)
{
    json_t *factors = NULL;

    if (text && json_parse(span_of(text), &factors, NULL) == 0)
        json_object_set_new(data, "factors", factors);
}

static json_t *event_to_json(const struct event_news *news)
{
    const struct event *event = news->event;
    json_t *data = json_object();

    set_int(data, "id", event->id);
    set_int(data, "event_id", event->id);
    set_text(data, "batch_id", event->batch_id);
    set_text(data, "camera_id", event->camera_id);
    set_text(data, "camera_name", news->camera_name);
    set_int(data, "risk_score", event->risk_score);
    set_text(data, "risk_level", event->risk_level);
    set_text(data, "summary", event->summary);
    set_text(data, "reasoning", event->reasoning);
    set_instant(data, "started_at", event->started_at);
    set_instant(data, "ended_at", event->ended_at);
    set_instant(data, "timestamp", news->at);
    set_factors(data, event->factors);
    set_text(data, "assessed_by", event->assessed_by);
    set_text(data, "object_types", event->object_types);
    json_object_set_new(data, "is_fast_path", json_boolean(event->is_fast_path));
    return data;
}

int announce_event(struct journal *journal, struct store_tx *tx, const struct event_news *news)
{
    AUTO(json_release) json_t *data = event_to_json(news);
    AUTO(mem_free)
    char *url = mem_printf("/api/detections/%lld/image", (long long)news->thumbnail_detection);

    set_int(data, "detection_count", (int64_t)news->event->detection_count);
    set_ids(data, "detection_ids", news->event->detection_ids, news->event->detection_count);
    set_text(data, "thumbnail_url", url);
    return journal_append(journal, tx, "event", data, NULL);
}

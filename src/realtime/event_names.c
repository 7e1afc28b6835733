#include "realtime/event_names.h"

#include "base/own.h"
#include "realtime/glob.h"

#include <string.h>

/* Further names of a wire type. */
static const struct alias {
    const char *type;
    const char *names[2];
} aliases[] = {
    {"event", {"event.created", NULL}},
    {"camera_status", {"camera.status_changed", NULL}},
    {"scene_change", {"scene_change.detected", NULL}},
    {"worker_status", {"worker.status", NULL}},
    {"service_status", {"service.status_changed", "service.status"}},
    {"system_status", {"system.status", NULL}},
    {"infrastructure_alert", {"prometheus.alert", NULL}},
};

/* Wire types whose first underscore stands for a dot. */
static const char *const dotted[] = {"alert_", "job_"};

/* The registry's channels, by what a type begins with. */
static const struct {
    const char *prefix, *channel;
} channels[] = {
    {"event", "events"},
    {"scene_change", "events"},
    {"alert", "alerts"},
    {"infrastructure_alert", "alerts"},
    {"prometheus", "alerts"},
    {"camera", "cameras"},
    {"detection", "detections"},
    {"batch", "detections"},
    {"job", "jobs"},
    {"worker", "workers"},
    {"enrichment", "enrichment"},
    {"system", "system"},
    {"service", "system"},
    {"gpu", "system"},
    {"queue", "system"},
    {"pipeline", "system"},
};

bool event_names_use_data(struct span type)
{
    return span_is_nocase(type, "camera_status") || span_is_nocase(type, "worker_status");
}

static struct span lower(char *to, struct span from)
{
    size_t len = from.len < EVENT_NAME_MAX ? from.len : EVENT_NAME_MAX;

    for (size_t i = 0; i < len; i++)
        to[i] = from.at[i] >= 'A' && from.at[i] <= 'Z' ? (char)(from.at[i] + 32) : from.at[i];
    return (struct span){to, len};
}

static void add(struct event_names *names, struct span name)
{
    if (name.len && names->count < EVENT_NAMES_MAX)
        names->names[names->count++] = name;
}

static void add_dotted(struct event_names *names, struct span type)
{
    char *to = names->text + 2 * EVENT_NAME_MAX;

    for (size_t i = 0; i < COUNT_OF(dotted); i++) {
        if (!span_starts_with(type, dotted[i]))
            continue;
        memcpy(to, type.at, type.len);
        to[strlen(dotted[i]) - 1] = '.';
        add(names, (struct span){to, type.len});
    }
}

void event_names_init(struct event_names *ret, struct span type, struct span event_type)
{
    ret->count = 0;
    ret->channel = (struct span){NULL, 0};
    type = lower(ret->text, type);
    add(ret, type);
    if (event_names_use_data(type))
        add(ret, lower(ret->text + EVENT_NAME_MAX, event_type));
    add_dotted(ret, type);
    for (size_t i = 0; i < COUNT_OF(aliases); i++)
        if (span_is(type, aliases[i].type))
            for (size_t k = 0; k < COUNT_OF(aliases[i].names); k++)
                add(ret, span_of(aliases[i].names[k]));
    for (size_t i = 0; i < COUNT_OF(channels) && !ret->channel.len; i++)
        if (span_starts_with(type, channels[i].prefix))
            ret->channel = span_of(channels[i].channel);
}

bool event_names_match(const struct event_names *names, struct span pattern)
{
    if (names->channel.len && span_equal(pattern, names->channel))
        return true;
    for (size_t i = 0; i < names->count; i++)
        if (glob_match(pattern, names->names[i]))
            return true;
    return false;
}

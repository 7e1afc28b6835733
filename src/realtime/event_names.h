/* event_names: all names a message answers to when a client's pattern is matched.
 *
 * The wire says `alert_created`, clients ask for `alert.*`; so beside its wire type a message has
 * the dotted names of the table in event_names.c, for camera_status and worker_status the
 * `event_type` of its data, and the name of the registry's channel it belongs to ("alerts"), which
 * is compared as a whole and never globbed.
 * Everything is lower-cased (ASCII). Thread: any.
 * Limit: of a longer name the first EVENT_NAME_MAX bytes count. */
#pragma once

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

#define EVENT_NAME_MAX 128
#define EVENT_NAMES_MAX 4

struct event_names {
    struct span names[EVENT_NAMES_MAX]; /* into text, or constants */
    size_t count;
    struct span channel;           /* empty: none known */
    char text[3 * EVENT_NAME_MAX]; /* type, event type, rewritten type */
};

/* Is the data's `event_type` a name of messages of this type? */
bool event_names_use_data(struct span type);

/* `event_type` may be empty. `ret` points into itself: it is not to be copied. */
void event_names_init(struct event_names *ret, struct span type, struct span event_type);
bool event_names_match(const struct event_names *names, struct span pattern);

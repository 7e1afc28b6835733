/* notice: what people change here is told to everyone who watches, in the same transaction. */
#pragma once

#include "api/api_private.h"
#include "base/own.h"
#include "store/cameras.h"
#include "store/events.h"
#include "store/store.h"

/* camera_status. before: the status it had, or NULL for a new camera. */
MUST_CHECK int notice_camera(const struct api *api, struct store_tx *tx,
                             const struct camera *camera, const enum camera_status *before);

/* event.updated: what was reviewed, noted or snoozed. */
MUST_CHECK int notice_event(const struct api *api, struct store_tx *tx, const struct event *event);

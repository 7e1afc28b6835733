/* shape: rows as the JSON objects of the contract (§4, §5, §6), and which members they have.
 * Pure. Thread: any. */
#pragma once

#include "base/json.h"
#include "store/cameras.h"
#include "store/detections.h"
#include "store/events.h"
#include "store/intake.h"

extern const char *const camera_members[];
extern const char *const event_members[];
extern const char *const detection_members[];

json_t *camera_json(const struct camera *camera);
/* camera_name: NULL when the camera is gone. */
json_t *event_json(const struct event *event, const char *camera_name);
json_t *detection_json(const struct detection *detection);
json_t *intake_json(const struct intake *intake);

/* By outcome, from something that counts them. */
json_t *outcomes_json(const int64_t counts[INTAKE_OUTCOMES]);

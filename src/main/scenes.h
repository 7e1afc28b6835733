/* scenes: a front door that nobody has to own, drawn.
 *
 * By day and by night: a figure walks up to the door and leaves, a car comes and parks, a cat
 * crosses the lawn, and for long stretches nothing happens at all. With the noise of a sensor, the
 * slow drift of daylight and the camera's clock in the corner, so that a detector has something
 * real to do. Pure: the same second draws the same picture, but for the clock. Thread: any. */
#pragma once

#include "media/picture.h"

#include <stdint.h>

#define SCENES_WIDTH 1280
#define SCENES_HEIGHT 720

/* The first SCENES_QUIET_SECONDS are empty, so that a detector knows the place before the first
 * visitor comes. */
#define SCENES_QUIET_SECONDS 3.0

double scenes_length(void); /* s; then it begins again */

/* What happens at that second, in words ("a figure walks up to the door"). */
const char *scenes_title(double seconds);

/* How many things move at that second; a parked car rests. */
int scenes_moving(double seconds);

/* `camera` and the wall clock stand in the corner. */
struct picture *scenes_draw(double seconds, int width, int height, const char *camera,
                            int64_t clock);

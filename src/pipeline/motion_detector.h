/* motion_detector: the built-in detector. Finds what moved against what the camera usually shows.
 *
 * Per camera: a running background (mean and mean deviation per pixel) on about 640x360 grey, one
 * for colour and one for infrared pictures. Rates are of time, 1 - exp(-dt / MOTION_TAU), since
 * pictures come seconds to hours apart. The first picture of a camera is its background; from the
 * second one on things are found. What stood in the first pictures and left is recognised by its
 * missing outline. Another exposure is divided out; when most pixels changed, the background is
 * learned anew instead of alarming. A thing is reported while it moves and MOTION_REST longer, and
 * becomes background after MOTION_ABSORB: a parked car alarms once. After a gap of MOTION_GAP the
 * first picture is compared more leniently, and what is still in the ten seconds after it is
 * background. Pixels that change all the time (leaves, a clock) become insensitive.
 *
 * Class "motion"; confidence 0.5 to 0.99 from contrast, size and compactness.
 *
 * Limit: MOTION_CAMERAS_MAX cameras are remembered, the one used least recently goes first;
 * backgrounds survive that and a restart in `state_dir`, <camera>.background, about 1 to 2 MB each.
 */
#pragma once

#include "pipeline/detector.h"

#include <stdint.h>

#define MOTION_WIDTH 640
#define MOTION_HEIGHT_MAX 480
#define MOTION_TAU_SECONDS 60.0
#define MOTION_GAP_SECONDS 600.0
#define MOTION_REST_SECONDS 45.0
#define MOTION_ABSORB_SECONDS 180.0
#define MOTION_CAMERAS_MAX 256

/* state_dir (made if missing) may be NULL: nothing is kept. scene_change_threshold: similarity
 * below it is noted. Returns 0 or -errno. */
MUST_CHECK int motion_detector_new(const char *state_dir, double scene_change_threshold,
                                   struct detector **ret_detector);

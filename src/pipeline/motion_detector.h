/* motion_detector: the built-in detector. Finds what moved against what the camera usually shows.
 *
 * Per camera: a running background (mean and mean deviation per pixel, x128 fixed point) on about
 * 640x360 grey, one for colour and one for infrared pictures. Its rate is time-based, 1 - exp(-dt /
 * MOTION_TAU), since pictures come seconds to hours apart; after a gap of MOTION_GAP the first
 * picture of a burst is also a candidate background, and pictures are compared within the burst as
 * well. A change of light of the whole picture is divided out or, when most pixels changed,
 * switches or relearns the background instead of alarming. What does not move for MOTION_ABSORB
 * becomes background. Class "motion"; confidence from contrast, size and compactness. Measured
 * design: shared design notes on inference, §5.
 *
 * Limit: MOTION_CAMERAS_MAX cameras are remembered; backgrounds survive a restart in `state_dir`.
 */
#pragma once

#include "pipeline/detector.h"

#include <stdint.h>

#define MOTION_WIDTH 640
#define MOTION_HEIGHT 360
#define MOTION_TAU_SECONDS 60.0
#define MOTION_GAP_SECONDS 600.0
#define MOTION_ABSORB_SECONDS 180.0
#define MOTION_CAMERAS_MAX 256

/* state_dir may be NULL: nothing is kept. scene_change_threshold: similarity below it is noted.
 * Returns 0 or -errno. */
MUST_CHECK int motion_detector_new(const char *state_dir, double scene_change_threshold,
                                   struct detector **ret_detector);

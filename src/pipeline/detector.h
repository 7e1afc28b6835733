/* detector: what finds things in a picture. A plug-point: `motion_detector` is built in, an HTTP
 * client is another.
 *
 * Thread: detect() is called by workers, several at once for different cameras, never for the same
 * one. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "base/span.h"
#include "media/picture.h"

#include <stdbool.h>
#include <stdint.h>

#define DETECTOR_BOXES_MAX 64

struct detector_box {
    char object_type[32];
    double confidence;       /* 0..1 */
    int x, y, width, height; /* pixels of the original, inside it */
};

struct detector_result {
    struct detector_box boxes[DETECTOR_BOXES_MAX]; /* most confident first */
    unsigned count;
    int width, height; /* of the original */
    bool learning;     /* nothing was looked for: the first picture of a place is its background */
    const char *note;  /* a stable word when something but boxes happened: "light_change",
                          "infrared_switch",  "scene_change"; else NULL */
    double similarity; /* SSIM against the stored scene, 0..1; below 0: not measured */
};

struct detector_input {
    const char *camera_id;
    struct span file; /* the whole file's bytes */
    int64_t taken_at; /* wall clock of the picture (file time) */
};

struct detector {
    const struct detector_type *type;
};

struct detector_type {
    const char *name; /* "motion" */
    /* 0; -EINVAL with *why: the file is no picture; another -errno with why->detail: try again
     * later. */
    int (*detect)(struct detector *detector, const struct detector_input *input,
                  struct detector_result *ret_result, struct picture_refusal *why);
    void (*save)(
        struct detector *detector); /* writes what it learned to disk; may be NULL; any worker */
    void (*free)(struct detector **detector);
};

/* What the files of motion_detector share.
 *
 *   motion_detector.c   the plug: pictures in, boxes in pixels of the original out
 *   motion_cameras.c    cameras by name
 *   motion_camera.c     what is done with one picture of one camera, in order
 *   motion_things.c     which blobs are things
 *   motion_measure.c    what tells them apart
 *   motion_boxes.c      things to boxes with a confidence
 *   motion_scene.c      is this still the same view
 *   motion_state.c      to disk and back
 *   motion_pixels.c     the loops over pixels; motion_blobs.c: their connected regions */
#pragma once

#include "base/list.h"
#include "loop/mutex.h"
#include "pipeline/motion_blobs.h"
#include "pipeline/motion_detector.h"
#include "pipeline/motion_pixels.h"

#define MOTION_SIDE_MIN 8
#define MOTION_PIXELS_MAX (MOTION_WIDTH * MOTION_HEIGHT_MAX)

#define MOTION_YOUNG_PICTURES 8 /* a background of fewer is not relied on */

#define SCENE_WIDTH 160
#define SCENE_HEIGHT 120
#define SCENE_PIXELS (SCENE_WIDTH * SCENE_HEIGHT)

enum motion_light { MOTION_COLOUR, MOTION_INFRARED, MOTION_LIGHTS };

/* What a camera usually shows in one kind of light. */
struct motion_model {
    uint16_t *mean, *deviation; /* x128; NULL: never seen in this light */
    uint8_t *scene;             /* SCENE_PIXELS: the whole view, small */
    int64_t learned_at;         /* of the first picture of this background */
    int64_t last_at;
    int64_t scene_at;
    uint32_t pictures; /* since learned_at */
};

struct motion_camera {
    struct list node; /* most recently used first; the registry's mutex */
    char *id;
    unsigned users; /* calls that hold a pointer; the registry's mutex */

    struct mutex mutex; /* all that follows */
    bool loaded, dirty;
    int width, height; /* of the planes; 0: nothing was seen yet */
    enum motion_light light;
    struct motion_model models[MOTION_LIGHTS];
    uint8_t *shown, *age;        /* see pixels_age() */
    uint8_t *before, *restless;  /* see pixels_restless() */
    double age_rest, learn_rest; /* seconds that are not yet counted, not yet learned from */
    int64_t burst_at;            /* first picture after the last MOTION_GAP */
    bool scene_lost;             /* it was noted, and still is so */
};

struct motion_cameras {
    char *state_dir; /* NULL: nothing is kept */
    struct mutex mutex;
    struct map *by_id;
    struct list recent; /* the same, most recently used first */
};

/* motion_cameras.c */
void motion_cameras_init(struct motion_cameras *cameras, const char *state_dir);
void motion_cameras_release(struct motion_cameras *cameras); /* nobody holds one */
/* Found or made, loaded, and locked for the caller alone until it is returned. */
struct motion_camera *motion_cameras_acquire(struct motion_cameras *cameras, const char *id);
void motion_cameras_return(struct motion_cameras *cameras, struct motion_camera *camera);
void motion_cameras_save(struct motion_cameras *cameras);

/* One picture, as the detector looks at it. */
struct motion_picture {
    const uint8_t *gray; /* width x height */
    const uint8_t *scene;
    int width, height;
    double saturation;
    int64_t taken_at;
};

struct motion_box {
    int left, top, right, bottom; /* right and bottom are outside */
    double confidence;
};

struct motion_finding {
    struct motion_box boxes[DETECTOR_BOXES_MAX];
    unsigned count;
    bool learning;
    bool lit; /* the light of a part of the picture changed */
    const char *note;
    double similarity;
};

/* Scratch of one call; used again by the next. */
struct motion_work {
    struct list node;
    uint8_t *changed, *mask, *spare, *opened; /* MOTION_PIXELS_MAX each */
    struct blobs blobs;
};

/* motion_camera.c */
void motion_camera_look(struct motion_camera *camera, const struct motion_picture *picture,
                        double scene_threshold, struct motion_work *work,
                        struct motion_finding *ret_finding);
void motion_camera_resize(struct motion_camera *camera, int width, int height); /* forgets all */
void motion_model_init(struct motion_model *model, size_t pixels);
void motion_camera_release(struct motion_camera *camera);
struct motion_model *motion_camera_model(struct motion_camera *camera);

/* Seconds of the same content that count as each; 256: never. */
struct motion_ages {
    int resting, absorbed, settled, gone;
};

/* What is known of one blob. */
struct motion_measures {
    uint32_t changed;                          /* pixels */
    uint64_t contrast;                         /* their sum of differences, grey levels */
    uint32_t resting, absorbed, settled, gone; /* pixels that have shown the same for so long */
    uint32_t outline_samples;
    uint64_t outline_now, outline_usual; /* steps across the outline */
    uint64_t outline_light;              /* steps that another light does not explain */
    double texture_both, texture_now, texture_usual;
};

struct motion_view {
    const uint8_t *gray, *changed, *mask, *age;
    const uint16_t *mean;
    int width;
    struct motion_ages ages;
};

/* motion_measure.c: adds what one run of a blob shows to its blob's measures. */
void motion_measure_run(const struct motion_view *view, const struct blob_run *run,
                        struct motion_measures *measures);

/* The largest blobs that are things; merging them is quadratic. */
#define MOTION_CANDIDATES_MAX 128

struct motion_candidate {
    struct motion_box box;
    uint32_t changed;
    uint64_t contrast;
};

/* motion_boxes.c: merges what is close, leaves out what is too small, the most confident first. */
struct motion_candidate motion_candidate_of(const struct blob *blob,
                                            const struct motion_measures *measures);
void motion_boxes_report(struct motion_candidate *candidates, size_t count, int width, int height,
                         struct motion_finding *finding);

/* motion_things.c: from blobs to boxes. What is no thing becomes part of the background and leaves
 * the mask. */
void motion_things_find(struct motion_camera *camera, const struct motion_picture *picture,
                        struct motion_work *work, struct motion_finding *finding);

/* motion_scene.c: SSIM of two SCENE pictures, exposure divided out, 0..1. What lies in the boxes
 * (of the width x height picture) is left out, unless they cover most of it. */
double motion_scene_similarity(const uint8_t *scene, const uint8_t *stored,
                               const struct motion_finding *finding, int width, int height);
double motion_scene_covered(const struct motion_finding *finding, int width, int height);

/* motion_state.c. 0 or -errno; -EINVAL: not a state file of ours, nothing changed. */
void motion_state_put(const struct motion_camera *camera, struct buf *out);
MUST_CHECK int motion_state_take(struct motion_camera *camera, struct span bytes);

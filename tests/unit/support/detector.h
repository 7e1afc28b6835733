/* A detector that says what it was told to say. */
#pragma once

#include "base/mem.h"
#include "pipeline/detector.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define FAKE_CAMERAS_MAX 16

struct fake_detector {
    struct detector base;
    struct detector_result answer; /* given for every picture */
    int result;                    /* 0, or -errno */
    atomic_int fail_first;         /* so many calls give -EIO first */
    int64_t pause_us;
    atomic_uint calls, saves;
    /* Several at once are right for different cameras, wrong for one. */
    atomic_int busy[FAKE_CAMERAS_MAX];
    atomic_bool was_concurrent;
    atomic_int at_once, most_at_once;
};

static inline int fake_camera(const char *camera_id)
{
    return camera_id[strlen(camera_id) - 1] % FAKE_CAMERAS_MAX;
}

static inline int fake_detect(struct detector *detector, const struct detector_input *input,
                              struct detector_result *ret_result, struct picture_refusal *why)
{
    struct fake_detector *fake = (struct fake_detector *)detector;
    int camera = fake_camera(input->camera_id);
    int at_once = atomic_fetch_add(&fake->at_once, 1) + 1;

    atomic_fetch_add(&fake->calls, 1);
    if (at_once > atomic_load(&fake->most_at_once))
        atomic_store(&fake->most_at_once, at_once);
    if (atomic_fetch_add(&fake->busy[camera], 1) != 0)
        atomic_store(&fake->was_concurrent, true);
    if (fake->pause_us)
        nanosleep(&(struct timespec){.tv_nsec = fake->pause_us * 1000}, NULL);
    atomic_fetch_sub(&fake->busy[camera], 1);
    atomic_fetch_sub(&fake->at_once, 1);
    if (atomic_fetch_sub(&fake->fail_first, 1) > 0)
        return -EIO;
    if (fake->result == -EINVAL) {
        why->reason = "not_a_picture";
        buf_setf(&why->detail, "no picture after all");
    }
    *ret_result = fake->answer;
    return fake->result;
}

static inline void fake_save(struct detector *detector)
{
    atomic_fetch_add(&((struct fake_detector *)detector)->saves, 1);
}

static const struct detector_type fake_type = {
    .name = "fake", .detect = fake_detect, .save = fake_save};

/* One box of this class, 160x120 pixels seen. */
static inline void fake_init(struct fake_detector *fake, const char *object_type, double confidence)
{
    *fake = (struct fake_detector){.base.type = &fake_type};
    fake->answer = (struct detector_result){.width = 160, .height = 120, .similarity = -1};
    if (!object_type)
        return;
    fake->answer.count = 1;
    fake->answer.boxes[0] = (struct detector_box){
        .confidence = confidence, .x = 16, .y = 12, .width = 80, .height = 60};
    strncpy(fake->answer.boxes[0].object_type, object_type,
            sizeof(fake->answer.boxes[0].object_type) - 1);
}

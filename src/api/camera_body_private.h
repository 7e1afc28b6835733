/* camera_body: what clients may say about a camera (rest-api contract §4). */
#pragma once

#include "api/body_private.h"
#include "store/cameras.h"

#define CAMERA_NAME_MAX 255
#define CAMERA_FOLDER_MAX 500

struct camera_changes {
    char *name;        /* NULL: not given */
    char *folder_path; /* absolute, below the camera root; NULL: not given */
    bool has_status;
    enum camera_status status;
};

enum camera_body_kind {
    CAMERA_BODY_WHOLE,  /* name and folder_path must be there */
    CAMERA_BODY_CHANGES /* nothing must; null is as good as absent */
};

/* Reads the request's body. Faults are noted in the call. */
void camera_body_read(struct call *call, enum camera_body_kind kind,
                      struct camera_changes *ret_changes);
void camera_changes_release(struct camera_changes *changes);

/* Puts what was given over what `camera` holds. */
void camera_changes_apply(const struct camera_changes *changes, struct camera *camera);

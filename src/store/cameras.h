/* cameras: table of rest-api contract §28.1. All functions run inside a transaction (store.h). */
#pragma once

#include "base/own.h"
#include "store/store.h"

#include <stdint.h>

enum camera_status { CAMERA_ONLINE, CAMERA_OFFLINE, CAMERA_ERROR, CAMERA_UNKNOWN };

struct camera {
    char *id;          /* slug, at most 64 of [a-z0-9_] */
    char *name;        /* unique */
    char *folder_path; /* unique, absolute */
    enum camera_status status;
    int64_t created_at;
    int64_t last_seen_at; /* 0: never */
    int64_t deleted_at;   /* 0: not deleted */
};

struct camera_list {
    struct camera *items;
    size_t count;
};

void camera_release(struct camera *camera); /* the strings */
void camera_list_release(struct camera_list *list);
const char *camera_status_name(enum camera_status status);
MUST_CHECK int camera_status_parse(const char *name, enum camera_status *ret_status); /* -EINVAL */

/* -ENOENT when absent or deleted. */
MUST_CHECK int cameras_get(struct store_tx *tx, const char *id, struct camera *ret_camera);
/* The camera whose folder this is, or whose name; -ENOENT. For conflict messages: a deleted camera
 * keeps its name and folder until it is removed for good, so it is found here (deleted_at). */
MUST_CHECK int cameras_find_folder(struct store_tx *tx, const char *folder_path,
                                   struct camera *ret_camera);
MUST_CHECK int cameras_find_name(struct store_tx *tx, const char *name, struct camera *ret_camera);
/* Not deleted, by name. status NULL: all. */
MUST_CHECK int cameras_list(struct store_tx *tx, const enum camera_status *status,
                            struct camera_list *ret_list);
/* -EEXIST when id, name or folder is taken, also by a deleted one. created_at 0 becomes now. */
MUST_CHECK int cameras_insert(struct store_tx *tx, const struct camera *camera);
/* name, folder_path, status of the row with that id; -ENOENT, -EEXIST. */
MUST_CHECK int cameras_update(struct store_tx *tx, const struct camera *camera);
/* 1 when the status was another, 0 when not; -ENOENT. */
MUST_CHECK int cameras_set_status(struct store_tx *tx, const char *id, enum camera_status status);
MUST_CHECK int cameras_touch(struct store_tx *tx, const char *id,
                             int64_t seen_at); /* last_seen_at, never backwards */
/* A deleted camera is there again, with this name, folder and status; -ENOENT when it is not
 * deleted, -EEXIST when another has the name or folder. */
MUST_CHECK int cameras_restore(struct store_tx *tx, const struct camera *camera);
MUST_CHECK int cameras_delete(struct store_tx *tx, const char *id); /* soft; -ENOENT */

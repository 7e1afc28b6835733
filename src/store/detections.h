/* detections: table of rest-api contract §28.2, and which event each belongs to. */
#pragma once

#include "base/own.h"
#include "store/page.h"
#include "store/store.h"

#include <stdint.h>

struct detection {
    int64_t id;
    char *camera_id;
    char *file_path;
    char *file_type; /* MIME */
    int64_t detected_at;
    char *object_type; /* "motion", "person" … */
    double confidence; /* 0..1 */
    int bbox_x, bbox_y, bbox_width,
        bbox_height;               /* pixels of the original picture, top left origin */
    char *thumbnail_path;          /* NULL: none */
    char *media_type;              /* "image", "video" */
    int video_width, video_height; /* size of the picture */
    char *enrichment_data;         /* JSON text or NULL */
};

struct detection_list {
    struct detection *items;
    size_t count;
};

struct detection_filter {
    const char *camera_id, *object_type; /* NULL: any */
    int64_t start, end;                  /* detected_at bounds, inclusive; 0: none */
    double min_confidence;               /* below 0: none */
};

void detection_release(struct detection *detection);
void detection_list_release(struct detection_list *list);

MUST_CHECK int detections_insert(struct store_tx *tx, const struct detection *detection,
                                 int64_t *ret_id);
MUST_CHECK int detections_get(struct store_tx *tx, int64_t id,
                              struct detection *ret_detection); /* -ENOENT */
/* detected_at desc, id desc; page.h says how paging works. */
MUST_CHECK int detections_list(struct store_tx *tx, const struct detection_filter *filter,
                               const struct page *page, struct detection_list *ret_list,
                               struct page_result *ret_result);
/* Of one event, detected_at asc, id asc. ret_total may be NULL. */
MUST_CHECK int detections_of_event(struct store_tx *tx, int64_t event_id, int limit, int offset,
                                   struct detection_list *ret_list, int64_t *ret_total);
/* Those with the given ids, detected_at asc, id asc; unknown ids are left out. */
MUST_CHECK int detections_by_ids(struct store_tx *tx, const int64_t *ids, size_t count,
                                 struct detection_list *ret_list);
MUST_CHECK int detections_set_thumbnail(struct store_tx *tx, int64_t id, const char *path);

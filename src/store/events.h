/* events: tables of rest-api contract §28.3 and §28.4. */
#pragma once

#include "base/own.h"
#include "store/page.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct event {
    int64_t id;
    char *batch_id; /* unique: a batch becomes one event, however often it is judged */
    char *camera_id;
    int64_t started_at, ended_at; /* ended_at 0: open */
    int risk_score;               /* 0..100, -1: not assessed */
    char *risk_level;             /* low medium high critical, or NULL */
    char *summary;
    char *reasoning;
    char *llm_prompt;
    char *factors;     /* JSON array: [{"name","points","detail"}], what the score is the sum of */
    char *assessed_by; /* "rules", later a model's name */
    bool reviewed;
    char *notes;
    bool is_fast_path;
    char *object_types; /* "motion,person" */
    int64_t snooze_until, deleted_at;
    int64_t version; /* grows with every change */
    /* filled on reading: */
    int64_t *detection_ids;
    size_t detection_count;
};

struct event_list {
    struct event *items;
    size_t count;
};

struct event_filter {
    const char *camera_id, *risk_level, *object_type; /* NULL: any */
    int64_t start, end;                               /* started_at bounds, inclusive; 0: none */
    int reviewed;                                     /* -1 any, 0, 1 */
    bool include_deleted;
};

struct event_stats {
    int64_t total;
    int64_t by_level[4]; /* low, medium, high, critical */
};

void event_release(struct event *event);
void event_list_release(struct event_list *list);

/* With its detections. -EEXIST when the batch already is an event: *ret_id is then that one. */
MUST_CHECK int events_insert(struct store_tx *tx, const struct event *event,
                             const int64_t *detection_ids, size_t count, int64_t *ret_id);
MUST_CHECK int events_get(struct store_tx *tx, int64_t id,
                          struct event *ret_event); /* -ENOENT, also when deleted */
MUST_CHECK int events_list(struct store_tx *tx, const struct event_filter *filter,
                           const struct page *page, struct event_list *ret_list,
                           struct page_result *ret_result);
/* reviewed, notes, snooze_until of the row with that id. -ENOENT. */
MUST_CHECK int events_update(struct store_tx *tx, const struct event *event);
MUST_CHECK int events_stats(struct store_tx *tx, const char *camera_id, int64_t start, int64_t end,
                            struct event_stats *ret_stats);

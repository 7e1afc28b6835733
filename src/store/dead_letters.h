/* dead_letters: jobs that were set aside, with the reason (JobFailure of rest-api contract §10). */
#pragma once

#include "base/own.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

struct dead_letter {
    int64_t id;
    char *name;         /* "dlq:detection_queue", "dlq:overflow:detection_queue" */
    char *queue_name;   /* the queue it came from */
    char *original_job; /* JSON text */
    char *error;
    char *error_type; /* NULL: none */
    unsigned attempt_count;
    int64_t first_failed_at, last_failed_at;
    char *retry_delays; /* JSON array of seconds */
    char *context;      /* JSON object, or NULL */
};

struct dead_letter_list {
    struct dead_letter *items;
    size_t count;
};

void dead_letter_release(struct dead_letter *letter);
void dead_letter_list_release(struct dead_letter_list *list);

MUST_CHECK int dead_letters_insert(struct store_tx *tx, const struct dead_letter *letter);
/* Keeps the newest `kept` of this name. Returns how many went, or -errno. */
MUST_CHECK int dead_letters_trim(struct store_tx *tx, const char *name, int64_t kept);
MUST_CHECK int dead_letters_count(struct store_tx *tx, const char *name, int64_t *ret_count);
/* Oldest first. */
MUST_CHECK int dead_letters_list(struct store_tx *tx, const char *name, int limit, int offset,
                                 struct dead_letter_list *ret_list);

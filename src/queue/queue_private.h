/* What the files of the queue share. */
#pragma once

#include "loop/due.h"
#include "queue/queue.h"
#include "store/dead_letters.h"
#include "store/jobs.h"

#include <stdatomic.h>

/* The database holds the jobs; `due` holds their numbers and knows who may have one when. Where the
 * two differ for a moment the database is right: a take that finds no row takes the next. */
struct queue {
    struct store *store;
    struct queue_settings settings;
    char *name, *dead_name, *overflow_name;
    struct due *due;

    /* The writer's thread: what uncommitted pushes and overflows will change in the number that
     * waits. */
    int64_t pending;

    atomic_size_t dead;
    atomic_uint_least64_t overflowed, dropped, rejected;
};

/* Tries that neither failed nor finished. */
unsigned job_lost_tries(const struct job_row *row);

/* Within a write: the job goes to the dead letters `name` once this commits. */
MUST_CHECK int queue_bury(struct queue *queue, struct store_tx *tx, const struct job_row *row,
                          const char *name, const char *error, const char *error_type);

/* Within a write: the oldest that waits makes room, by the queue's policy. */
MUST_CHECK int queue_make_room(struct queue *queue, struct store_tx *tx);

/* Within a write: once this commits the job leaves `due`. */
void queue_remove_after(struct queue *queue, struct store_tx *tx, int64_t id);

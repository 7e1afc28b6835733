/* jobs: the queues' tables. queue/ is their only user; what they mean is in queue.h.
 *
 * attempts grows when a job is taken, failures when a try is reported as failed; the difference is
 * the tries that ended in silence. A job is known by id and attempts: whoever holds an older
 * number of attempts has lost it. */
#pragma once

#include "base/own.h"
#include "store/store.h"

#include <stdint.h>

struct job_row {
    int64_t id;
    unsigned attempts, failures;
    int64_t created_at;
    int64_t taken_at; /* 0: it waits */
    int64_t first_failed_at, last_failed_at;
    char *body;
    char *retry_delays; /* JSON array of seconds */
};

struct job_ids {
    int64_t *items;
    size_t count;
};

void job_row_release(struct job_row *row);
void job_ids_release(struct job_ids *ids);

MUST_CHECK int jobs_insert(struct store_tx *tx, const char *queue, const char *body,
                           int64_t *ret_id);
MUST_CHECK int jobs_get(struct store_tx *tx, int64_t id, struct job_row *ret_row); /* -ENOENT */
/* One attempt more. -ENOENT. */
MUST_CHECK int jobs_take(struct store_tx *tx, int64_t id);
/* Gone. -ENOENT when it is not at this number of attempts. */
MUST_CHECK int jobs_delete(struct store_tx *tx, int64_t id, unsigned attempts);
/* One failure more, and it waits. -ENOENT likewise. */
MUST_CHECK int jobs_put_off(struct store_tx *tx, const struct job_row *row, const char *error,
                            int64_t available_at, const char *retry_delays);
MUST_CHECK int jobs_oldest_waiting(struct store_tx *tx, const char *queue,
                                   int64_t *ret_id); /* -ENOENT */

/* In the order of their ids. */
MUST_CHECK int jobs_list(struct store_tx *tx, const char *queue, struct job_ids *ret_ids);
MUST_CHECK int jobs_list_taken(struct store_tx *tx, const char *queue, struct job_ids *ret_ids);
/* Those that are taken wait again; their try counts, or it does not. */
MUST_CHECK int jobs_return_taken(struct store_tx *tx, const char *queue);
MUST_CHECK int jobs_give_up_taken(struct store_tx *tx, const char *queue);

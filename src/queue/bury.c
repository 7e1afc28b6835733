/* Jobs that leave without a result. What they change in memory waits for the commit. */
#include "base/mem.h"
#include "base/time.h"
#include "queue/queue_private.h"

#include <errno.h>

struct removal {
    struct queue *queue;
    int64_t id;
    int64_t waiting;                    /* it waited: 1 */
    uint64_t dead, overflowed, dropped; /* to be counted */
};

unsigned job_lost_tries(const struct job_row *row)
{
    return row->attempts > row->failures ? row->attempts - row->failures : 0;
}

static void on_fate(void *arg, bool committed)
{
    struct removal *removal = arg;
    struct queue *queue = removal->queue;

    queue->pending += removal->waiting;
    if (committed) {
        (void)due_remove(queue->due, removal->id);
        atomic_fetch_add(&queue->dead, removal->dead);
        atomic_fetch_add(&queue->overflowed, removal->overflowed);
        atomic_fetch_add(&queue->dropped, removal->dropped);
    }
    mem_free(&removal);
}

static void remove_after(struct queue *queue, struct store_tx *tx, struct removal removal)
{
    struct removal *kept = mem_alloc(sizeof(*kept));

    *kept = removal;
    kept->queue = queue;
    queue->pending -= removal.waiting;
    store_tx_after(tx, on_fate, kept);
}

void queue_remove_after(struct queue *queue, struct store_tx *tx, int64_t id)
{
    remove_after(queue, tx, (struct removal){.id = id});
}

/* Returns how many older letters had to go for it, or -errno. */
static int write_letter(struct queue *queue, struct store_tx *tx, const struct job_row *row,
                        const char *name, const char *error, const char *error_type)
{
    AUTO(dead_letter_release) struct dead_letter letter = {0};
    size_t waiting, taken;
    int result;

    due_counts(queue->due, &waiting, &taken);
    letter.name = mem_strdup(name);
    letter.queue_name = mem_strdup(queue->name);
    letter.original_job = mem_strdup(row->body);
    letter.error = mem_strdup(error);
    letter.error_type = mem_strdup(error_type);
    letter.attempt_count = row->attempts;
    letter.last_failed_at = time_now();
    letter.first_failed_at = row->first_failed_at ? row->first_failed_at : letter.last_failed_at;
    letter.retry_delays = mem_strdup(row->retry_delays);
    letter.context = mem_printf("{\"%s_depth\":%zu}", queue->name, waiting);
    result = dead_letters_insert(tx, &letter);
    return result < 0 ? result : dead_letters_trim(tx, name, QUEUE_DEAD_MAX);
}

int queue_bury(struct queue *queue, struct store_tx *tx, const struct job_row *row,
               const char *name, const char *error, const char *error_type)
{
    bool is_overflow = name == queue->overflow_name;
    int trimmed = write_letter(queue, tx, row, name, error, error_type);
    int result = trimmed < 0 ? trimmed : jobs_delete(tx, row->id, row->attempts);

    if (result < 0)
        return result;
    remove_after(queue, tx,
                 (struct removal){
                     .id = row->id,
                     .waiting = is_overflow,
                     .dead = 1 - (uint64_t)trimmed,
                     .overflowed = is_overflow,
                     .dropped = (uint64_t)trimmed,
                 });
    return 0;
}

int queue_make_room(struct queue *queue, struct store_tx *tx)
{
    AUTO(job_row_release) struct job_row row = {0};
    AUTO(mem_free) char *error = NULL;
    int64_t id = 0;
    int result = jobs_oldest_waiting(tx, queue->name, &id);

    if (result == -ENOENT)
        return 0; /* all are being worked on: nothing waits after all */
    if (result >= 0)
        result = jobs_get(tx, id, &row);
    if (result < 0)
        return result;
    if (queue->settings.overflow == QUEUE_OVERFLOW_DLQ) {
        error = mem_printf("the queue was full: %zu jobs waited", queue->settings.waiting_max);
        return queue_bury(queue, tx, &row, queue->overflow_name, error, "queue_overflow");
    }
    result = jobs_delete(tx, row.id, row.attempts);
    if (result >= 0)
        remove_after(queue, tx, (struct removal){.id = id, .waiting = 1, .dropped = 1});
    return result;
}

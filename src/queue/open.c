#include "base/mem.h"
#include "queue/queue_private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Jobs that were being worked on when the process ended: those that have seen it end too often are
 * taken for the reason. */
static int bury_killers(struct queue *queue, struct store_tx *tx)
{
    AUTO(job_ids_release) struct job_ids taken = {0};
    int result = jobs_list_taken(tx, queue->name, &taken);

    for (size_t i = 0; i < taken.count && result >= 0; i++) {
        AUTO(job_row_release) struct job_row row = {0};

        result = jobs_get(tx, taken.items[i], &row);
        if (result >= 0 && job_lost_tries(&row) >= QUEUE_CRASHES_MAX)
            result =
                queue_bury(queue, tx, &row, queue->dead_name,
                           "the process ended while this was being worked on", "process_ended");
    }
    return result;
}

static int count_dead(struct queue *queue, struct store_tx *tx)
{
    int64_t failed = 0, overflowed = 0;
    int result = dead_letters_count(tx, queue->dead_name, &failed);

    if (result >= 0)
        result = dead_letters_count(tx, queue->overflow_name, &overflowed);
    if (result >= 0)
        atomic_store(&queue->dead, (size_t)(failed + overflowed));
    return result;
}

static int load(struct store_tx *tx, void *arg)
{
    struct queue *queue = arg;
    AUTO(job_ids_release) struct job_ids ids = {0};
    int result = count_dead(queue, tx);

    if (result >= 0)
        result = bury_killers(queue, tx);
    if (result >= 0)
        result = jobs_return_taken(tx, queue->name);
    if (result >= 0)
        result = jobs_list(tx, queue->name, &ids);
    for (size_t i = 0; i < ids.count && result >= 0; i++)
        due_set(queue->due, ids.items[i], 0);
    return result;
}

static void queue_free(struct queue **address)
{
    struct queue *queue = TAKE(*address);

    if (!queue)
        return;
    due_free(&queue->due);
    mem_free(&queue->name);
    mem_free(&queue->dead_name);
    mem_free(&queue->overflow_name);
    mem_free(&queue);
}

int queue_open(struct store *store, const struct queue_settings *settings, struct queue **ret_queue,
               struct buf *why)
{
    AUTO(queue_free) struct queue *queue = mem_alloc(sizeof(*queue));
    int result;

    assert(settings->waiting_max > 0 && settings->lease_us > 0);
    queue->store = store;
    queue->settings = *settings;
    queue->name = mem_strdup(settings->name);
    queue->settings.name = queue->name;
    queue->dead_name = mem_printf("dlq:%s", settings->name);
    queue->overflow_name = mem_printf("dlq:overflow:%s", settings->name);
    queue->due = due_new();
    result = store_write(store, load, queue);
    if (result < 0) {
        buf_setf(why, "the queue %s could not be opened: %s", settings->name, strerror(-result));
        return result;
    }
    *ret_queue = TAKE(queue);
    return 0;
}

static int give_up_taken(struct store_tx *tx, void *arg)
{
    const struct queue *queue = arg;

    return jobs_give_up_taken(tx, queue->name);
}

void queue_close(struct queue **queue)
{
    size_t waiting, taken;

    if (!*queue)
        return;
    due_counts((*queue)->due, &waiting, &taken);
    if (taken > 0) {
        /* Unwritten, their tries count as lost: the next start sees to them. */
        int result = store_write((*queue)->store, give_up_taken, *queue);
        (void)result;
    }
    queue_free(queue);
}

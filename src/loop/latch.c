#include "loop/latch.h"

void latch_init(struct latch *latch)
{
    pthread_mutex_init(&latch->mutex, NULL);
    pthread_cond_init(&latch->opened, NULL);
    latch->open = false;
}

void latch_release(struct latch *latch)
{
    pthread_cond_destroy(&latch->opened);
    pthread_mutex_destroy(&latch->mutex);
}

void latch_open(struct latch *latch)
{
    /* Signalled under the mutex: the waiter may release the latch as soon as it has it. */
    pthread_mutex_lock(&latch->mutex);
    latch->open = true;
    pthread_cond_broadcast(&latch->opened);
    pthread_mutex_unlock(&latch->mutex);
}

void latch_wait(struct latch *latch)
{
    pthread_mutex_lock(&latch->mutex);
    while (!latch->open)
        pthread_cond_wait(&latch->opened, &latch->mutex);
    pthread_mutex_unlock(&latch->mutex);
}

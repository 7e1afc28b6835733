/* latch: a worker waits for one thing. Never on a loop's thread. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct latch {
    pthread_mutex_t mutex;
    pthread_cond_t opened;
    bool open;
};

void latch_init(struct latch *latch);
void latch_release(struct latch *latch);
void latch_open(struct latch *latch); /* any thread, once */
void latch_wait(struct latch *latch); /* returns at once when open */

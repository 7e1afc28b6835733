/* mutex: one thread at a time, for the rare state that workers share.
 *
 * What belongs to a loop needs none. Hold it for as short as can be seen in one function, and never
 * two of the same kind. Thread: any. */
#pragma once

#include <pthread.h>

struct mutex {
    pthread_mutex_t handle;
};

void mutex_init(struct mutex *mutex);
void mutex_release(struct mutex *mutex); /* nobody holds it */
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

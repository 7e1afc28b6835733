#include "loop/mutex.h"

void mutex_init(struct mutex *mutex)
{
    pthread_mutex_init(&mutex->handle, NULL);
}

void mutex_release(struct mutex *mutex)
{
    pthread_mutex_destroy(&mutex->handle);
}

void mutex_lock(struct mutex *mutex)
{
    pthread_mutex_lock(&mutex->handle);
}

void mutex_unlock(struct mutex *mutex)
{
    pthread_mutex_unlock(&mutex->handle);
}

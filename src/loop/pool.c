#include "loop/pool.h"

#include "base/mem.h"

#include <assert.h>
#include <pthread.h>

struct pool {
    pthread_mutex_t mutex;
    pthread_cond_t given;
    size_t places, count;
    void *things[];
};

struct pool *pool_new(size_t places)
{
    struct pool *pool = mem_alloc(sizeof(*pool) + places * sizeof(pool->things[0]));

    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->given, NULL);
    pool->places = places;
    return pool;
}

void pool_free(struct pool **pool)
{
    if (!*pool)
        return;
    pthread_cond_destroy(&(*pool)->given);
    pthread_mutex_destroy(&(*pool)->mutex);
    mem_free(pool);
}

void pool_put(struct pool *pool, void *thing)
{
    pthread_mutex_lock(&pool->mutex);
    assert(pool->count < pool->places);
    pool->things[pool->count++] = thing;
    pthread_cond_signal(&pool->given);
    pthread_mutex_unlock(&pool->mutex);
}

void *pool_take(struct pool *pool)
{
    void *thing;

    pthread_mutex_lock(&pool->mutex);
    while (pool->count == 0)
        pthread_cond_wait(&pool->given, &pool->mutex);
    thing = pool->things[--pool->count];
    pthread_mutex_unlock(&pool->mutex);
    return thing;
}

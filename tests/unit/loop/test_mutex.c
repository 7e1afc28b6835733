#include "loop/mutex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define THREADS 4
#define ROUNDS 20000

struct shared {
    struct mutex mutex;
    long count;
};

static void *count(void *arg)
{
    struct shared *shared = arg;

    for (int i = 0; i < ROUNDS; i++) {
        mutex_lock(&shared->mutex);
        shared->count++;
        mutex_unlock(&shared->mutex);
    }
    return NULL;
}

static void one_at_a_time(void **state)
{
    struct shared shared = {.count = 0};
    pthread_t threads[THREADS];

    mutex_init(&shared.mutex);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, &shared), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(shared.count, (long)THREADS * ROUNDS);
    mutex_release(&shared.mutex);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(one_at_a_time),
};

int main(void)
{
    return cmocka_run_group_tests_name("mutex", tests, NULL, NULL);
}

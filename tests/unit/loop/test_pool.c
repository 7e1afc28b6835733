#include "unit.h"

#include "base/own.h"
#include "loop/pool.h"

#include <pthread.h>
#include <stdatomic.h>

#define THINGS 3
#define TURNS 1000

static void the_last_one_back_is_the_next_one_out(void **state)
{
    AUTO(pool_free) struct pool *pool = pool_new(2);
    int a, b;

    pool_put(pool, &a);
    pool_put(pool, &b);
    assert_ptr_equal(pool_take(pool), &b);
    assert_ptr_equal(pool_take(pool), &a);
    pool_put(pool, &b);
    assert_ptr_equal(pool_take(pool), &b);
}

struct thing {
    atomic_int borrowers;
    long uses; /* its borrower's */
};

struct crowd {
    struct pool *pool;
    atomic_int clashes;
};

static void *borrow(void *arg)
{
    struct crowd *crowd = arg;

    for (int i = 0; i < TURNS; i++) {
        struct thing *thing = pool_take(crowd->pool);

        if (atomic_fetch_add(&thing->borrowers, 1) != 0)
            atomic_fetch_add(&crowd->clashes, 1);
        thing->uses++;
        atomic_fetch_sub(&thing->borrowers, 1);
        pool_put(crowd->pool, thing);
    }
    return NULL;
}

static void one_borrower_at_a_time(void **state)
{
    struct crowd crowd = {.pool = pool_new(THINGS)};
    struct thing things[THINGS] = {0};
    pthread_t threads[8];
    long uses = 0;

    for (size_t i = 0; i < THINGS; i++)
        pool_put(crowd.pool, &things[i]);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, borrow, &crowd), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < THINGS; i++)
        uses += things[i].uses;
    assert_int_equal(uses, COUNT_OF(threads) * TURNS);
    assert_int_equal(atomic_load(&crowd.clashes), 0);
    pool_free(&crowd.pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_one_back_is_the_next_one_out),
        cmocka_unit_test(one_borrower_at_a_time),
    };

    return RUN_TESTS(tests);
}

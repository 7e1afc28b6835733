#include "unit.h"

#include "store/baselines.h"
#include "support/database.h"

#include <math.h>

#define DAY (86400 * TIME_SECOND)

static void assert_near(double value, double expected)
{
    if (fabs(value - expected) > 1e-9)
        fail_msg("%.12f is not %.12f", value, expected);
}

static int counts(struct store_tx *tx, void *arg)
{
    struct baseline baseline;
    int64_t start = 20000 * DAY, since = -1;

    assert_int_equal(baselines_class(tx, "porch", "cat", 3, start, &baseline), 0);
    assert_near(baseline.value, 0);
    assert_int_equal(baseline.samples, 0);
    assert_int_equal(baseline.first_seen, 0);
    assert_int_equal(baselines_since(tx, "porch", &since), 0);
    assert_int_equal(since, 0);

    for (int i = 0; i < 4; i++)
        assert_int_equal(baselines_observe(tx, "porch", "cat", 3, 6, start), 0);
    assert_int_equal(baselines_observe(tx, "porch", "person", 3, 6, start + 10 * DAY), 0);
    assert_int_equal(baselines_class(tx, "porch", "cat", 3, start, &baseline), 0);
    assert_near(baseline.value, 4);
    assert_int_equal(baselines_class(tx, "porch", "cat", 3, start + 20 * DAY, &baseline), 0);
    assert_near(baseline.value, 1); /* two half-lives */
    assert_int_equal(baseline.samples, 4);
    assert_int_equal(baseline.first_seen, start);
    assert_int_equal(baselines_class(tx, "porch", "cat", 4, start, &baseline), 0);
    assert_near(baseline.value, 0);
    assert_int_equal(baselines_activity(tx, "porch", 3, 6, start + 10 * DAY, &baseline), 0);
    assert_near(baseline.value, 4 * 0.5 + 1);
    assert_int_equal(baseline.samples, 5);
    assert_int_equal(baselines_activity(tx, "porch", 3, 5, start, &baseline), 0);
    assert_int_equal(baseline.samples, 0);
    assert_int_equal(baselines_since(tx, "porch", &since), 0);
    assert_int_equal(since, start);

    /* The clock went back: nothing is lost and nothing explodes. */
    assert_int_equal(baselines_observe(tx, "porch", "cat", 3, 6, start - DAY), 0);
    assert_int_equal(baselines_class(tx, "porch", "cat", 3, start - DAY, &baseline), 0);
    assert_near(baseline.value, 5);
    return 0;
}

static void counts_fade(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    database_add_camera(&database);
    assert_int_equal(store_write(database.store, counts, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_fade),
    };

    return RUN_TESTS(tests);
}

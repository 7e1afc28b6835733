#include "unit.h"

#include "pipeline/seen_set.h"

#include <errno.h>

static void tells_files_apart(void **state)
{
    uint64_t a = seen_fingerprint(span_of("/a"), 1, 2);

    assert_int_equal(a, seen_fingerprint(span_of("/a"), 1, 2));
    assert_int_not_equal(a, seen_fingerprint(span_of("/b"), 1, 2));
    assert_int_not_equal(a, seen_fingerprint(span_of("/a"), 2, 2));
    assert_int_not_equal(a, seen_fingerprint(span_of("/a"), 1, 3));
    assert_int_not_equal(a, seen_fingerprint(span_of("/a"), 2, 1));
}

static void remembers_and_forgets(void **state)
{
    AUTO(seen_set_release) struct seen_set set = {0};
    AUTO(seen_set_release) struct seen_set other = {0};

    assert_false(seen_set_has(&set, 5));
    for (uint64_t i = 1; i <= 50000; i++)
        assert_int_equal(seen_set_add(&set, i * 2048), 0);
    assert_int_equal(seen_set_add(&set, 2048), 0);
    assert_int_equal(set.count, 50000);
    for (uint64_t i = 1; i <= 50000; i++) {
        assert_true(seen_set_has(&set, i * 2048));
        assert_false(seen_set_has(&set, i * 2048 + 1));
    }
    seen_set_swap(&set, &other);
    assert_false(seen_set_has(&set, 2048));
    assert_true(seen_set_has(&other, 2048));
    seen_set_reset(&other);
    assert_false(seen_set_has(&other, 2048));
}

static void has_a_limit(void **state)
{
    AUTO(seen_set_release) struct seen_set set = {0};

    for (uint64_t i = 1; i <= SEEN_FILES_MAX; i++)
        assert_int_equal(seen_set_add(&set, i * 0x9e3779b97f4a7c15ULL), 0);
    assert_int_equal(seen_set_add(&set, 1), -ENOSPC);
    assert_int_equal(seen_set_add(&set, 0x9e3779b97f4a7c15ULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_files_apart),
        cmocka_unit_test(remembers_and_forgets),
        cmocka_unit_test(has_a_limit),
    };
    return RUN_TESTS(tests);
}

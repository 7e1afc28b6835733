#include "unit.h"

#include "base/map.h"
#include "base/own.h"

#include <stdio.h>
#include <string.h>

#define KEYS 4000

static char values[KEYS];

static struct span key_of(int number, char text[16])
{
    return (struct span){text, (size_t)snprintf(text, 16, "key %d", number)};
}

static void is_empty_at_first(void **state)
{
    AUTO(map_free) struct map *map = map_new();
    size_t at = 0;

    assert_null(map_get(map, SPAN_LITERAL("any")));
    assert_null(map_remove(map, SPAN_LITERAL("any")));
    assert_null(map_next(map, &at, NULL));
    assert_int_equal(map_count(map), 0);
}

static void sets_replaces_and_removes(void **state)
{
    AUTO(map_free) struct map *map = map_new();

    assert_null(map_set(map, SPAN_LITERAL("porch"), &values[0]));
    assert_ptr_equal(map_set(map, SPAN_LITERAL("porch"), &values[1]), &values[0]);
    assert_int_equal(map_count(map), 1);
    assert_ptr_equal(map_get(map, SPAN_LITERAL("porch")), &values[1]);
    assert_null(map_get(map, SPAN_LITERAL("porc")));
    assert_ptr_equal(map_remove(map, SPAN_LITERAL("porch")), &values[1]);
    assert_null(map_remove(map, SPAN_LITERAL("porch")));
    assert_int_equal(map_count(map), 0);
}

static void keys_are_copied_and_counted(void **state)
{
    AUTO(map_free) struct map *map = map_new();
    char key[] = "a\0b";

    map_set(map, (struct span){key, 3}, &values[0]);
    map_set(map, (struct span){NULL, 0}, &values[1]);
    memset(key, 'x', 3);
    assert_ptr_equal(map_get(map, (struct span){"a\0b", 3}), &values[0]);
    assert_ptr_equal(map_get(map, SPAN_LITERAL("")), &values[1]);
    assert_null(map_get(map, (struct span){"a\0c", 3}));
}

static void walks_everything_once(void **state)
{
    AUTO(map_free) struct map *map = map_new();
    size_t at = 0, seen = 0;
    struct span key;
    char text[16];

    memset(values, 0, sizeof(values));
    for (int i = 0; i < KEYS; i++)
        map_set(map, key_of(i, text), &values[i]);
    for (char *value; (value = map_next(map, &at, &key)); seen++) {
        assert_true(span_equal(key, key_of((int)(value - values), text)));
        (*value)++;
    }
    assert_int_equal(seen, KEYS);
    for (int i = 0; i < KEYS; i++)
        assert_int_equal(values[i], 1);
}

/* The same keys come and go for a long time: every run of slots gets holes in every place. */
static void removal_leaves_the_others_findable(void **state)
{
    AUTO(map_free) struct map *map = map_new();
    static char there[200];
    unsigned random = 1;
    size_t count = 0;
    char text[16];

    memset(there, 0, sizeof(there));
    for (int turn = 0; turn < 20000; turn++) {
        random = random * 1664525 + 1013904223;
        int i = (int)(random >> 16) % 200;
        void *expected = there[i] ? &values[i] : NULL;
        if (random & 0x8000) {
            assert_ptr_equal(map_set(map, key_of(i, text), &values[i]), expected);
            count += !there[i];
            there[i] = 1;
        } else {
            assert_ptr_equal(map_remove(map, key_of(i, text)), expected);
            count -= (size_t)there[i];
            there[i] = 0;
        }
        assert_int_equal(map_count(map), count);
    }
    for (int i = 0; i < 200; i++)
        assert_ptr_equal(map_get(map, key_of(i, text)), there[i] ? &values[i] : NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_empty_at_first),
        cmocka_unit_test(sets_replaces_and_removes),
        cmocka_unit_test(keys_are_copied_and_counted),
        cmocka_unit_test(walks_everything_once),
        cmocka_unit_test(removal_leaves_the_others_findable),
    };
    return RUN_TESTS(tests);
}

#include "unit.h"

#include "base/own.h"
#include "realtime/kinds.h"

#include <stdio.h>

static void the_same_kind_keeps_its_number(void **state)
{
    AUTO(kinds_free) struct kinds *kinds = kinds_new();
    unsigned event = kinds_number(kinds, SPAN_LITERAL("event"), span_of(NULL));
    unsigned online = kinds_number(kinds, SPAN_LITERAL("camera_status"), SPAN_LITERAL("on"));
    unsigned offline = kinds_number(kinds, SPAN_LITERAL("camera_status"), SPAN_LITERAL("off"));

    assert_true(event != KIND_UNLISTED && online != KIND_UNLISTED && offline != KIND_UNLISTED);
    assert_true(event != online && online != offline && event != offline);
    assert_int_equal(kinds_number(kinds, SPAN_LITERAL("event"), span_of(NULL)), event);
    assert_int_equal(kinds_number(kinds, SPAN_LITERAL("camera_status"), SPAN_LITERAL("on")),
                     online);
}

static void a_flood_of_kinds_is_unlisted(void **state)
{
    AUTO(kinds_free) struct kinds *kinds = kinds_new();
    char type[32];

    for (int i = 0; i < 2000; i++) {
        int length = snprintf(type, sizeof(type), "made.up.%d", i);
        unsigned number = kinds_number(kinds, (struct span){type, (size_t)length}, span_of(NULL));

        assert_true(number < KINDS_MAX);
        assert_true((number == KIND_UNLISTED) == (i >= KINDS_MAX - 1));
    }
    assert_int_equal(kinds_number(kinds, SPAN_LITERAL("made.up.3"), span_of(NULL)), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_kind_keeps_its_number),
        cmocka_unit_test(a_flood_of_kinds_is_unlisted),
    };

    return RUN_TESTS(tests);
}

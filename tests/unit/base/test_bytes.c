#include "unit.h"

#include "base/bytes.h"
#include "base/own.h"

#include <pthread.h>
#include <string.h>

static void holds_what_it_was_given(void **state)
{
    AUTO(bytes_unref) struct bytes *bytes = bytes_from_span(SPAN_LITERAL("frame"));
    AUTO(bytes_unref) struct bytes *empty = bytes_from_span((struct span){NULL, 0});

    assert_true(span_is(bytes_span(bytes), "frame"));
    assert_int_equal(empty->len, 0);
}

static void lives_until_the_last_reference(void **state)
{
    struct bytes *first = bytes_new(3);
    memcpy(first->at, "abc", 3);
    struct bytes *second = bytes_ref(first);

    bytes_unref(&first);
    assert_null(first);
    assert_true(span_is(bytes_span(second), "abc"));
    bytes_unref(&second);
    bytes_unref(&second);
}

static void *refer_and_drop(void *arg)
{
    struct bytes *shared = arg;

    for (int i = 0; i < 1000; i++) {
        struct bytes *mine = bytes_ref(shared);
        assert_true(span_is(bytes_span(mine), "shared"));
        bytes_unref(&mine);
    }
    bytes_unref(&shared);
    return NULL;
}

static void is_shared_by_threads(void **state)
{
    pthread_t threads[4];
    struct bytes *bytes = bytes_from_span(SPAN_LITERAL("shared"));

    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, refer_and_drop, bytes_ref(bytes)), 0);
    bytes_unref(&bytes);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_it_was_given),
        cmocka_unit_test(lives_until_the_last_reference),
        cmocka_unit_test(is_shared_by_threads),
    };
    return RUN_TESTS(tests);
}

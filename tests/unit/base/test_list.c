#include "unit.h"

#include "base/list.h"
#include "base/own.h"

struct item {
    int number;
    struct list node;
};

static int number_of(struct list *node)
{
    return CONTAINER_OF(node, struct item, node)->number;
}

static void assert_holds(struct list *head, const int *numbers, size_t count)
{
    size_t at = 0;

    LIST_FOR_EACH(head, node)
    {
        assert_true(at < count);
        assert_int_equal(number_of(node), numbers[at++]);
    }
    assert_int_equal(at, count);
}

#define ASSERT_HOLDS(head, ...)                                                                    \
    assert_holds(head, (const int[]){__VA_ARGS__}, COUNT_OF(((const int[]){__VA_ARGS__})))

static void make(struct item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        items[i].number = (int)i;
        list_init(&items[i].node);
    }
}

static void keeps_order(void **state)
{
    struct list head;
    struct item items[3];

    make(items, 3);
    list_init(&head);
    assert_true(list_is_empty(&head));
    assert_null(list_take_first(&head));
    list_append(&head, &items[1].node);
    list_append(&head, &items[2].node);
    list_prepend(&head, &items[0].node);
    ASSERT_HOLDS(&head, 0, 1, 2);
    assert_ptr_equal(list_take_first(&head), &items[0].node);
    ASSERT_HOLDS(&head, 1, 2);
}

static void removes_twice(void **state)
{
    struct list head;
    struct item items[3];

    make(items, 3);
    list_init(&head);
    for (int i = 0; i < 3; i++)
        list_append(&head, &items[i].node);
    list_remove(&items[1].node);
    list_remove(&items[1].node);
    ASSERT_HOLDS(&head, 0, 2);
    LIST_FOR_EACH(&head, node)
    list_remove(node);
    assert_true(list_is_empty(&head));
}

static void splices(void **state)
{
    struct list to, from;
    struct item items[4];

    make(items, 4);
    list_init(&to);
    list_init(&from);
    list_splice(&to, &from);
    assert_true(list_is_empty(&to));
    list_append(&from, &items[2].node);
    list_append(&from, &items[3].node);
    list_append(&to, &items[0].node);
    list_append(&to, &items[1].node);
    list_splice(&to, &from);
    ASSERT_HOLDS(&to, 0, 1, 2, 3);
    assert_true(list_is_empty(&from));
    list_splice(&from, &to);
    ASSERT_HOLDS(&from, 0, 1, 2, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order),
        cmocka_unit_test(removes_twice),
        cmocka_unit_test(splices),
    };
    return RUN_TESTS(tests);
}

#include "unit.h"

#include "base/mem.h"
#include "pipeline/pending_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static struct pending_file *add(struct pending_files *files, const char *path, int64_t due,
                                int64_t order)
{
    struct pending_file *file = NULL;

    assert_int_equal(pending_files_add(files, span_of(path), &file), 0);
    pending_files_schedule(files, file, due, order);
    return file;
}

static void gives_them_by_due_then_order(void **state)
{
    AUTO(pending_files_free) struct pending_files *files = pending_files_new(10);
    static const char *const expected[] = {"/c", "/b", "/a", "/d"};

    add(files, "/a", 20, 5);
    add(files, "/b", 20, 3);
    add(files, "/c", 10, 9);
    add(files, "/d", 30, 0);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        struct pending_file *file = pending_files_first(files);
        assert_string_equal(file->path, expected[i]);
        pending_files_take(files, file);
    }
    assert_null(pending_files_first(files));
    assert_int_equal(pending_files_count(files), 4);
}

static void a_taken_file_comes_back_when_scheduled(void **state)
{
    AUTO(pending_files_free) struct pending_files *files = pending_files_new(4);
    struct pending_file *a = add(files, "/a", 1, 0);

    add(files, "/b", 2, 0);
    pending_files_take(files, a);
    assert_true(a->is_taken);
    assert_string_equal(pending_files_first(files)->path, "/b");
    assert_ptr_equal(pending_files_find(files, span_of("/a")), a);
    pending_files_schedule(files, a, 1, 0);
    assert_false(a->is_taken);
    assert_ptr_equal(pending_files_first(files), a);
    pending_files_schedule(files, a, 3, 0);
    assert_string_equal(pending_files_first(files)->path, "/b");
}

static void has_a_limit(void **state)
{
    AUTO(pending_files_free) struct pending_files *files = pending_files_new(2);
    struct pending_file *file = add(files, "/a", 1, 0);

    add(files, "/b", 1, 0);
    assert_int_equal(pending_files_room(files), 0);
    struct pending_file *none = NULL;
    assert_int_equal(pending_files_add(files, span_of("/c"), &none), -ENOSPC);
    assert_null(none);
    pending_files_remove(files, &file);
    assert_null(file);
    assert_null(pending_files_find(files, span_of("/a")));
    add(files, "/c", 1, 0);
}

/* Against a plain search for the least, through thousands of random changes. */
static void keeps_the_order_through_any_change(void **state)
{
    enum { FILES = 200, STEPS = 20000 };
    AUTO(pending_files_free) struct pending_files *files = pending_files_new(FILES);
    struct pending_file *all[FILES] = {0};

    srand(7);
    for (int step = 0; step < STEPS; step++) {
        int at = rand() % FILES;
        char path[16];
        snprintf(path, sizeof(path), "/%d", at);
        if (!all[at])
            all[at] = add(files, path, rand() % 50, step);
        else if (all[at]->is_taken || rand() % 3 == 0)
            pending_files_schedule(files, all[at], rand() % 50, step);
        else if (rand() % 2)
            pending_files_take(files, all[at]);
        else
            pending_files_remove(files, &all[at]);

        const struct pending_file *least = NULL;
        for (int i = 0; i < FILES; i++) {
            if (all[i] && !all[i]->is_taken &&
                (!least || all[i]->due < least->due ||
                 (all[i]->due == least->due && all[i]->order < least->order)))
                least = all[i];
        }
        assert_ptr_equal(pending_files_first(files), least);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_them_by_due_then_order),
        cmocka_unit_test(a_taken_file_comes_back_when_scheduled),
        cmocka_unit_test(has_a_limit),
        cmocka_unit_test(keeps_the_order_through_any_change),
    };
    return RUN_TESTS(tests);
}

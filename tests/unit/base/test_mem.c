#include "unit.h"

#include "base/mem.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void memory_is_zeroed(void **state)
{
    AUTO(mem_free) char *bytes = mem_alloc(100);
    AUTO(mem_free) int *numbers = mem_alloc_array(10, sizeof(int));

    for (int i = 0; i < 100; i++)
        assert_int_equal(bytes[i], 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(numbers[i], 0);
}

static void nothing_is_something(void **state)
{
    AUTO(mem_free) char *none = mem_alloc(0);
    AUTO(mem_free) char *empty = mem_alloc_array(0, 8);

    assert_non_null(none);
    assert_non_null(empty);
    none = mem_resize(none, 0);
    assert_non_null(none);
}

static void copies_text(void **state)
{
    AUTO(mem_free) char *whole = mem_strdup("porch");
    AUTO(mem_free) char *part = mem_strndup("porch", 3);
    AUTO(mem_free) char *short_one = mem_strndup("po\0rch", 6);
    AUTO(mem_free) char *printed = mem_printf("%s-%d", "a", 7);

    assert_null(mem_strdup(NULL));
    assert_string_equal(whole, "porch");
    assert_string_equal(part, "por");
    assert_string_equal(short_one, "po");
    assert_string_equal(printed, "a-7");
}

static void freeing_clears_the_variable(void **state)
{
    char *text = mem_strdup("x");

    mem_free(&text);
    assert_null(text);
    mem_free(&text);
}

static void taking_leaves_null(void **state)
{
    AUTO(mem_free) char *from = mem_strdup("x");
    AUTO(mem_free) char *to = TAKE(from);

    assert_null(from);
    assert_string_equal(to, "x");
}

static void overflow_ends_the_process(void **state)
{
    pid_t child = fork();

    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        char *never = mem_alloc_array((size_t)1 << 40, (size_t)1 << 40);
        _exit(never != NULL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed),   cmocka_unit_test(nothing_is_something),
        cmocka_unit_test(copies_text),        cmocka_unit_test(freeing_clears_the_variable),
        cmocka_unit_test(taking_leaves_null), cmocka_unit_test(overflow_ends_the_process),
    };
    return RUN_TESTS(tests);
}

#include "api/file_private.h"

#include "support/scratch.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* base/ holds one.jpg, sub/two.jpg, links out and in; beside it lies secret.jpg. */
struct place {
    char *root, *base;
};

static void put(const char *folder, const char *name)
{
    AUTO(mem_free) char *path = mem_printf("%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
}

static void link_to(const char *target, const char *folder, const char *name)
{
    AUTO(mem_free) char *path = mem_printf("%s/%s", folder, name);
    assert_int_equal(symlink(target, path), 0);
}

static int set_up(void **state)
{
    struct place *place = mem_alloc(sizeof(*place));
    place->root = scratch_new();
    place->base = mem_printf("%s/base", place->root);
    AUTO(mem_free) char *sub = mem_printf("%s/sub", place->base);
    AUTO(mem_free) char *twin = mem_printf("%s/base-twin", place->root);
    AUTO(mem_free) char *pipe_path = mem_printf("%s/pipe.jpg", place->base);

    assert_int_equal(mkdir(place->base, 0700) | mkdir(sub, 0700) | mkdir(twin, 0700), 0);
    put(place->root, "secret.jpg");
    put(place->base, "one.jpg");
    put(sub, "two.jpg");
    put(twin, "three.jpg");
    link_to("../secret.jpg", place->base, "out.jpg");
    link_to("sub/two.jpg", place->base, "in.jpg");
    link_to("..", place->base, "up");
    link_to("nowhere.jpg", place->base, "dangling.jpg");
    link_to("circle.jpg", place->base, "circle.jpg");
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    scratch_free(&place->root);
    mem_free(&place->base);
    mem_free(&place);
    return 0;
}

static int try_open(const struct place *place, const char *path)
{
    AUTO(file_close) int fd = -1;
    int result = file_open_below(place->base, path, &fd);
    assert_true((result == 0) == (fd >= 0));
    return result;
}

static void test_what_lies_below_opens(void **state)
{
    const struct place *place = *state;
    AUTO(mem_free) char *absolute = mem_printf("%s/sub/two.jpg", place->base);
    assert_int_equal(try_open(place, "one.jpg"), 0);
    assert_int_equal(try_open(place, "sub/two.jpg"), 0);
    assert_int_equal(try_open(place, "in.jpg"), 0);
    assert_int_equal(try_open(place, absolute), 0);
}

static void test_nothing_else_does(void **state)
{
    const struct place *place = *state;
    AUTO(mem_free) char *twin = mem_printf("%s/base-twin/three.jpg", place->root);
    assert_int_equal(try_open(place, "out.jpg"), -EACCES);
    assert_int_equal(try_open(place, "up/secret.jpg"), -EACCES);
    assert_int_equal(try_open(place, "../secret.jpg"), -EACCES);
    assert_int_equal(try_open(place, "/etc/passwd"), -EACCES);
    assert_int_equal(try_open(place, "circle.jpg"), -EACCES);
    assert_int_equal(try_open(place, twin), -EACCES);
    assert_int_equal(try_open(place, "missing.jpg"), -ENOENT);
    assert_int_equal(try_open(place, "dangling.jpg"), -ENOENT);
    assert_int_equal(try_open(place, "one.jpg/x"), -ENOENT);
    assert_int_equal(try_open(place, "sub"), -ENOENT);
    /* Not even waited for. */
    assert_int_equal(try_open(place, "pipe.jpg"), -ENOENT);
}

static void test_folders(void **state)
{
    const struct place *place = *state;
    AUTO(file_close) int fd = -1;
    assert_int_equal(file_open_folder_below(place->base, "one.jpg", &fd), -ENOENT);
    assert_int_equal(file_open_folder_below(place->base, "up", &fd), -EACCES);
    assert_int_equal(file_open_folder_below(place->base, "nowhere", &fd), -ENOENT);
    assert_int_equal(file_open_folder_below(place->base, "sub", &fd), 0);
}

static void test_kinds(void **state)
{
    assert_string_equal(file_media_type(SPAN_LITERAL("a.JPG")), "image/jpeg");
    assert_string_equal(file_media_type(SPAN_LITERAL("a.webm")), "video/webm");
    assert_null(file_media_type(SPAN_LITERAL("a.txt")));
    assert_null(file_media_type(SPAN_LITERAL("a.jpg.exe")));
    assert_null(file_media_type(SPAN_LITERAL("jpg")));
    assert_true(file_is_picture(SPAN_LITERAL("a.gif")));
    assert_false(file_is_picture(SPAN_LITERAL("a.mp4")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_lies_below_opens),
        cmocka_unit_test(test_nothing_else_does),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_kinds),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

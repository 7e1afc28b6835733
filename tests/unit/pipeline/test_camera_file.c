#include "unit.h"

#include "folder_fixture.h"
#include "pipeline/camera_file.h"

static int open_name(const char *root, const char *path)
{
    AUTO(fd_close) int fd = -1;
    int r = camera_file_open(root, path, O_RDONLY, &fd);

    assert_int_equal(r == 0, fd >= 0);
    return r;
}

static void opens_what_lies_below(void **state)
{
    AUTO(folder_remove) char *root = folder_make();
    AUTO(mem_free) char *file = folder_path(root, "cam/a.jpg");
    AUTO(buf_release) struct buf bytes = BUF_INIT;
    AUTO(fd_close) int fd = -1;

    folder_mkdir(root, "cam");
    folder_write_text(root, "cam/a.jpg", "picture");
    assert_int_equal(camera_file_open(root, file, O_RDONLY, &fd), 0);
    assert_int_equal(camera_file_read(fd, 7, &bytes), 0);
    assert_string_equal(buf_text(&bytes), "picture");
    assert_int_equal(open_name(root, root), 0);
}

static void refuses_files_that_are_too_long(void **state)
{
    AUTO(folder_remove) char *root = folder_make();
    AUTO(mem_free) char *file = folder_path(root, "a");
    AUTO(buf_release) struct buf bytes = BUF_INIT;
    AUTO(fd_close) int fd = -1;

    folder_write_text(root, "a", "picture");
    assert_int_equal(camera_file_open(root, file, O_RDONLY, &fd), 0);
    assert_int_equal(camera_file_read(fd, 6, &bytes), -EFBIG);
}

static void follows_no_link(void **state)
{
    AUTO(folder_remove) char *root = folder_make();
    AUTO(folder_remove) char *outside = folder_make();
    AUTO(mem_free) char *target = folder_path(outside, "secret.jpg");
    AUTO(mem_free) char *link_file = folder_path(root, "cam/link.jpg");
    AUTO(mem_free) char *link_folder = folder_path(root, "out");
    AUTO(mem_free) char *through = folder_path(root, "out/secret.jpg");

    folder_mkdir(root, "cam");
    folder_write_text(outside, "secret.jpg", "x");
    assert_int_equal(symlink(target, link_file), 0);
    assert_int_equal(symlink(outside, link_folder), 0);
    assert_int_equal(open_name(root, link_file), -ELOOP);
    assert_int_equal(open_name(root, through), -ELOOP);
    assert_int_not_equal(open_name(root, link_folder), 0);
}

static void refuses_ways_out(void **state)
{
    AUTO(folder_remove) char *root = folder_make();
    AUTO(mem_free) char *up = folder_path(root, "../etc/passwd");
    AUTO(mem_free) char *doubled = folder_path(root, "/etc/passwd");

    assert_int_equal(open_name(root, up), -EXDEV);
    assert_int_equal(open_name(root, doubled), -EINVAL);
    assert_int_equal(open_name(root, "/etc/passwd"), -EINVAL);
    assert_int_equal(open_name("/tmp/a", "/tmp/ab"), -EINVAL);
}

static void a_pipe_does_not_hold_us_up(void **state)
{
    AUTO(folder_remove) char *root = folder_make();
    AUTO(mem_free) char *path = folder_path(root, "pipe.jpg");

    assert_int_equal(mkfifo(path, 0644), 0);
    assert_int_equal(open_name(root, path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_what_lies_below),
        cmocka_unit_test(refuses_files_that_are_too_long),
        cmocka_unit_test(follows_no_link),
        cmocka_unit_test(refuses_ways_out),
        cmocka_unit_test(a_pipe_does_not_hold_us_up),
    };
    return RUN_TESTS(tests);
}

#include "pipeline/file_write.h"

#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <signal.h>

#include <cmocka.h>

static void assert_holds(const char *path, const char *text)
{
    char read_back[64] = "";
    int fd = open(path, O_RDONLY);

    assert_true(fd >= 0);
    assert_true(read(fd, read_back, sizeof(read_back) - 1) >= 0);
    assert_string_equal(read_back, text);
    close(fd);
}

static void written_and_replaced(void **state)
{
    AUTO(scratch_free) char *folder = scratch_new();
    AUTO(mem_free) char *path = mem_printf("%s/file.txt", folder);
    struct stat status;
    mode_t mask = umask(0);

    assert_int_equal(file_write(path, span_of("first"), 0640), 0);
    assert_holds(path, "first");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(file_write(path, span_of("second"), 0600), 0);
    assert_holds(path, "second");
    assert_int_equal(file_write(path, (struct span){NULL, 0}, 0600), 0);
    assert_holds(path, "");
    assert_int_equal(scratch_count(folder), 1);
    umask(mask);
}

static void without_a_folder_in_the_name(void **state)
{
    AUTO(scratch_free) char *folder = scratch_new();
    int before = open(".", O_RDONLY | O_DIRECTORY);

    assert_int_equal(chdir(folder), 0);
    assert_int_equal(file_write("plain", span_of("text"), 0600), 0);
    assert_holds("plain", "text");
    assert_int_equal(scratch_count("."), 1);
    assert_int_equal(fchdir(before), 0);
    close(before);
}

static void failures_leave_what_was_there(void **state)
{
    AUTO(scratch_free) char *folder = scratch_new();
    AUTO(mem_free) char *nowhere = mem_printf("%s/none/file", folder);
    AUTO(mem_free) char *path = mem_printf("%s/file", folder);
    struct rlimit limit, small;

    assert_int_equal(file_write(nowhere, span_of("text"), 0600), -ENOENT);
    assert_int_equal(file_write(path, span_of("before"), 0600), 0);

    /* No room: a ceiling on the size of files stands for the full disk. */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = 8;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int error = file_write(path, span_of("more than eight bytes"), 0600);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(error, -EFBIG);
    assert_holds(path, "before");
    assert_int_equal(scratch_count(folder), 1);

    /* A folder stands where the file should. */
    AUTO(mem_free) char *taken = mem_printf("%s/taken", folder);
    assert_int_equal(mkdir(taken, 0700), 0);
    assert_int_equal(file_write(taken, span_of("text"), 0600), -EISDIR);
    assert_int_equal(scratch_count(folder), 2);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(written_and_replaced),
    cmocka_unit_test(without_a_folder_in_the_name),
    cmocka_unit_test(failures_leave_what_was_there),
};

int main(void)
{
    return cmocka_run_group_tests_name("file_write", tests, NULL, NULL);
}

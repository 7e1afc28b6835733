#include "unit.h"

#include "base/buf.h"
#include "base/time.h"
#include "folder_fixture.h"
#include "pipeline/folder_scan.h"

/* What a walk reported, one line each, sorted so that the disk's order does not matter. */
struct report {
    char lines[64][128];
    size_t count;
    const char *root;
    const char *left_out; /* a folder that on_folder refuses */
};

static void note(struct report *report, const char *kind, const char *path, const char *more)
{
    assert_true(report->count < COUNT_OF(report->lines));
    snprintf(report->lines[report->count++], sizeof(report->lines[0]), "%s %s%s%s", kind,
             path + strlen(report->root), more ? " " : "", more ? more : "");
}

static int on_folder(void *owner, int fd, const char *path, unsigned depth)
{
    struct report *report = owner;
    char text[16];

    snprintf(text, sizeof(text), "%u", depth);
    note(report, "folder", path, text);
    return report->left_out && strstr(path, report->left_out) ? -EINVAL : 0;
}

static void on_file(void *owner, const char *path, const struct statx *info)
{
    note(owner, "file", path, NULL);
}

static void on_skipped(void *owner, const char *path, const char *reason, int error)
{
    note(owner, "skipped", path, reason);
}

static const struct folder_scan_type report_type = {
    .on_folder = on_folder,
    .on_file = on_file,
    .on_skipped = on_skipped,
};

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static const struct scan_bound everything = {INT64_MIN, SCAN_NEVER, SCAN_NEVER};

static void walk(const char *root, const char *start, const struct scan_bound *bound,
                 struct report *report, size_t entries)
{
    report->root = root;
    AUTO(folder_scan_free)
    struct folder_scan *scan = folder_scan_new(root, start, bound, &report_type, report);
    while (folder_scan_step(scan, entries))
        ;
    qsort(report->lines, report->count, sizeof(report->lines[0]), by_text);
}

static void assert_report(const struct report *report, const char *const *expected, size_t count)
{
    for (size_t i = 0; i < count && i < report->count; i++)
        assert_string_equal(report->lines[i], expected[i]);
    assert_int_equal(report->count, count);
}

static void walks_the_tree_in_any_steps(void **state)
{
    static const char *const expected[] = {
        "file /cam one/a.jpg", "file /cam one/sub/b.PNG", "file /top.mp4",   "folder  0",
        "folder /cam one 1",   "folder /cam one/sub 2",   "folder /empty 1",
    };
    AUTO(folder_remove) char *root = folder_make();

    folder_mkdir(root, "cam one");
    folder_mkdir(root, "cam one/sub");
    folder_mkdir(root, "cam one/.cache");
    folder_mkdir(root, "empty");
    folder_write_text(root, "top.mp4", "x");
    folder_write_text(root, "cam one/a.jpg", "x");
    folder_write_text(root, "cam one/.a.jpg", "x");
    folder_write_text(root, "cam one/a.txt", "x");
    folder_write_text(root, "cam one/.cache/c.jpg", "x");
    folder_write_text(root, "cam one/sub/b.PNG", "x");
    for (size_t entries = 1; entries < 20; entries += 6) {
        struct report report = {0};
        walk(root, root, &everything, &report, entries);
        assert_report(&report, expected, COUNT_OF(expected));
    }
}

static void starts_below_and_leaves_out(void **state)
{
    static const char *const below[] = {"file /cam/a.jpg", "file /cam/sub/b.jpg", "folder /cam 1",
                                        "folder /cam/sub 2"};
    static const char *const without[] = {"file /cam/a.jpg", "folder /cam 1", "folder /cam/sub 2"};
    AUTO(folder_remove) char *root = folder_make();
    AUTO(mem_free) char *cam = folder_path(root, "cam");
    struct report report = {0}, left = {.left_out = "/sub"};

    folder_mkdir(root, "cam");
    folder_mkdir(root, "cam/sub");
    folder_mkdir(root, "other");
    folder_write_text(root, "cam/a.jpg", "x");
    folder_write_text(root, "cam/sub/b.jpg", "x");
    walk(root, cam, &everything, &report, 3);
    assert_report(&report, below, COUNT_OF(below));
    walk(root, cam, &everything, &left, 3);
    assert_report(&left, without, COUNT_OF(without));
}

static void says_what_it_leaves_out(void **state)
{
    static const char *const expected[] = {
        "file /cam/link.jpg", "file /cam/pipe.jpg",       "folder  0",
        "folder /cam 1",      "skipped /cam/out symlink",
    };
    AUTO(folder_remove) char *root = folder_make();
    AUTO(mem_free) char *link_path = folder_path(root, "cam/link.jpg");
    AUTO(mem_free) char *out = folder_path(root, "cam/out");
    AUTO(mem_free) char *pipe_path = folder_path(root, "cam/pipe.jpg");
    AUTO(mem_free) char *gone = folder_path(root, "gone");
    struct report report = {0}, missing = {0};

    folder_mkdir(root, "cam");
    assert_int_equal(symlink("/etc/passwd", link_path), 0);
    assert_int_equal(symlink("/etc", out), 0);
    assert_int_equal(mkfifo(pipe_path, 0644), 0);
    walk(root, root, &everything, &report, 100);
    assert_report(&report, expected, COUNT_OF(expected));
    walk(root, gone, &everything, &missing, 100);
    assert_int_equal(missing.count, 1);
    assert_string_equal(missing.lines[0], "skipped /gone unreadable");
}

static void stops_at_a_depth(void **state)
{
    AUTO(folder_remove) char *root = folder_make();
    AUTO(mem_free) char *path = mem_strdup(root);
    struct report report = {0};

    for (unsigned i = 0; i < FOLDER_DEPTH_MAX + 2; i++) {
        char *longer = mem_printf("%s/d", path);
        mem_free(&path);
        path = longer;
        assert_int_equal(mkdir(path, 0755), 0);
    }
    walk(root, root, &everything, &report, 100);
    assert_int_equal(report.count, FOLDER_DEPTH_MAX + 2);
    assert_non_null(strstr(report.lines[report.count - 1], "too_deep"));
}

static void looks_at_what_is_new_enough(void **state)
{
    AUTO(folder_remove) char *root = folder_make();
    int64_t now = time_now();
    struct report by_time = {0}, by_birth = {0}, by_change = {0}, none = {0};

    folder_write_text(root, "old.jpg", "x");
    folder_age(root, "old.jpg", -7200);
    folder_write_text(root, "new.jpg", "x");
    walk(root, root, &(struct scan_bound){now - 3600 * TIME_SECOND, SCAN_NEVER, SCAN_NEVER},
         &by_time, 100);
    assert_int_equal(by_time.count, 2);
    assert_string_equal(by_time.lines[0], "file /new.jpg");
    walk(root, root, &(struct scan_bound){SCAN_NEVER, now - 60 * TIME_SECOND, SCAN_NEVER},
         &by_birth, 100);
    assert_int_equal(by_birth.count, 3);
    walk(root, root, &(struct scan_bound){SCAN_NEVER, SCAN_NEVER, now - 60 * TIME_SECOND},
         &by_change, 100);
    assert_int_equal(by_change.count, 3);
    walk(root, root,
         &(struct scan_bound){now + 60 * TIME_SECOND, now + 60 * TIME_SECOND, SCAN_NEVER}, &none,
         100);
    assert_int_equal(none.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_the_tree_in_any_steps),
        cmocka_unit_test(starts_below_and_leaves_out),
        cmocka_unit_test(says_what_it_leaves_out),
        cmocka_unit_test(stops_at_a_depth),
        cmocka_unit_test(looks_at_what_is_new_enough),
    };
    return RUN_TESTS(tests);
}

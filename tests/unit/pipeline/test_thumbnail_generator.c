#include "pipeline/thumbnail_generator.h"

#include "support/pictures.h"
#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

static struct thumbnail_settings settings_for(const char *folder)
{
    return (struct thumbnail_settings){
        .folder = folder, .width = 320, .height = 240, .quality = 85, .font_size = 14};
}

static struct detection detection_of(const char *file_path)
{
    return (struct detection){
        .id = 4711,
        .file_path = (char *)file_path,
        .object_type = (char *)"person",
        .confidence = 0.93,
        .bbox_x = 400,
        .bbox_y = 200,
        .bbox_width = 300,
        .bbox_height = 400,
    };
}

static void jpeg_of_scene(struct buf *file)
{
    AUTO(picture_free) struct picture *scene = paint_scene(1280, 720);

    add_jpeg(file, scene);
}

static void write_bytes(const char *path, struct span bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
    close(fd);
}

static void assert_is_thumbnail(const char *path)
{
    AUTO(picture_free) struct picture *thumbnail = NULL;
    struct stat status;
    int fd = open(path, O_RDONLY);

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(picture_read(fd, PICTURE_RGB, 0, 0, &thumbnail, NULL), 0);
    close(fd);
    assert_int_equal(thumbnail->width, 320);
    assert_int_equal(thumbnail->height, 240);
    const uint8_t *edge = thumbnail->pixels + (100 * 320 + 101) * 3;
    assert_true(edge[0] > 170 && edge[1] < 130 && edge[2] < 140); /* the box of a person is red */
}

static void drawn_from_bytes_and_from_the_file(void **state)
{
    AUTO(scratch_free) char *root = scratch_new();
    AUTO(mem_free) char *folder = mem_printf("%s/thumbnails", root);
    AUTO(mem_free) char *source = mem_printf("%s/picture.jpg", root);
    AUTO(mem_free) char *expected = mem_printf("%s/4711_thumb.jpg", folder);
    AUTO(buf_release) struct buf file = BUF_INIT;
    AUTO(buf_release) struct buf path = BUF_INIT;
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct thumbnail_settings settings = settings_for(folder);
    struct detection detection = detection_of(source);
    mode_t mask = umask(022);

    jpeg_of_scene(&file);
    assert_int_equal(thumbnail_generate(&settings, &detection, buf_span(&file), &path, &why), 0);
    assert_string_equal(buf_text(&path), expected);
    assert_is_thumbnail(expected);

    unlink(expected);
    write_bytes(source, buf_span(&file));
    for (int again = 0; again < 2; again++)
        assert_int_equal(
            thumbnail_generate(&settings, &detection, (struct span){NULL, 0}, &path, &why), 0);
    assert_is_thumbnail(expected);
    assert_int_equal(scratch_count(folder), 1);
    assert_int_equal(why.len, 0);
    umask(mask);
}

static void failures_say_why_and_leave_nothing(void **state)
{
    AUTO(scratch_free) char *root = scratch_new();
    AUTO(mem_free) char *source = mem_printf("%s/picture.jpg", root);
    AUTO(mem_free) char *in_the_way = mem_printf("%s/picture.jpg/below", root);
    AUTO(buf_release) struct buf file = BUF_INIT;
    AUTO(buf_release) struct buf path = BUF_INIT;
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct thumbnail_settings settings = settings_for(root);
    struct detection detection = detection_of(source);
    struct span from_file = {NULL, 0};

    assert_int_equal(thumbnail_generate(&settings, &detection, from_file, &path, &why), -ENOENT);
    assert_non_null(strstr(buf_text(&why), source));

    write_bytes(source, SPAN_LITERAL("no picture at all"));
    assert_int_equal(thumbnail_generate(&settings, &detection, from_file, &path, &why), -EINVAL);
    assert_non_null(strstr(buf_text(&why), "not_a_picture"));

    jpeg_of_scene(&file);
    settings.folder = in_the_way;
    assert_int_equal(thumbnail_generate(&settings, &detection, buf_span(&file), &path, &why),
                     -ENOTDIR);
    assert_non_null(strstr(buf_text(&why), in_the_way));
    assert_int_equal(path.len, 0);
    assert_int_equal(scratch_count(root), 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(drawn_from_bytes_and_from_the_file),
    cmocka_unit_test(failures_say_why_and_leave_nothing),
};

int main(void)
{
    return cmocka_run_group_tests_name("thumbnail_generator", tests, NULL, NULL);
}

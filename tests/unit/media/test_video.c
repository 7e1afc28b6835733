#include "media/video.h"

#include "support/avi.h"
#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Every frame has its own grey. */
static struct picture *numbered(uint32_t frame)
{
    struct picture *picture = picture_new(PICTURE_RGB, 160, 120);
    uint32_t gray = 20 + frame * 10;

    paint_rectangle(picture, 0, 0, 160, 120, gray << 16 | gray << 8 | gray);
    return picture;
}

static void write_file(const char *path, struct span bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
    close(fd);
}

static int number_of(const struct picture *picture)
{
    return (int)lround((picture->pixels[0] - 20) / 10.0);
}

static void frames_come_in_order(void **state)
{
    AUTO(scratch_free) char *folder = scratch_new();
    AUTO(mem_free) char *path = mem_printf("%s/frames.avi", folder);
    AUTO(buf_release) struct buf file = BUF_INIT;
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(video_close) struct video *video = NULL;
    static const struct {
        double at;
        int frame;
    } asked[] = {{0, 0}, {0.1, 1}, {0.5, 5}, {0.55, 6}, {0.1, 7}, {1.5, 15}};

    avi_make(&file, 160, 120, 10, 20, numbered);
    write_file(path, buf_span(&file));
    if (video_open(path, &video, &why) != 0)
        fail_msg("%s", buf_text(&why));
    const struct video_info *info = video_info_of(video);
    assert_int_equal(info->width, 160);
    assert_int_equal(info->height, 120);
    assert_true(fabs(info->fps - 10) < 0.01);
    assert_true(fabs(info->duration - 2) < 0.2);
    assert_string_equal(info->codec, "mjpeg");
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        AUTO(picture_free) struct picture *picture = NULL;
        assert_int_equal(video_frame_at(video, asked[i].at, &picture), 1);
        assert_int_equal(picture->width, 160);
        assert_int_equal(number_of(picture), asked[i].frame);
    }
    AUTO(picture_free) struct picture *none = NULL;
    assert_int_equal(video_frame_at(video, 5, &none), 0);
    assert_int_equal(video_frame_at(video, 0, &none), 0);
    assert_null(none);
}

static void what_is_no_video(void **state)
{
    AUTO(scratch_free) char *folder = scratch_new();
    AUTO(mem_free) char *path = mem_printf("%s/no.avi", folder);
    AUTO(mem_free) char *list = mem_printf("%s/list.m3u8", folder);
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(video_close) struct video *video = NULL;

    assert_int_equal(video_open(path, &video, &why), -EINVAL);
    assert_non_null(strstr(buf_text(&why), path));
    write_file(path, SPAN_LITERAL("RIFF but nothing that follows is a video"));
    assert_int_equal(video_open(path, &video, &why), -EINVAL);
    write_file(path, SPAN_LITERAL(""));
    assert_int_equal(video_open(path, &video, &why), -EINVAL);
    assert_int_equal(video_open(folder, &video, &why), -EINVAL);
    /* Lists of other files, and addresses, are not followed. */
    write_file(list,
               SPAN_LITERAL("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n"));
    assert_int_equal(video_open(list, &video, &why), -EINVAL);
    assert_int_equal(video_open("http://127.0.0.1:9/video.avi", &video, &why), -EINVAL);
    assert_null(video);
}

/* Cut anywhere, or with bytes overwritten anywhere: frames, an end or an error, never more. */
static void damaged_videos_end(void **state)
{
    AUTO(scratch_free) char *folder = scratch_new();
    AUTO(mem_free) char *path = mem_printf("%s/damaged.avi", folder);
    AUTO(buf_release) struct buf whole = BUF_INIT;
    uint32_t seed = 7;

    avi_make(&whole, 160, 120, 10, 20, numbered);
    for (int round = 0; round < 60; round++) {
        AUTO(buf_release) struct buf file = BUF_INIT;
        AUTO(buf_release) struct buf why = BUF_INIT;
        AUTO(video_close) struct video *video = NULL;
        size_t len = round < 20 ? whole.len * (size_t)round / 20 : whole.len;
        int frames = 0, got = 1;
        buf_add(&file, whole.data, len);
        for (int i = 0; round >= 20 && i < round; i++) {
            seed = seed * 1664525u + 1013904223u;
            file.data[(seed >> 8) % file.len] = (char)seed;
        }
        write_file(path, buf_span(&file));
        if (video_open(path, &video, &why) != 0)
            continue;
        while (got == 1 && frames < 100) {
            AUTO(picture_free) struct picture *picture = NULL;
            got = video_frame_at(video, 0, &picture);
            frames += got == 1;
        }
        assert_true(got == 0 || got == -EIO);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(frames_come_in_order),
    cmocka_unit_test(what_is_no_video),
    cmocka_unit_test(damaged_videos_end),
};

int main(void)
{
    return cmocka_run_group_tests_name("video", tests, NULL, NULL);
}

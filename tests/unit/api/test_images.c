/* Pictures: the thumbnails folder, a detection's image, a camera's newest picture; and the ways out
 * of their folders that are closed (contract §33, 5). */
#include "site.h"

static int set_up(void **state)
{
    struct site *site = site_open(NULL);
    site_add_camera(site, "porch", "Porch");
    *state = site;
    return 0;
}

static int tear_down(void **state)
{
    struct site *site = *state;
    site_close(&site);
    return 0;
}

static void put_picture(const char *folder, const char *name)
{
    AUTO(picture_free) struct picture *picture = paint_scene(320, 240);
    AUTO(buf_release) struct buf jpeg = BUF_INIT;
    add_jpeg(&jpeg, picture);
    site_put(folder, name, buf_span(&jpeg));
}

static void put_link(const char *target, const char *folder, const char *name)
{
    AUTO(mem_free) char *path = mem_printf("%s/%s", folder, name);
    assert_int_equal(symlink(target, path), 0);
}

/* ---- /api/media/thumbnails ---- */

static void test_a_thumbnail_is_served(void **state)
{
    struct site *site = *state;
    site_put(site->thumbnails, "7_thumb.jpg", SPAN_LITERAL("0123456789"));
    site_get(site, "/api/media/thumbnails/7_thumb.jpg", 200);
    assert_true(site_header_is(site, "Content-Type", "image/jpeg"));
    assert_true(site_header_is(site, "Cache-Control", "private, max-age=3600"));
    assert_true(site_header_is(site, "Content-Disposition", "inline; filename=\"7_thumb.jpg\""));
    assert_string_equal(buf_text(&site->answer.body), "0123456789");

    struct span tag = http_answer_header(&site->answer, "ETag");
    AUTO(mem_free)
    char *same = mem_printf("If-None-Match: %.*s\r\n", (int)tag.len, tag.at);
    site_ask(site, "GET", "/api/media/thumbnails/7_thumb.jpg", same, 304);
    site_ask(site, "GET", "/api/media/thumbnails/7_thumb.jpg", "Range: bytes=2-4\r\n", 206);
    assert_string_equal(buf_text(&site->answer.body), "234");
    site_ask(site, "HEAD", "/api/media/thumbnails/7_thumb.jpg", "", 200);
    assert_int_equal(site->answer.body.len, 0);
}

static void test_the_ways_out_are_closed(void **state)
{
    struct site *site = *state;
    static const char *const refused[] = {
        "/api/media/thumbnails/../vigil.db",
        "/api/media/thumbnails/..%2fvigil.db",
        "/api/media/thumbnails/%2e%2e/vigil.db",
        "/api/media/thumbnails/%2e%2e%2fvigil.db",
        "/api/media/thumbnails/a/../../vigil.db",
        "/api/media/thumbnails//etc/passwd",
        "/api/media/thumbnails/%2fetc/passwd",
        "/api/media/thumbnails/out.jpg",
        "/api/media/thumbnails/up/secret.jpg",
        "/api/media/thumbnails/notes.txt",
        "/api/media/thumbnails/none",
    };
    site_put(site->folder, "secret.jpg", SPAN_LITERAL("secret"));
    site_put(site->thumbnails, "notes.txt", SPAN_LITERAL("notes"));
    site_put(site->thumbnails, "none", SPAN_LITERAL("no extension"));
    put_link("../secret.jpg", site->thumbnails, "out.jpg");
    put_link("..", site->thumbnails, "up");

    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        site_get(site, refused[i], 403);
        assert_string_not_equal(site_member(site, "detail.error"), "");
        assert_string_not_equal(site_member(site, "detail.path"), "");
    }
    site_get(site, "/api/media/thumbnails/missing.jpg", 404);
    assert_member(site, "detail.path", "missing.jpg");
    site_get(site, "/api/media/thumbnails/%252e%252e%252fvigil.db", 404);
    site_get(site, "/api/media/thumbnails/", 404);
}

/* ---- /api/detections/{detection_id}/image ---- */

static int64_t add_seen(struct site *site, const char *path)
{
    return site_add_detection(site, (struct detection){.camera_id = "porch",
                                                       .file_path = (char *)(uintptr_t)path,
                                                       .detected_at = TIME_SECOND,
                                                       .confidence = 0.9,
                                                       .bbox_x = 10,
                                                       .bbox_y = 10,
                                                       .bbox_width = 50,
                                                       .bbox_height = 40,
                                                       .video_width = 320,
                                                       .video_height = 240});
}

static void test_a_thumbnail_is_made_when_asked_for(void **state)
{
    struct site *site = *state;
    AUTO(mem_free) char *folder = mem_printf("%s/porch", site->cameras);
    AUTO(mem_free) char *path = mem_printf("%s/a.jpg", folder);
    put_picture(folder, "a.jpg");
    add_seen(site, path);

    site_get(site, "/api/detections/1/image", 200);
    assert_true(site_header_is(site, "Content-Type", "image/jpeg"));
    assert_true(site_header_is(site, "Cache-Control", "private, max-age=3600"));
    AUTO(picture_free) struct picture *picture = NULL;
    struct picture_refusal why = {0};
    assert_int_equal(
        picture_decode(buf_span(&site->answer.body), PICTURE_RGB, 0, 0, &picture, &why), 0);
    assert_int_equal(picture->width, 160);
    assert_int_equal(picture->height, 120);
    assert_int_equal(scratch_count(site->thumbnails), 1);

    site_get(site, "/api/detections/1", 200);
    assert_string_not_equal(site_member(site, "thumbnail_path"), "");
    site_get(site, "/api/media/detections/1", 200); /* its older address */
    site_get(site, "/api/detections/1/image?full=true", 200);
    AUTO(picture_free) struct picture *original = NULL;
    assert_int_equal(
        picture_decode(buf_span(&site->answer.body), PICTURE_RGB, 0, 0, &original, &why), 0);
    assert_int_equal(original->width, 320);

    /* The thumbnail stays when the picture goes. */
    assert_int_equal(unlink(path), 0);
    site_get(site, "/api/detections/1/image", 200);
    site_get(site, "/api/detections/1/image?full=true", 404);
    assert_member(site, "error_code", "FILE_NOT_FOUND");
}

static void test_images_that_cannot_be(void **state)
{
    struct site *site = *state;
    AUTO(mem_free) char *folder = mem_printf("%s/porch", site->cameras);
    AUTO(mem_free) char *gone = mem_printf("%s/gone.jpg", folder);
    AUTO(mem_free) char *broken = mem_printf("%s/broken.jpg", folder);
    AUTO(mem_free) char *text = mem_printf("%s/a.txt", folder);
    AUTO(mem_free) char *outside = mem_printf("%s/secret.jpg", site->folder);
    site_put(folder, "broken.jpg", SPAN_LITERAL("this is no picture"));
    site_put(folder, "a.txt", SPAN_LITERAL("text"));
    site_put(site->folder, "secret.jpg", SPAN_LITERAL("secret"));
    add_seen(site, gone);
    add_seen(site, broken);
    add_seen(site, outside);
    add_seen(site, text);

    site_get(site, "/api/detections/1/image", 404);
    site_get(site, "/api/detections/1/image?full=1", 404);
    site_get(site, "/api/detections/2/image", 500);
    assert_member(site, "error_code", "THUMBNAIL_GENERATION_FAILED");
    site_get(site, "/api/detections/2/image?full=1", 200);
    site_get(site, "/api/detections/3/image?full=1", 403);
    site_get(site, "/api/detections/4/image?full=1", 403);
    site_get(site, "/api/detections/9/image", 404);
    assert_member(site, "error_code", "DETECTION_NOT_FOUND");
    site_get(site, "/api/detections/1/image?full=perhaps", 422);
}

/* ---- /api/cameras/{camera_id}/snapshot ---- */

static void date(const char *folder, const char *name, time_t modified)
{
    AUTO(mem_free) char *path = mem_printf("%s/%s", folder, name);
    const struct timespec times[2] = {{.tv_sec = modified}, {.tv_sec = modified}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void put_dated(const char *folder, const char *name, const char *text, time_t modified)
{
    site_put(folder, name, span_of(text));
    date(folder, name, modified);
}

static void test_the_newest_picture_is_shown(void **state)
{
    struct site *site = *state;
    AUTO(mem_free) char *folder = mem_printf("%s/porch", site->cameras);
    AUTO(mem_free) char *deep = mem_printf("%s/2025/11", folder);
    AUTO(mem_free) char *year = mem_printf("%s/2025", folder);

    site_get(site, "/api/cameras/porch/snapshot", 404);
    assert_member(site, "error_code", "FILE_NOT_FOUND");
    assert_int_equal(mkdir(year, 0700) | mkdir(deep, 0700), 0);
    put_dated(folder, "old.jpg", "old", 1000);
    put_dated(deep, "new.PNG", "new", 2000);
    put_dated(folder, "newer.txt", "no picture", 3000);
    put_dated(folder, ".newer.jpg", "hidden", 3000);
    put_dated(folder, "newer.jpg", "", 3000);
    put_dated(site->folder, "secret.jpg", "secret", 4000);
    put_link("../../secret.jpg", folder, "link.jpg");
    put_link("../..", folder, "linked");

    site_get(site, "/api/cameras/porch/snapshot", 200);
    assert_string_equal(buf_text(&site->answer.body), "new");
    assert_true(site_header_is(site, "Content-Type", "image/png"));
    assert_true(site_header_is(site, "Cache-Control", "no-cache"));
    put_dated(folder, "newest.jpg", "newest", 2001);
    site_get(site, "/api/cameras/porch/snapshot", 200);
    assert_string_equal(buf_text(&site->answer.body), "newest");
    site_get(site, "/api/cameras/nobody/snapshot", 404);
    assert_member(site, "error_code", "CAMERA_NOT_FOUND");
}

static void test_garbage_hides_no_picture(void **state)
{
    struct site *site = *state;
    AUTO(mem_free) char *folder = mem_printf("%s/porch", site->cameras);
    AUTO(picture_free) struct picture *scene = paint_scene(64, 48);
    AUTO(buf_release) struct buf jpeg = BUF_INIT;
    add_jpeg(&jpeg, scene);
    struct span half = {jpeg.data, jpeg.len / 2};

    put_picture(folder, "good.jpg");
    date(folder, "good.jpg", 1000);
    put_dated(folder, "garbage.jpg", "garbage, not a picture", 2000);
    site_put(folder, "half.jpg", half);
    date(folder, "half.jpg", 3000);
    site_get(site, "/api/cameras/porch/snapshot", 200);
    assert_true(site_header_is(site, "Content-Disposition", "inline; filename=\"good.jpg\""));
    for (int i = 0; i < 20; i++) {
        AUTO(mem_free) char *name = mem_printf("more-%d.jpg", i);
        put_dated(folder, name, "garbage, not a picture", 4000 + i);
    }
    site_get(site, "/api/cameras/porch/snapshot", 200); /* too much of it: the newest */
    assert_true(site_header_is(site, "Content-Disposition", "inline; filename=\"more-19.jpg\""));
}

static void test_a_folder_that_leads_out_shows_nothing(void **state)
{
    struct site *site = *state;
    AUTO(mem_free) char *outside = site_folder(site, "outside");
    put_dated(outside, "a.jpg", "secret", 1000);
    put_link("../outside", site->cameras, "linked");
    site_send(site, "POST", "/api/cameras", "{\"name\":\"L\",\"folder_path\":\"linked\"}", 201);
    site_send(site, "POST", "/api/cameras", "{\"name\":\"M\",\"folder_path\":\"missing\"}", 201);
    site_get(site, "/api/cameras/linked/snapshot", 403);
    site_get(site, "/api/cameras/missing/snapshot", 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_thumbnail_is_served, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_ways_out_are_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_thumbnail_is_made_when_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_images_that_cannot_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_newest_picture_is_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_garbage_hides_no_picture, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_folder_that_leads_out_shows_nothing, set_up,
                                        tear_down),
    };
    return RUN_TESTS(tests);
}

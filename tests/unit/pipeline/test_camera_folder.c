#include "unit.h"

#include "pipeline/camera_folder.h"

#include <errno.h>
#include <string.h>

static void names_cameras(void **state)
{
    static const struct {
        const char *folder, *id;
    } known[] = {
        {"porch", "porch"},
        {"Front Door", "front_door"},
        {"  Back-Yard  ", "back_yard"},
        {"cam__01", "cam_01"},
        {"cam - _ 2", "cam_2"},
        {"_hidden_", "hidden"},
        {"side.gate", "sidegate"},
        {"a\tb\nc", "a_b_c"},
        {"Caf\xc3\xa9 Terrasse", "caf_terrasse"},
        {"M\xc3\xbclleimer", "mlleimer"},
        {"UPPER", "upper"},
        {"7", "7"},
        {"\xff\xfe"
         "x",
         "x"},
    };
    char id[CAMERA_ID_SIZE];

    for (size_t i = 0; i < COUNT_OF(known); i++) {
        assert_int_equal(camera_id_normalise(span_of(known[i].folder), id), 0);
        assert_string_equal(id, known[i].id);
    }
}

static void refuses_names_without_a_letter(void **state)
{
    static const char *const nothing[] = {"", " ", "---", "_", "...", "!?"};
    char id[CAMERA_ID_SIZE] = "kept";

    for (size_t i = 0; i < COUNT_OF(nothing); i++)
        assert_int_equal(camera_id_normalise(span_of(nothing[i]), id), -EINVAL);
    assert_string_equal(id, "kept");
}

static void names_other_scripts_by_digest(void **state)
{
    char one[CAMERA_ID_SIZE], again[CAMERA_ID_SIZE], other[CAMERA_ID_SIZE];

    assert_int_equal(camera_id_normalise(span_of("\xe7\x8e\x84\xe9\x96\xa2"), one), 0);
    assert_int_equal(camera_id_normalise(span_of("\xe7\x8e\x84\xe9\x96\xa2"), again), 0);
    assert_int_equal(camera_id_normalise(span_of("\xe5\xba\xad"), other), 0);
    assert_int_equal(strlen(one), 7 + 8);
    assert_int_equal(strncmp(one, "camera_", 7), 0);
    assert_string_equal(one, again);
    assert_string_not_equal(one, other);
}

static void cuts_long_names(void **state)
{
    char folder[255], id[CAMERA_ID_SIZE];

    for (size_t at = 55; at < 70; at++) {
        memset(folder, 'a', sizeof(folder));
        folder[at] = '-';
        assert_int_equal(camera_id_normalise((struct span){folder, sizeof(folder)}, id), 0);
        assert_in_range(strlen(id), 63, 64);
        assert_int_not_equal(id[strlen(id) - 1], '_');
    }
}

static void finds_the_folder(void **state)
{
    struct span root = span_of("/srv/cams"), folder;

    assert_int_equal(camera_folder_of(root, span_of("/srv/cams/porch/a.jpg"), &folder), 0);
    assert_true(span_is(folder, "porch"));
    assert_int_equal(camera_folder_of(root, span_of("/srv/cams/x y/2026/11/a.jpg"), &folder), 0);
    assert_true(span_is(folder, "x y"));
    assert_int_equal(camera_folder_of(root, span_of("/srv/cams/a.jpg"), &folder), -ENOENT);
    assert_int_equal(camera_folder_of(root, span_of("/srv/cams"), &folder), -EINVAL);
    assert_int_equal(camera_folder_of(root, span_of("/srv/cams/"), &folder), -EINVAL);
    assert_int_equal(camera_folder_of(root, span_of("/srv/camsX/p/a.jpg"), &folder), -EINVAL);
    assert_int_equal(camera_folder_of(root, span_of("/srv/cams/../a.jpg"), &folder), -EINVAL);
    assert_int_equal(camera_folder_of(root, span_of("/srv/cams//a.jpg"), &folder), -EINVAL);
    assert_int_equal(camera_folder_of(root, span_of(""), &folder), -EINVAL);
}

static void knows_media(void **state)
{
    assert_int_equal(media_kind_of(span_of("a.jpg")), MEDIA_IMAGE);
    assert_int_equal(media_kind_of(span_of("A.JPEG")), MEDIA_IMAGE);
    assert_int_equal(media_kind_of(span_of("x.PnG")), MEDIA_IMAGE);
    assert_int_equal(media_kind_of(span_of("x.mp4")), MEDIA_VIDEO);
    assert_int_equal(media_kind_of(span_of("x.mkv")), MEDIA_VIDEO);
    assert_int_equal(media_kind_of(span_of("x.avi")), MEDIA_VIDEO);
    assert_int_equal(media_kind_of(span_of("x.MOV")), MEDIA_VIDEO);
    assert_int_equal(media_kind_of(span_of("x.gif")), MEDIA_OTHER);
    assert_int_equal(media_kind_of(span_of("x.jpg.tmp")), MEDIA_OTHER);
    assert_int_equal(media_kind_of(span_of(".jpg")), MEDIA_OTHER);
    assert_int_equal(media_kind_of(span_of("jpg")), MEDIA_OTHER);
    assert_int_equal(media_kind_of(span_of("")), MEDIA_OTHER);
    assert_string_equal(media_mime_of(span_of("A.JPEG")), "image/jpeg");
    assert_string_equal(media_mime_of(span_of("a.png")), "image/png");
    assert_string_equal(media_mime_of(span_of("a.txt")), "application/octet-stream");
    assert_true(media_is_hidden(span_of(".a.jpg")));
    assert_false(media_is_hidden(span_of("a.jpg")));
}

static void checks_utf8(void **state)
{
    static const char *const good[] = {"",
                                       "abc",
                                       "\xc3\xa9",
                                       "\xe2\x82\xac",
                                       "\xf0\x9f\x98\x80",
                                       "\xed\x9f\xbf",
                                       "\xf4\x8f\xbf\xbf",
                                       "a\nb"};
    static const char *const bad[] = {"\x80",         "\xc0\xaf",      "\xc3",
                                      "\xe0\x80\xaf", "\xed\xa0\x80",  "\xf4\x90\x80\x80",
                                      "\xff",         "a\xf0\x9f\x98", "\xe2\x28\xa1"};

    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(text_is_utf8(span_of(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(text_is_utf8(span_of(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_cameras),
        cmocka_unit_test(refuses_names_without_a_letter),
        cmocka_unit_test(names_other_scripts_by_digest),
        cmocka_unit_test(cuts_long_names),
        cmocka_unit_test(finds_the_folder),
        cmocka_unit_test(knows_media),
        cmocka_unit_test(checks_utf8),
    };
    return RUN_TESTS(tests);
}

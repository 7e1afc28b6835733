#include "media/picture.h"

#include "support/pictures.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <turbojpeg.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

static void refusal_release(struct picture_refusal *why)
{
    buf_release(&why->detail);
}

static void assert_refused(struct span file, const char *reason)
{
    AUTO(picture_free) struct picture *picture = NULL;
    AUTO(refusal_release) struct picture_refusal why = {0};

    assert_int_equal(picture_decode(file, PICTURE_RGB, 0, 0, &picture, &why), -EINVAL);
    assert_null(picture);
    assert_string_equal(why.reason, reason);
    assert_true(why.detail.len > 0);
}

static struct picture *decode(struct span file, enum picture_format format, int width, int height)
{
    AUTO(refusal_release) struct picture_refusal why = {0};
    struct picture *picture = NULL;

    int error = picture_decode(file, format, width, height, &picture, &why);
    if (error)
        fail_msg("refused: %d %s: %s", error, why.reason, buf_text(&why.detail));
    return picture;
}

static void assert_pixel(const struct picture *picture, int x, int y, uint32_t colour,
                         int tolerance)
{
    const uint8_t *at = picture->pixels + ((size_t)y * (size_t)picture->width + (size_t)x) * 3;

    for (int c = 0; c < 3; c++)
        assert_true(abs(at[c] - (int)(colour >> (16 - 8 * c) & 0xff)) <= tolerance);
}

/* Left half red, right half blue. */
static struct picture *two_halves(int width, int height)
{
    struct picture *picture = picture_new(PICTURE_RGB, width, height);

    paint_rectangle(picture, 0, 0, width / 2, height, 0xC82010);
    paint_rectangle(picture, width / 2, 0, width, height, 0x1030C0);
    return picture;
}

static void a_jpeg_comes_back_as_it_was(void **state)
{
    AUTO(picture_free) struct picture *drawn = two_halves(320, 200);
    AUTO(buf_release) struct buf file = BUF_INIT;

    add_jpeg(&file, drawn);
    AUTO(picture_free) struct picture *colour = decode(buf_span(&file), PICTURE_RGB, 0, 0);
    assert_int_equal(colour->width, 320);
    assert_int_equal(colour->height, 200);
    assert_pixel(colour, 40, 100, 0xC82010, 6);
    assert_pixel(colour, 280, 100, 0x1030C0, 6);

    AUTO(picture_free) struct picture *gray = decode(buf_span(&file), PICTURE_GRAY, 0, 0);
    assert_int_equal(gray->format, PICTURE_GRAY);
    assert_true(abs(gray->pixels[100 * 320 + 40] - (0xC8 * 77 + 0x20 * 150 + 0x10 * 29) / 256) < 5);
}

static void scaling_never_goes_below_the_wish(void **state)
{
    static const struct {
        int width, height, min_width, min_height, expected_width, expected_height;
    } cases[] = {
        {1280, 720, 640, 360, 640, 360}, {1280, 720, 640, 0, 640, 360},
        {1280, 720, 300, 100, 320, 180}, {1280, 720, 641, 0, 1280, 720},
        {1281, 721, 640, 360, 641, 361}, {100, 80, 640, 360, 100, 80},
        {1280, 720, 1, 1, 160, 90},      {1280, 720, 0, 0, 1280, 720},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(picture_free) struct picture *drawn = two_halves(cases[i].width, cases[i].height);
        AUTO(buf_release) struct buf jpeg = BUF_INIT;
        AUTO(buf_release) struct buf png = BUF_INIT;
        add_jpeg(&jpeg, drawn);
        add_png(&png, drawn->pixels, drawn->width, drawn->height, PNG_FORMAT_RGB, NULL, 0);
        struct span files[] = {buf_span(&jpeg), buf_span(&png)};
        for (size_t f = 0; f < COUNT_OF(files); f++) {
            AUTO(picture_free)
            struct picture *picture =
                decode(files[f], PICTURE_RGB, cases[i].min_width, cases[i].min_height);
            assert_int_equal(picture->width, cases[i].expected_width);
            assert_int_equal(picture->height, cases[i].expected_height);
            assert_int_equal(picture->full_width, cases[i].width);
            assert_int_equal(picture->full_height, cases[i].height);
            assert_pixel(picture, picture->width / 4, picture->height / 2, 0xC82010, 8);
        }
    }
}

static void png_of_every_kind(void **state)
{
    enum { W = 24, H = 16 };
    static uint8_t rgba[W * H * 4], indexes[W * H], gray[W * H];
    static uint16_t deep[W * H * 3];
    static const uint8_t palette[] = {200, 30, 10, 10, 40, 220};

    for (int i = 0; i < W * H; i++) {
        memcpy(&rgba[i * 4], "\xc8\x1e\x0a\x00", 4);
        rgba[i * 4 + 3] = i % W < W / 2 ? 255 : 0;
        indexes[i] = i % W >= W / 2;
        gray[i] = 77;
        deep[i * 3] = 65535;
    }
    AUTO(buf_release) struct buf file = BUF_INIT;
    add_png(&file, rgba, W, H, PNG_FORMAT_RGBA, NULL, 0);
    AUTO(picture_free) struct picture *transparent = decode(buf_span(&file), PICTURE_RGB, 0, 0);
    assert_pixel(transparent, 2, 2, 0xC81E0A, 1);
    assert_pixel(transparent, W - 2, 2, 0x000000, 1);

    buf_reset(&file);
    add_png(&file, indexes, W, H, PNG_FORMAT_RGB_COLORMAP, palette, 2);
    AUTO(picture_free) struct picture *indexed = decode(buf_span(&file), PICTURE_RGB, 0, 0);
    assert_pixel(indexed, 2, 2, 0xC81E0A, 1);
    assert_pixel(indexed, W - 2, 2, 0x0A28DC, 1);

    buf_reset(&file);
    add_png(&file, deep, W, H, PNG_FORMAT_LINEAR_RGB, NULL, 0);
    AUTO(picture_free) struct picture *sixteen = decode(buf_span(&file), PICTURE_RGB, 0, 0);
    assert_pixel(sixteen, 2, 2, 0xFF0000, 1);

    buf_reset(&file);
    add_png(&file, gray, W, H, PNG_FORMAT_GRAY, NULL, 0);
    AUTO(picture_free) struct picture *plain = decode(buf_span(&file), PICTURE_GRAY, 0, 0);
    assert_int_equal(plain->pixels[5], 77);
}

static void a_print_jpeg_is_converted(void **state)
{
    enum { W = 64, H = 48 };
    static uint8_t cmyk[W * H * 4];
    unsigned char *bytes = NULL;
    unsigned long len = 0;
    tjhandle encoder = tjInitCompress();

    for (int i = 0; i < W * H; i++)
        memcpy(&cmyk[i * 4], "\xff\x40\x20\xff", 4);
    assert_int_equal(
        tjCompress2(encoder, cmyk, W, 0, H, TJPF_CMYK, &bytes, &len, TJSAMP_444, 90, 0), 0);
    struct span file = {(char *)bytes, len};
    AUTO(picture_free) struct picture *picture = decode(file, PICTURE_RGB, 0, 0);
    assert_pixel(picture, 20, 20, 0xFF4020, 8);
    AUTO(picture_free) struct picture *gray = decode(file, PICTURE_GRAY, 0, 0);
    assert_int_equal(gray->format, PICTURE_GRAY);
    tjFree(bytes);
    tjDestroy(encoder);
}

static void what_is_no_picture(void **state)
{
    assert_refused((struct span){NULL, 0}, "empty");
    assert_refused(SPAN_LITERAL("GIF89a and so on"), "not_a_picture");
    assert_refused(SPAN_LITERAL("\xff\xd8\xff"), "truncated");
    assert_refused(SPAN_LITERAL("\x89PNG\r\n\x1a\n"), "truncated");

    static char long_text[64 * 1024];
    memset(long_text, 'x', sizeof(long_text));
    assert_refused((struct span){long_text, sizeof(long_text)}, "not_a_picture");
    long_text[0] = '\xff', long_text[1] = '\xd8', long_text[2] = '\xff', long_text[3] = '\xe0';
    AUTO(picture_free) struct picture *picture = NULL;
    assert_int_equal(picture_decode((struct span){long_text, sizeof(long_text)}, PICTURE_RGB, 0, 0,
                                    &picture, NULL),
                     -EINVAL);
}

/* Wherever a file is cut, it is refused: never half a picture. */
static void every_truncation_is_refused(void **state)
{
    AUTO(picture_free) struct picture *drawn = paint_scene(320, 180);
    AUTO(buf_release) struct buf jpeg = BUF_INIT;
    AUTO(buf_release) struct buf png = BUF_INIT;

    paint_noise(drawn, 1, 6);
    add_jpeg(&jpeg, drawn);
    add_png(&png, drawn->pixels, drawn->width, drawn->height, PNG_FORMAT_RGB, NULL, 0);
    for (size_t share = 1; share < 40; share++) {
        assert_refused((struct span){jpeg.data, jpeg.len * share / 40}, "truncated");
        assert_refused((struct span){png.data, png.len * share / 40}, "truncated");
    }
    assert_refused((struct span){jpeg.data, jpeg.len - 40}, "truncated");
}

static size_t find_bytes(const struct buf *file, const char *bytes, size_t len)
{
    const char *at = memmem(file->data, file->len, bytes, len);

    assert_non_null(at);
    return (size_t)(at - file->data);
}

static void claim_size_in_jpeg(struct buf *file, int width, int height)
{
    unsigned char *frame = (unsigned char *)file->data + find_bytes(file, "\xff\xc0", 2);

    frame[5] = (unsigned char)(height >> 8), frame[6] = (unsigned char)height;
    frame[7] = (unsigned char)(width >> 8), frame[8] = (unsigned char)width;
}

static void put_32(unsigned char *at, unsigned long value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (24 - 8 * i));
}

static void claim_size_in_png(struct buf *file, int width, int height)
{
    unsigned char *header = (unsigned char *)file->data + 12; /* "IHDR" */

    put_32(header + 4, (unsigned long)width);
    put_32(header + 8, (unsigned long)height);
    put_32(header + 17, crc32(0, header, 17));
}

static void headers_that_claim_too_much(void **state)
{
    AUTO(picture_free) struct picture *drawn = two_halves(64, 64);
    AUTO(buf_release) struct buf jpeg = BUF_INIT;
    AUTO(buf_release) struct buf png = BUF_INIT;

    add_jpeg(&jpeg, drawn);
    add_png(&png, drawn->pixels, 64, 64, PNG_FORMAT_RGB, NULL, 0);
    claim_size_in_jpeg(&jpeg, 8660, 5774); /* 50 megapixels */
    claim_size_in_png(&png, 8660, 5774);
    assert_refused(buf_span(&jpeg), "too_many_pixels");
    assert_refused(buf_span(&png), "too_many_pixels");
    claim_size_in_png(&png, 1000000, 1000000);
    assert_refused(buf_span(&png), "too_many_pixels");

    claim_size_in_jpeg(&jpeg, 6000, 6000); /* allowed, but not in so few bytes */
    claim_size_in_png(&png, 6000, 6000);
    assert_refused(buf_span(&jpeg), "truncated");
    assert_refused(buf_span(&png), "truncated");

    claim_size_in_jpeg(&jpeg, 65, 640); /* more rows than there are */
    assert_refused(buf_span(&jpeg), "truncated");
    claim_size_in_jpeg(&jpeg, 4, 4);
    assert_refused(buf_span(&jpeg), "too_small");
}

static void a_picture_of_endless_scans(void **state)
{
    AUTO(picture_free) struct picture *drawn = two_halves(320, 200);
    AUTO(buf_release) struct buf file = BUF_INIT;

    add_jpeg(&file, drawn);
    file.len -= 2;
    for (int i = 0; i < 60; i++)
        buf_add(&file, "\xff\xda\0\x08\1\1\0\0\x3f\0", 10);
    buf_add(&file, "\xff\xd9", 2);
    assert_refused(buf_span(&file), "unsupported");
}

/* A phone's picture with a film behind it, by chance full of what looks like scans. */
static void what_follows_the_end_is_no_scan(void **state)
{
    AUTO(picture_free) struct picture *drawn = two_halves(320, 200);
    AUTO(buf_release) struct buf file = BUF_INIT;

    add_jpeg(&file, drawn);
    for (int i = 0; i < 60; i++)
        buf_add(&file, "\xff\xda", 2);
    AUTO(picture_free) struct picture *picture = decode(buf_span(&file), PICTURE_RGB, 0, 0);
    assert_pixel(picture, 280, 190, 0x1030C0, 6);
}

/* Cheap cameras pad between the data and the end marker; nothing of the picture is missing. */
static void padding_before_the_end_is_no_damage(void **state)
{
    AUTO(picture_free) struct picture *drawn = two_halves(320, 200);
    AUTO(buf_release) struct buf file = BUF_INIT;

    add_jpeg(&file, drawn);
    file.len -= 2;
    buf_add(&file, "\0\0\0\0\0\0\0", 7);
    assert_refused(buf_span(&file), "truncated");
    buf_add(&file, "\xff\xd9", 2);
    AUTO(picture_free) struct picture *picture = decode(buf_span(&file), PICTURE_RGB, 0, 0);
    assert_pixel(picture, 280, 190, 0x1030C0, 6);
}

static void rotation_in_exif_is_ignored(void **state)
{
    static const char exif[] =
        "\xff\xe1\x00\x22"
        "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    AUTO(picture_free) struct picture *drawn = two_halves(320, 200);
    AUTO(buf_release) struct buf plain = BUF_INIT;
    AUTO(buf_release) struct buf file = BUF_INIT;

    add_jpeg(&plain, drawn);
    buf_add(&file, plain.data, 2);
    buf_add(&file, exif, sizeof(exif) - 1);
    buf_add(&file, plain.data + 2, plain.len - 2);
    AUTO(picture_free) struct picture *picture = decode(buf_span(&file), PICTURE_RGB, 0, 0);
    assert_int_equal(picture->width, 320);
    assert_pixel(picture, 40, 100, 0xC82010, 6);
}

static int open_scratch(void)
{
    char name[] = "/tmp/vigil-test-XXXXXX";
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    unlink(name);
    return fd;
}

static void reading_from_files(void **state)
{
    AUTO(picture_free) struct picture *drawn = two_halves(64, 48);
    AUTO(picture_free) struct picture *picture = NULL;
    AUTO(refusal_release) struct picture_refusal why = {0};
    AUTO(buf_release) struct buf file = BUF_INIT;
    int fd = open_scratch();

    add_jpeg(&file, drawn);
    assert_int_equal(picture_read(fd, PICTURE_RGB, 0, 0, &picture, &why), -EINVAL);
    assert_string_equal(why.reason, "empty");
    assert_int_equal(write(fd, file.data, file.len), (ssize_t)file.len);
    assert_int_equal(picture_read(fd, PICTURE_RGB, 0, 0, &picture, &why), 0);
    assert_int_equal(picture->width, 64);
    assert_int_equal(ftruncate(fd, PICTURE_BYTES_MAX + 1), 0);
    AUTO(picture_free) struct picture *none = NULL;
    assert_int_equal(picture_read(fd, PICTURE_RGB, 0, 0, &none, &why), -EINVAL);
    assert_string_equal(why.reason, "too_large");
    close(fd);
    assert_int_equal(picture_read(fd, PICTURE_RGB, 0, 0, &none, &why), -EBADF);

    int folder = open("/tmp", O_RDONLY | O_DIRECTORY);
    assert_int_equal(picture_read(folder, PICTURE_RGB, 0, 0, &none, &why), -EINVAL);
    assert_string_equal(why.reason, "not_a_picture");
    assert_null(none);
    close(folder);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_jpeg_comes_back_as_it_was),
    cmocka_unit_test(scaling_never_goes_below_the_wish),
    cmocka_unit_test(png_of_every_kind),
    cmocka_unit_test(a_print_jpeg_is_converted),
    cmocka_unit_test(what_is_no_picture),
    cmocka_unit_test(every_truncation_is_refused),
    cmocka_unit_test(headers_that_claim_too_much),
    cmocka_unit_test(a_picture_of_endless_scans),
    cmocka_unit_test(what_follows_the_end_is_no_scan),
    cmocka_unit_test(padding_before_the_end_is_no_damage),
    cmocka_unit_test(rotation_in_exif_is_ignored),
    cmocka_unit_test(reading_from_files),
};

int main(void)
{
    return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}

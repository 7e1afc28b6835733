/* JPEG in and out, by TurboJPEG.
 *
 * The library goes on after damage and paints what is missing grey; a camera that was cut off in
 * the middle of its upload would look as if something large had appeared. So the first warning ends
 * the decoding and the file is refused. A few warnings are only about bytes that no pixel depends
 * on (cheap cameras pad their files); then the file is decoded again without stopping, and must
 * carry the end marker that a truncated one lacks. */
#include "base/mem.h"
#include "media/picture_private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <turbojpeg.h>

#define JPEG_SCANS_MAX 40

static const char *const harmless_warnings[] = {
    "extraneous bytes before marker",
    "unknown JFIF revision",
    "Unknown Adobe color transform",
    "bad ICC marker",
};

static void decoder_free(tjhandle *decoder)
{
    if (*decoder)
        tjDestroy(*decoder);
    *decoder = NULL;
}

bool jpeg_is(struct span file)
{
    return file.len >= 3 && !memcmp(file.at, "\xff\xd8\xff", 3);
}

static bool warning_is_harmless(const char *message)
{
    for (size_t i = 0; i < COUNT_OF(harmless_warnings); i++)
        if (strstr(message, harmless_warnings[i]))
            return true;
    return false;
}

/* Entropy-coded data never holds FF D9, so one that follows the last FF DA (start of a scan) is
 * the end of the picture. */
static bool has_end_marker(struct span file)
{
    for (size_t i = file.len - 1; i > 0; i--) {
        if (file.at[i - 1] != '\xff')
            continue;
        if (file.at[i] == '\xd9')
            return true;
        if (file.at[i] == '\xda')
            return false;
    }
    return false;
}

/* The next marker's second byte, *at then lies behind it; 0 at the end. What is stuffed into the
 * data (00), restarts it (D0 to D7) or fills (FF) is none. */
static unsigned char next_marker(struct span file, size_t *at)
{
    while (*at + 1 < file.len) {
        const char *found = memchr(file.at + *at, 0xff, file.len - 1 - *at);
        if (!found)
            break;
        *at = (size_t)(found - file.at) + 1;
        unsigned char marker = (unsigned char)file.at[*at];
        if (marker == 0xff)
            continue;
        ++*at;
        if (marker > 0x01 && !(marker >= 0xd0 && marker <= 0xd8))
            return marker;
    }
    return 0;
}

/* A progressive picture is gone through once per scan; a few bytes of a hostile one could ask for
 * hundreds of rounds. Cameras and editors write at most about twenty. Neither what lies inside a
 * segment (a thumbnail) nor what follows the end (phones append a film) is a scan. */
static bool has_too_many_scans(struct span file)
{
    unsigned scans = 0;
    size_t at = 2;
    unsigned char marker;

    while ((marker = next_marker(file, &at)) != 0 && marker != 0xd9 && at + 1 < file.len) {
        scans += marker == 0xda;
        at += (size_t)(unsigned char)file.at[at] << 8 | (unsigned char)file.at[at + 1];
    }
    return scans > JPEG_SCANS_MAX;
}

static int refuse_damaged(tjhandle decoder, struct span file, struct picture_refusal *why)
{
    static const struct {
        const char *part, *reason;
    } known[] = {
        {"Premature end", "truncated"},  {"premature end", "truncated"},
        {"Corrupt", "truncated"},        {"Maximum supported image", "too_many_pixels"},
        {"nsupported", "unsupported"},   {"not supported", "unsupported"},
        {"not compiled", "unsupported"}, {"scans", "unsupported"},
    };
    const char *message = tjGetErrorStr2(decoder);

    if (strstr(message, "nsufficient memory") || strstr(message, "allocation failure"))
        return -ENOMEM;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strstr(message, known[i].part))
            return picture_refuse(why, known[i].reason, "%s", message);
    return picture_refuse(why, has_end_marker(file) ? "not_a_picture" : "truncated",
                          "damaged JPEG: %s", message);
}

static int decompress(tjhandle decoder, struct span file, uint8_t *pixels, int width, int height,
                      int pixel_format, struct picture_refusal *why)
{
    const unsigned char *bytes = (const unsigned char *)file.at;

    if (tjDecompress2(decoder, bytes, file.len, pixels, width, 0, height, pixel_format,
                      TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) == 0)
        return 0;
    if (tjGetErrorCode(decoder) != TJERR_WARNING || !warning_is_harmless(tjGetErrorStr2(decoder)) ||
        !has_end_marker(file))
        return refuse_damaged(decoder, file, why);
    if (tjDecompress2(decoder, bytes, file.len, pixels, width, 0, height, pixel_format,
                      TJFLAG_LIMITSCANS) == 0 ||
        tjGetErrorCode(decoder) == TJERR_WARNING)
        return 0;
    return refuse_damaged(decoder, file, why);
}

/* Print JPEGs come inverted, by a convention of Adobe's that everybody follows. */
static void cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < 3; c++)
            rgb[i * 3 + c] = (uint8_t)(cmyk[i * 4 + c] * cmyk[i * 4 + 3] / 255);
}

static int decode_cmyk(tjhandle decoder, struct span file, struct picture *picture,
                       struct picture_refusal *why)
{
    size_t count = (size_t)picture->width * (size_t)picture->height;
    AUTO(mem_free) uint8_t *cmyk = mem_alloc_array(count, 4);

    int error = decompress(decoder, file, cmyk, picture->width, picture->height, TJPF_CMYK, why);
    if (!error)
        cmyk_to_rgb(cmyk, picture->pixels, count);
    return error;
}

/* The header's verdict is not asked: the library complains of odd subsampling that it decodes. */
static int read_header(tjhandle decoder, struct span file, int *ret_width, int *ret_height,
                       int *ret_colours, struct picture_refusal *why)
{
    int width = 0, height = 0, subsampling = 0, colours = -1;

    int error = tjDecompressHeader3(decoder, (const unsigned char *)file.at, file.len, &width,
                                    &height, &subsampling, &colours);
    if (error && (width <= 0 || height <= 0))
        return refuse_damaged(decoder, file, why);
    if (width <= 0 || height <= 0)
        return picture_refuse(why, has_end_marker(file) ? "not_a_picture" : "truncated",
                              "a JPEG without a picture in it");
    if (colours < 0)
        return picture_refuse(why, "unsupported", "%s", tjGetErrorStr2(decoder));
    *ret_width = width;
    *ret_height = height;
    *ret_colours = colours;
    if (has_too_many_scans(file))
        return picture_refuse(why, "unsupported", "more than %d scans", JPEG_SCANS_MAX);
    return picture_check_size(width, height, file.len, why);
}

static int decode_scaled(tjhandle decoder, struct span file, const struct picture_wish *wish,
                         int colours, struct picture *picture, struct picture_refusal *why)
{
    if (colours == TJCS_CMYK || colours == TJCS_YCCK)
        return decode_cmyk(decoder, file, picture, why);
    return decompress(decoder, file, picture->pixels, picture->width, picture->height,
                      wish->format == PICTURE_RGB ? TJPF_RGB : TJPF_GRAY, why);
}

int jpeg_decode(struct span file, const struct picture_wish *wish, struct picture **ret_picture,
                struct picture_refusal *why)
{
    AUTO(decoder_free) tjhandle decoder = tjInitDecompress();
    AUTO(picture_free) struct picture *picture = NULL;
    int width = 0, height = 0, colours = -1;

    if (!decoder)
        return -ENOMEM;
    int error = read_header(decoder, file, &width, &height, &colours, why);
    if (error)
        return error;

    tjscalingfactor scale = {1, picture_shrink_factor(wish, width, height)};
    bool printed = colours == TJCS_CMYK || colours == TJCS_YCCK;
    picture = picture_new(printed ? PICTURE_RGB : wish->format, TJSCALED(width, scale),
                          TJSCALED(height, scale));
    picture->full_width = width;
    picture->full_height = height;
    error = decode_scaled(decoder, file, wish, colours, picture, why);
    if (error)
        return error;
    *ret_picture =
        printed && wish->format == PICTURE_GRAY ? picture_to_gray(picture) : TAKE(picture);
    return 0;
}

int picture_encode_jpeg(const struct picture *picture, int quality, struct buf *out)
{
    AUTO(decoder_free) tjhandle encoder = tjInitCompress();
    bool rgb = picture->format == PICTURE_RGB;
    int subsampling = rgb ? TJSAMP_420 : TJSAMP_GRAY;
    unsigned long len = tjBufSize(picture->width, picture->height, subsampling);

    assert(quality >= 1 && quality <= 100);
    if (!encoder)
        return -ENOMEM;
    if (len == (unsigned long)-1)
        return -EINVAL;
    unsigned char *bytes = (unsigned char *)buf_reserve(out, len);
    if (tjCompress2(encoder, picture->pixels, picture->width, 0, picture->height,
                    rgb ? TJPF_RGB : TJPF_GRAY, &bytes, &len, subsampling, quality,
                    TJFLAG_NOREALLOC) != 0)
        return -EINVAL;
    out->len += len;
    return 0;
}

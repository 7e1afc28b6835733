/* PNG in, by libpng's simplified interface: palettes, alpha (on black), 16 bits and interlacing all
 * come out as 8-bit RGB. libpng's own ceilings on text and colour profiles stay in force. */
#include "base/mem.h"
#include "media/picture_private.h"

#include <assert.h>
#include <errno.h>
#include <png.h>
#include <string.h>

bool png_is(struct span file)
{
    return file.len >= 8 && !memcmp(file.at, "\x89PNG\r\n\x1a\n", 8);
}

static int refuse_damaged(const png_image *image, struct picture_refusal *why)
{
    static const char *const truncations[] = {"read beyond end", "Not enough", "Truncated",
                                              "too short", "End of"};

    if (strstr(image->message, "memory"))
        return -ENOMEM;
    for (size_t i = 0; i < COUNT_OF(truncations); i++)
        if (strcasestr(image->message, truncations[i]))
            return picture_refuse(why, "truncated", "%s", image->message);
    return picture_refuse(why, "not_a_picture", "damaged PNG: %s", image->message);
}

static int decode_full(png_image *image, struct span file, struct picture **ret_picture,
                       struct picture_refusal *why)
{
    static const png_color black = {0, 0, 0};
    AUTO(picture_free) struct picture *picture = NULL;

    int error = picture_check_size(image->width, image->height, file.len, why);
    if (error)
        return error;
    picture = picture_new(PICTURE_RGB, (int)image->width, (int)image->height);
    image->format = PNG_FORMAT_RGB;
    if (!png_image_finish_read(image, &black, picture->pixels, 0, NULL))
        return refuse_damaged(image, why);
    *ret_picture = TAKE(picture);
    return 0;
}

/* To the size that the same picture would have as a JPEG, so that a caller sees one behaviour. */
static struct picture *shrink(struct picture *full, const struct picture_wish *wish)
{
    assert(full);
    int factor = picture_shrink_factor(wish, full->width, full->height);

    if (factor == 1)
        return full;
    struct picture *small = picture_scale(full, (full->width + factor - 1) / factor,
                                          (full->height + factor - 1) / factor);
    picture_free(&full);
    return small;
}

int png_decode(struct span file, const struct picture_wish *wish, struct picture **ret_picture,
               struct picture_refusal *why)
{
    AUTO(picture_free) struct picture *picture = NULL;
    AUTO(png_image_free) png_image image = {.version = PNG_IMAGE_VERSION};

    if (!png_image_begin_read_from_memory(&image, file.at, file.len))
        return refuse_damaged(&image, why);
    int error = decode_full(&image, file, &picture, why);
    if (error)
        return error;
    picture = shrink(TAKE(picture), wish);
    *ret_picture = wish->format == PICTURE_GRAY ? picture_to_gray(picture) : TAKE(picture);
    return 0;
}

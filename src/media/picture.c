#include "media/picture.h"

#include "base/mem.h"
#include "media/picture_private.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

void picture_free(struct picture **picture)
{
    if (!*picture)
        return;
    mem_free(&(*picture)->pixels);
    mem_free(picture);
}

struct picture *picture_new(enum picture_format format, int width, int height)
{
    assert(width > 0 && height > 0 && (long long)width * height <= PICTURE_PIXELS_MAX);
    struct picture *picture = mem_alloc(sizeof(*picture));
    size_t channels = format == PICTURE_RGB ? 3 : 1;

    picture->format = format;
    picture->width = picture->full_width = width;
    picture->height = picture->full_height = height;
    picture->pixels = mem_alloc_array((size_t)width * (size_t)height, channels);
    return picture;
}

int picture_refuse(struct picture_refusal *why, const char *reason, const char *format, ...)
{
    va_list args;

    if (!why)
        return -EINVAL;
    why->reason = reason;
    buf_reset(&why->detail);
    va_start(args, format);
    buf_vaddf(&why->detail, format, args);
    va_end(args);
    return -EINVAL;
}

int picture_check_size(long long width, long long height, size_t len, struct picture_refusal *why)
{
    if (width < PICTURE_SIDE_MIN || height < PICTURE_SIDE_MIN)
        return picture_refuse(why, "too_small", "%lldx%lld pixels; at least %dx%d are needed",
                              width, height, PICTURE_SIDE_MIN, PICTURE_SIDE_MIN);
    if (width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX ||
        width * height > PICTURE_PIXELS_MAX)
        return picture_refuse(why, "too_many_pixels", "%lldx%lld pixels; at most %lld are taken",
                              width, height, PICTURE_PIXELS_MAX);
    if (width * height / PICTURE_PIXELS_PER_BYTE_MAX > (long long)len)
        return picture_refuse(why, "truncated", "%zu bytes cannot hold %lldx%lld pixels", len,
                              width, height);
    return 0;
}

int picture_shrink_factor(const struct picture_wish *wish, int width, int height)
{
    int factor = 8;

    if (wish->min_width <= 0 && wish->min_height <= 0)
        return 1;
    while (factor > 1 && (width / factor < wish->min_width || height / factor < wish->min_height))
        factor /= 2;
    return factor;
}

int picture_decode(struct span file, enum picture_format format, int min_width, int min_height,
                   struct picture **ret_picture, struct picture_refusal *why)
{
    struct picture_wish wish = {format, min_width, min_height};

    if (file.len == 0)
        return picture_refuse(why, "empty", "the file is empty");
    if (file.len > PICTURE_BYTES_MAX)
        return picture_refuse(why, "too_large", "%zu bytes; at most %lld are taken", file.len,
                              PICTURE_BYTES_MAX);
    if (jpeg_is(file))
        return jpeg_decode(file, &wish, ret_picture, why);
    if (png_is(file))
        return png_decode(file, &wish, ret_picture, why);
    return picture_refuse(why, "not_a_picture", "neither JPEG nor PNG by its first bytes");
}

/* From the beginning whatever the file's position is; a file that shrinks meanwhile gives less. */
static int read_whole(int fd, size_t size, struct buf *out)
{
    while (out->len < size) {
        ssize_t got =
            pread(fd, buf_reserve(out, size - out->len), size - out->len, (off_t)out->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            return 0;
        out->len += (size_t)got;
    }
    return 0;
}

int picture_read(int fd, enum picture_format format, int min_width, int min_height,
                 struct picture **ret_picture, struct picture_refusal *why)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;
    struct stat status;

    if (fstat(fd, &status) != 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return picture_refuse(why, "not_a_picture", "not a regular file");
    if (status.st_size > PICTURE_BYTES_MAX)
        return picture_refuse(why, "too_large", "%lld bytes; at most %lld are taken",
                              (long long)status.st_size, PICTURE_BYTES_MAX);
    int error = read_whole(fd, (size_t)status.st_size, &bytes);
    if (error)
        return error;
    return picture_decode(buf_span(&bytes), format, min_width, min_height, ret_picture, why);
}

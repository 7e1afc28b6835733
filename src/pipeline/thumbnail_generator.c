#include "pipeline/thumbnail_generator.h"

#include "base/mem.h"
#include "media/draw.h"
#include "pipeline/file_write.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A thumbnail of the default size looks the same from twice its pixels as from all of them. */
#define DECODE_WIDTH_MIN 640

static void close_file(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void refusal_release(struct picture_refusal *refusal)
{
    buf_release(&refusal->detail);
}

static int fail(int error, struct buf *why, const char *doing, const char *path)
{
    buf_setf(why, "%s %s: %s", doing, path, strerror(-error));
    return error;
}

static int load(const struct thumbnail_settings *settings, const struct detection *detection,
                struct span file, struct picture **ret_picture, struct buf *why)
{
    AUTO(refusal_release) struct picture_refusal refusal = {0};
    AUTO(close_file) int fd = -1;
    int wish = settings->width > DECODE_WIDTH_MIN ? settings->width : DECODE_WIDTH_MIN;
    int error;

    if (file.at) {
        error = picture_decode(file, PICTURE_RGB, wish, 0, ret_picture, &refusal);
    } else {
        fd = open(detection->file_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
            return fail(-errno, why, "cannot open", detection->file_path);
        error = picture_read(fd, PICTURE_RGB, wish, 0, ret_picture, &refusal);
    }
    if (error && refusal.reason)
        buf_setf(why, "%s: %s (%s)", detection->file_path, buf_text(&refusal.detail),
                 refusal.reason);
    else if (error)
        return fail(error, why, "cannot read", detection->file_path);
    return error;
}

static int draw(const struct thumbnail_settings *settings, const struct detection *detection,
                const struct picture *picture, struct buf *jpeg)
{
    char label[64];
    struct draw_box box = {
        .x = detection->bbox_x,
        .y = detection->bbox_y,
        .width = detection->bbox_width,
        .height = detection->bbox_height,
        .label = label,
        .colour = draw_class_colour(detection->object_type ? detection->object_type : ""),
    };

    snprintf(label, sizeof(label), "%.40s %.2f",
             detection->object_type ? detection->object_type : "", detection->confidence);
    AUTO(picture_free)
    struct picture *thumbnail =
        draw_thumbnail(picture, &box, 1, settings->width, settings->height, settings->font_size);
    return picture_encode_jpeg(thumbnail, settings->quality, jpeg);
}

int thumbnail_generate(const struct thumbnail_settings *settings, const struct detection *detection,
                       struct span file, struct buf *ret_path, struct buf *why)
{
    AUTO(picture_free) struct picture *picture = NULL;
    AUTO(buf_release) struct buf jpeg = BUF_INIT;

    int error = load(settings, detection, file, &picture, why);
    if (error)
        return error;
    AUTO(mem_free)
    char *path = mem_printf("%s/%" PRId64 "_thumb.jpg", settings->folder, detection->id);
    error = draw(settings, detection, picture, &jpeg);
    if (error)
        return fail(error, why, "cannot encode", path);
    if (mkdir(settings->folder, 0750) != 0 && errno != EEXIST)
        return fail(-errno, why, "cannot create", settings->folder);
    error = file_write(path, buf_span(&jpeg), 0640);
    if (error)
        return fail(error, why, "cannot write", path);
    buf_reset(ret_path);
    buf_add_text(ret_path, path);
    return 0;
}

#include "main/feed_source.h"

#include "base/mem.h"
#include "base/time.h"
#include "main/scenes.h"
#include "media/picture.h"
#include "media/video.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

struct feed_kind {
    const char *name;
    int (*open)(struct feed_source *source, struct buf *why);
    int (*next)(struct feed_source *source, double seconds, struct buf *ret_jpeg, struct buf *why);
    void (*close)(struct feed_source *source);
};

struct feed_source {
    const struct feed_kind *kind;
    struct feed_settings settings;
    struct video *video;
    bool shown_any;        /* of this round of the video */
    char **files;          /* names, sorted */
    size_t file_count, at; /* at: the next one */
};

static void refusal_release(struct picture_refusal *refusal)
{
    buf_release(&refusal->detail);
}

static void close_file(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int encode(const struct feed_source *source, const struct picture *picture, struct buf *out,
                  struct buf *why)
{
    int width = source->settings.width, height = source->settings.height;
    AUTO(picture_free) struct picture *scaled = NULL;

    if (width && (width != picture->width || height != picture->height)) {
        scaled = picture_scale(picture, width, height);
        picture = scaled;
    }
    int error = picture_encode_jpeg(picture, FEED_QUALITY, out);
    if (error)
        buf_setf(why, "cannot encode a picture: %s", strerror(-error));
    return error ? error : 1;
}

/* Drawn scenes. */

static int scenes_open(struct feed_source *source, struct buf *why)
{
    return 0;
}

static int scenes_next(struct feed_source *source, double seconds, struct buf *ret_jpeg,
                       struct buf *why)
{
    const struct feed_settings *settings = &source->settings;
    int width = settings->width ? settings->width : SCENES_WIDTH;
    int height = settings->height ? settings->height : SCENES_HEIGHT;

    if (settings->repeat == FEED_ONCE && seconds >= scenes_length())
        return 0;
    AUTO(picture_free)
    struct picture *picture = scenes_draw(seconds, width, height, settings->camera, time_now());
    return encode(source, picture, ret_jpeg, why);
}

static void scenes_close(struct feed_source *source)
{
}

/* A video. */

static int video_begin(struct feed_source *source, struct buf *why)
{
    source->shown_any = false;
    return video_open(source->settings.source, &source->video, why);
}

static int video_next(struct feed_source *source, double seconds, struct buf *ret_jpeg,
                      struct buf *why)
{
    AUTO(picture_free) struct picture *picture = NULL;

    if (!source->video) {
        int error = video_begin(source, why);
        if (error)
            return error == -EINVAL ? -EIO : error;
    }
    int got = video_frame_at(source->video, seconds, &picture);
    if (got == 1) {
        source->shown_any = true;
        return encode(source, picture, ret_jpeg, why);
    }
    video_close(&source->video);
    if (got == 0 && source->shown_any)
        return 0;
    buf_setf(why, got == 0 ? "%s has no picture there" : "%s is damaged", source->settings.source);
    return -EIO;
}

static void video_end(struct feed_source *source)
{
    video_close(&source->video);
}

/* A folder of pictures. */

static bool is_picture_name(const char *name)
{
    static const char *const endings[] = {".jpg", ".jpeg", ".png"};
    size_t length = strlen(name);

    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && name[0] != '.' && !strcasecmp(name + length - ending, endings[i]))
            return true;
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void close_folder(DIR **folder)
{
    if (*folder)
        closedir(*folder);
    *folder = NULL;
}

static int pictures_open(struct feed_source *source, struct buf *why)
{
    const char *path = source->settings.source;
    AUTO(close_folder) DIR *folder = opendir(path);

    if (!folder) {
        buf_setf(why, "%s: %s", path, strerror(errno));
        return -errno;
    }
    for (struct dirent *entry; (entry = readdir(folder)) && source->file_count < FEED_FILES_MAX;) {
        if (!is_picture_name(entry->d_name))
            continue;
        if (source->file_count % 64 == 0)
            source->files =
                mem_resize(source->files, (source->file_count + 64) * sizeof(*source->files));
        source->files[source->file_count++] = mem_strdup(entry->d_name);
    }
    if (source->file_count == 0) {
        buf_setf(why, "%s holds no JPEG or PNG pictures", path);
        return -ENOENT;
    }
    qsort(source->files, source->file_count, sizeof(*source->files), by_name);
    source->at = (size_t)(source->settings.begin / source->settings.interval) % source->file_count;
    return 0;
}

static int read_bytes(int fd, struct buf *out)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || status.st_size > PICTURE_BYTES_MAX)
        return -EINVAL;
    while (out->len < (size_t)status.st_size) {
        size_t wanted = (size_t)status.st_size - out->len;
        ssize_t got = read(fd, buf_reserve(out, wanted), wanted);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got == 0)
            break;
        out->len += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

/* A JPEG goes as it is, unless another size is asked for; all else is made one. */
static int take_picture(struct feed_source *source, const char *path, struct buf *ret_jpeg,
                        struct buf *why)
{
    AUTO(close_file) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    AUTO(refusal_release) struct picture_refusal refusal = {0};
    AUTO(buf_release) struct buf bytes = BUF_INIT;
    AUTO(picture_free) struct picture *picture = NULL;

    int error = fd < 0 ? -errno : read_bytes(fd, &bytes);
    if (error) {
        buf_setf(why, "%s: %s", path, strerror(-error));
        return -EINVAL;
    }
    if (!source->settings.width && bytes.len > 2 && !memcmp(bytes.data, "\xff\xd8", 2)) {
        buf_add(ret_jpeg, bytes.data, bytes.len);
        return 1;
    }
    if (picture_decode(buf_span(&bytes), PICTURE_RGB, 0, 0, &picture, &refusal) != 0) {
        buf_setf(why, "%s: %s", path, buf_text(&refusal.detail));
        return -EINVAL;
    }
    return encode(source, picture, ret_jpeg, why);
}

/* What cannot be used is not tried again in the next round. */
static void forget_file(struct feed_source *source, size_t at)
{
    mem_free(&source->files[at]);
    source->file_count--;
    memmove(&source->files[at], &source->files[at + 1],
            (source->file_count - at) * sizeof(*source->files));
}

static int pictures_next(struct feed_source *source, double seconds, struct buf *ret_jpeg,
                         struct buf *why)
{
    if (source->file_count == 0) {
        buf_setf(why, "%s holds no picture that can be used", source->settings.source);
        return -EIO;
    }
    if (source->at >= source->file_count) {
        source->at = 0;
        return 0;
    }
    AUTO(mem_free)
    char *path = mem_printf("%s/%s", source->settings.source, source->files[source->at]);
    int got = take_picture(source, path, ret_jpeg, why);
    if (got == -EINVAL)
        forget_file(source, source->at);
    else
        source->at++;
    return got;
}

static void pictures_close(struct feed_source *source)
{
    for (size_t i = 0; i < source->file_count; i++)
        mem_free(&source->files[i]);
    mem_free(&source->files);
}

static const struct feed_kind kind_scenes = {"scenes", scenes_open, scenes_next, scenes_close};
static const struct feed_kind kind_video = {"video", video_begin, video_next, video_end};
static const struct feed_kind kind_pictures = {"pictures", pictures_open, pictures_next,
                                               pictures_close};

int feed_source_open(const struct feed_settings *settings, struct feed_source **ret_source,
                     struct buf *why)
{
    AUTO(feed_source_close) struct feed_source *source = mem_alloc(sizeof(*source));
    struct stat status;

    source->settings = *settings;
    source->kind = &kind_scenes;
    if (settings->source && stat(settings->source, &status) != 0) {
        buf_setf(why, "%s: %s", settings->source, strerror(errno));
        return -errno;
    }
    if (settings->source)
        source->kind = S_ISDIR(status.st_mode) ? &kind_pictures : &kind_video;
    int error = source->kind->open(source, why);
    if (error)
        return error;
    *ret_source = TAKE(source);
    return 0;
}

void feed_source_close(struct feed_source **source)
{
    if (!*source)
        return;
    (*source)->kind->close(*source);
    mem_free(source);
}

const char *feed_source_kind(const struct feed_source *source)
{
    return source->kind->name;
}

int feed_source_next(struct feed_source *source, double seconds, struct buf *ret_jpeg,
                     struct buf *why)
{
    return source->kind->next(source, seconds, ret_jpeg, why);
}

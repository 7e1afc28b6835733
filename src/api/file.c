#include "api/file_private.h"

#include "api/call_private.h"
#include "api/text_private.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTOR_PATH_SIZE 40 /* "/proc/self/fd/" and a number */

static const struct {
    const char *extension, *type;
    bool picture;
} media_types[] = {
    {".jpg", "image/jpeg", true},       {".jpeg", "image/jpeg", true},
    {".png", "image/png", true},        {".gif", "image/gif", true},
    {".mp4", "video/mp4", false},       {".avi", "video/x-msvideo", false},
    {".webm", "video/webm", false},     {".mkv", "video/x-matroska", false},
    {".mov", "video/quicktime", false},
};

void file_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static const char *descriptor_path(int fd, char path[DESCRIPTOR_PATH_SIZE])
{
    snprintf(path, DESCRIPTOR_PATH_SIZE, "/proc/self/fd/%d", fd);
    return path;
}

/* Is what was opened the folder `root` (a real path) or below it? */
static bool lies_below(int fd, const char *root)
{
    char link[DESCRIPTOR_PATH_SIZE], place[PATH_MAX];
    ssize_t length = readlink(descriptor_path(fd, link), place, sizeof(place));
    size_t root_length = strlen(root);

    if (length <= 0 || (size_t)length >= sizeof(place))
        return false;
    if (root_length == 1) /* the base is "/" */
        return true;
    return (size_t)length >= root_length && !memcmp(place, root, root_length) &&
           ((size_t)length == root_length || place[root_length] == '/');
}

static int plain_error(int error)
{
    if (error == ENOTDIR || error == ENAMETOOLONG)
        return -ENOENT;
    return error == ELOOP || error == EPERM ? -EACCES : -error;
}

/* O_PATH: nothing is opened that opening would change (a device, a pipe). */
static int locate(const char *base, const char *path, int *ret_fd)
{
    AUTO(mem_free) char *root = realpath(base, NULL);
    AUTO(file_close) int folder = -1;
    AUTO(file_close) int found = -1;

    if (!root)
        return plain_error(errno);
    folder = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return plain_error(errno);
    found = openat(folder, path, O_PATH | O_CLOEXEC);
    if (found < 0)
        return plain_error(errno);
    if (!lies_below(found, root))
        return -EACCES;
    *ret_fd = found;
    found = -1;
    return 0;
}

int file_open_below(const char *base, const char *path, int *ret_fd)
{
    AUTO(file_close) int found = -1;
    char link[DESCRIPTOR_PATH_SIZE];
    struct stat status;

    int error = locate(base, path, &found);
    if (error < 0)
        return error;
    if (fstat(found, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -ENOENT;
    int fd = open(descriptor_path(found, link), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return plain_error(errno);
    *ret_fd = fd;
    return 0;
}

int file_open_folder_below(const char *base, const char *path, int *ret_fd)
{
    AUTO(file_close) int found = -1;
    struct stat status;

    int error = locate(base, path, &found);
    if (error < 0)
        return error;
    if (fstat(found, &status) < 0)
        return -errno;
    if (!S_ISDIR(status.st_mode))
        return -ENOENT;
    *ret_fd = found;
    found = -1;
    return 0;
}

/* Index into media_types, or their count. */
static size_t media_index(struct span name)
{
    struct span extension = text_extension(name);
    size_t i = 0;
    while (i < COUNT_OF(media_types) && !span_is_nocase(extension, media_types[i].extension))
        i++;
    return i;
}

const char *file_media_type(struct span name)
{
    size_t i = media_index(name);
    return i < COUNT_OF(media_types) ? media_types[i].type : NULL;
}

bool file_is_picture(struct span name)
{
    size_t i = media_index(name);
    return i < COUNT_OF(media_types) && media_types[i].picture;
}

/* What may stand between quotes in a header. */
static void add_plain_name(struct buf *out, struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        buf_add_char(out, c < 0x20 || c > 0x7E || c == '"' || c == '\\' ? '_' : c);
    }
}

struct http_response *file_answer_media(const struct call *call, int *fd, struct span name,
                                        const char *cache_control)
{
    AUTO(buf_release) struct buf plain = BUF_INIT;
    int taken = *fd;

    *fd = -1;
    add_plain_name(&plain, text_base_name(name));
    struct http_response *response =
        http_response_file(call->request, taken, file_media_type(name), cache_control);
    http_response_header(response, "Content-Disposition", "inline; filename=\"%s\"",
                         buf_text(&plain));
    return response;
}

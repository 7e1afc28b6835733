#include "pipeline/camera_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READ_STEP (64 * 1024)

void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int open_beneath(int root_fd, const char *relative, int flags)
{
    struct open_how how = {.flags = (uint64_t)flags,
                           .resolve =
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, root_fd, relative, &how, sizeof(how));

    /* Old kernels lack the call and some containers' filters refuse it. */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        fd = openat(root_fd, relative, flags);
    return fd < 0 ? -errno : fd;
}

static const char *relative_to(const char *root, const char *path)
{
    size_t len = strlen(root);

    if (strncmp(path, root, len) != 0)
        return NULL;
    if (path[len] == '\0')
        return ".";
    return path[len] == '/' && path[len + 1] != '/' && path[len + 1] ? path + len + 1 : NULL;
}

int camera_file_open(const char *root, const char *path, int flags, int *ret_fd)
{
    AUTO(fd_close) int root_fd = -1;
    const char *relative = relative_to(root, path);

    if (!relative)
        return -EINVAL;
    root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0)
        return -errno;
    int fd = open_beneath(root_fd, relative, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return fd;
    *ret_fd = fd;
    return 0;
}

int camera_file_read(int fd, int64_t max, struct buf *out)
{
    for (;;) {
        if ((int64_t)out->len > max)
            return -EFBIG;
        ssize_t count = read(fd, buf_reserve(out, READ_STEP), READ_STEP);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -errno;
        if (count == 0)
            return 0;
        out->len += (size_t)count;
    }
}

int64_t file_modified_at(const struct stat *info)
{
    return (int64_t)info->st_mtim.tv_sec * 1000000 + info->st_mtim.tv_nsec / 1000;
}

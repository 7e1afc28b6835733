#include "pipeline/file_write.h"

#include "base/ids.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void close_file(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int write_all(int fd, struct span bytes)
{
    while (bytes.len) {
        ssize_t written = write(fd, bytes.at, bytes.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        bytes.at += written;
        bytes.len -= (size_t)written;
    }
    return 0;
}

static char *hidden_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path + 1) : 0;
    char random[9] = "";

    ids_hex(random, sizeof(random) - 1);
    return mem_printf("%.*s.%s.%s.part", folder, path, path + folder, random);
}

int file_write(const char *path, struct span bytes, mode_t mode)
{
    AUTO(mem_free) char *temporary = hidden_name(path);
    AUTO(close_file) int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (fd < 0)
        return -errno;
    int error = write_all(fd, bytes);
    if (!error && rename(temporary, path) != 0)
        error = -errno;
    if (error)
        unlink(temporary);
    return error;
}

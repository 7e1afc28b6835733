/* A folder of a test's own, and files in it. */
#pragma once

#include "base/mem.h"
#include "base/own.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static inline char *folder_make(void)
{
    char path[] = "/tmp/vigil-test-XXXXXX";

    assert_non_null(mkdtemp(path));
    return mem_strdup(path);
}

static inline int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    return remove(path);
}

static inline void folder_remove(char **path)
{
    if (!*path)
        return;
    assert_int_equal(nftw(*path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    mem_free(path);
}

/* "<folder>/<name>"; mem_free(). */
static inline char *folder_path(const char *folder, const char *name)
{
    return mem_printf("%s/%s", folder, name);
}

static inline void folder_mkdir(const char *folder, const char *name)
{
    AUTO(mem_free) char *path = folder_path(folder, name);

    assert_int_equal(mkdir(path, 0755), 0);
}

static inline void folder_write(const char *folder, const char *name, const void *bytes, size_t len)
{
    AUTO(mem_free) char *path = folder_path(folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    assert_int_equal(close(fd), 0);
}

static inline void folder_write_text(const char *folder, const char *name, const char *text)
{
    folder_write(folder, name, text, strlen(text));
}

/* mtime, seconds from now (below 0: ago). */
static inline void folder_age(const char *folder, const char *name, int seconds)
{
    AUTO(mem_free) char *path = folder_path(folder, name);
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += seconds;
    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[]){now, now}, 0), 0);
}

/* A folder of its own for a test, removed with all that is in it. */
#pragma once

#include "base/mem.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline char *scratch_new(void)
{
    const char *base = getenv("TMPDIR");
    char *path = mem_printf("%s/vigil-test-XXXXXX", base ? base : "/tmp");

    if (!mkdtemp(path))
        __builtin_trap();
    return path;
}

static inline int scratch_remove_one(const char *path, const struct stat *status, int type,
                                     struct FTW *walk)
{
    return remove(path);
}

static inline void scratch_free(char **path)
{
    if (*path)
        nftw(*path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    mem_free(path);
}

/* Entries but "." and "..", hidden ones included. */
static inline size_t scratch_count(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);

    if (!folder)
        return 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return count;
}

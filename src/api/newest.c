#include "api/newest_private.h"

#include "api/file_private.h"
#include "base/mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_later(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

static void keep(struct newest *newest, struct timespec modified, const char *name)
{
    size_t at = newest->count;

    while (at > 0 && is_later(modified, newest->files[at - 1].modified))
        at--;
    if (at == NEWEST_KEPT)
        return;
    if (newest->count == NEWEST_KEPT)
        mem_free(&newest->files[--newest->count].path);
    memmove(&newest->files[at + 1], &newest->files[at],
            (newest->count - at) * sizeof(newest->files[0]));
    newest->files[at] = (struct newest_file){
        .modified = modified, .path = mem_printf("%s%s", buf_text(&newest->here), name)};
    newest->count++;
}

static void walk(struct newest *newest, int parent, const char *name, int depth);

/* NOLINTNEXTLINE(misc-no-recursion): bounded by NEWEST_DEPTH_MAX */
static void look_at(struct newest *newest, int folder, const struct dirent *entry, int depth)
{
    const char *name = entry->d_name;
    struct stat status;
    bool picture = file_is_picture(span_of(name));

    if (name[0] == '.' || (entry->d_type == DT_REG && !picture) ||
        fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    if (S_ISDIR(status.st_mode) && depth < NEWEST_DEPTH_MAX)
        walk(newest, folder, name, depth + 1);
    else if (S_ISREG(status.st_mode) && picture && status.st_size > 0)
        keep(newest, status.st_mtim, name);
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by NEWEST_DEPTH_MAX */
static void walk(struct newest *newest, int parent, const char *name, int depth)
{
    size_t outside = newest->here.len;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder) {
        file_close(&fd);
        return;
    }
    if (depth > 0)
        buf_addf(&newest->here, "%s/", name);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (++newest->entries > NEWEST_ENTRIES_MAX)
            break;
        look_at(newest, fd, entry, depth);
    }
    closedir(folder);
    if (newest->here.len > outside) {
        newest->here.len = outside;
        newest->here.data[outside] = '\0';
    }
}

void newest_find(int folder, struct newest *ret_newest)
{
    *ret_newest = (struct newest){.count = 0};
    walk(ret_newest, folder, ".", 0);
}

void newest_release(struct newest *newest)
{
    for (size_t i = 0; i < newest->count; i++)
        mem_free(&newest->files[i].path);
    newest->count = 0;
    buf_release(&newest->here);
}

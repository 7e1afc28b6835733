#include "pipeline/folder_scan.h"

#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"
#include "pipeline/camera_file.h"
#include "pipeline/camera_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct waiting_folder {
    struct list node;
    char *path;
    unsigned depth;
};

struct folder_scan {
    char *root;
    struct scan_bound bound;
    const struct folder_scan_type *type;
    void *owner;
    struct list waiting; /* depth first, so few wait */
    size_t waiting_count;
    DIR *dir; /* the folder being read, NULL between folders */
    char *dir_path;
    unsigned dir_depth;
    struct buf path; /* of the entry at hand */
};

static int64_t instant_of(const struct statx_timestamp *time)
{
    return time->tv_sec * 1000000 + time->tv_nsec / 1000;
}

int64_t statx_modified_at(const struct statx *info)
{
    return instant_of(&info->stx_mtime);
}

bool scan_bound_admits(const struct scan_bound *bound, const struct statx *info)
{
    if (instant_of(&info->stx_mtime) >= bound->modified_since)
        return true;
    if (bound->born_since != SCAN_NEVER && (info->stx_mask & STATX_BTIME) &&
        instant_of(&info->stx_btime) >= bound->born_since)
        return true;
    return instant_of(&info->stx_ctime) >= bound->changed_since;
}

static unsigned depth_of(const char *root, const char *path)
{
    unsigned depth = 0;

    for (const char *at = path + strlen(root); *at; at++)
        depth += *at == '/';
    return depth;
}

static void add_folder(struct folder_scan *scan, const char *path, unsigned depth)
{
    if (depth > FOLDER_DEPTH_MAX) {
        scan->type->on_skipped(scan->owner, path, "too_deep", 0);
        return;
    }
    if (scan->waiting_count >= SCAN_FOLDERS_MAX) {
        scan->type->on_skipped(scan->owner, path, "too_many_folders", 0);
        return;
    }
    struct waiting_folder *folder = mem_alloc(sizeof(*folder));
    folder->path = mem_strdup(path);
    folder->depth = depth;
    list_prepend(&scan->waiting, &folder->node);
    scan->waiting_count++;
}

struct folder_scan *folder_scan_new(const char *root, const char *start,
                                    const struct scan_bound *bound,
                                    const struct folder_scan_type *type, void *owner)
{
    struct folder_scan *scan = mem_alloc(sizeof(*scan));

    scan->root = mem_strdup(root);
    scan->bound = *bound;
    scan->type = type;
    scan->owner = owner;
    list_init(&scan->waiting);
    add_folder(scan, start, depth_of(root, start));
    return scan;
}

static void close_folder(struct folder_scan *scan)
{
    if (scan->dir)
        closedir(scan->dir);
    scan->dir = NULL;
    mem_free(&scan->dir_path);
}

void folder_scan_free(struct folder_scan **scan)
{
    struct list *node;

    if (!*scan)
        return;
    close_folder(*scan);
    while ((node = list_take_first(&(*scan)->waiting))) {
        struct waiting_folder *folder = CONTAINER_OF(node, struct waiting_folder, node);
        mem_free(&folder->path);
        mem_free(&folder);
    }
    buf_release(&(*scan)->path);
    mem_free(&(*scan)->root);
    mem_free(scan);
}

/* Takes the path over. */
static void enter_folder(struct folder_scan *scan, char *path, unsigned depth)
{
    AUTO(fd_close) int fd = -1;
    AUTO(mem_free) char *owned = path;

    int r = camera_file_open(scan->root, path, O_RDONLY | O_DIRECTORY, &fd);
    if (r < 0) {
        scan->type->on_skipped(scan->owner, path, r == -ELOOP ? "symlink" : "unreadable", r);
        return;
    }
    if (scan->type->on_folder(scan->owner, fd, path, depth) < 0)
        return;
    scan->dir = fdopendir(fd);
    if (!scan->dir) {
        scan->type->on_skipped(scan->owner, path, "unreadable", -errno);
        return;
    }
    fd = -1;
    scan->dir_path = TAKE(owned);
    scan->dir_depth = depth;
}

static bool enter_next(struct folder_scan *scan)
{
    struct list *node = list_take_first(&scan->waiting);

    if (!node)
        return false;
    struct waiting_folder *folder = CONTAINER_OF(node, struct waiting_folder, node);
    scan->waiting_count--;
    enter_folder(scan, folder->path, folder->depth);
    mem_free(&folder);
    return true;
}

static bool is_link_to_folder(int dir_fd, const char *name)
{
    struct stat info;

    return fstatat(dir_fd, name, &info, 0) == 0 && S_ISDIR(info.st_mode);
}

static void look_at(struct folder_scan *scan, const char *name)
{
    struct statx info;
    struct span path = buf_span(&scan->path);
    int fd = dirfd(scan->dir);

    if (statx(fd, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &info) < 0)
        return; /* gone again */
    if (S_ISDIR(info.stx_mode))
        add_folder(scan, path.at, scan->dir_depth + 1);
    else if (S_ISLNK(info.stx_mode) && is_link_to_folder(fd, name))
        scan->type->on_skipped(scan->owner, path.at, "symlink", -ELOOP);
    else if (media_kind_of(path) != MEDIA_OTHER && scan_bound_admits(&scan->bound, &info))
        scan->type->on_file(scan->owner, path.at, &info);
}

int folder_scan_step(struct folder_scan *scan, size_t entries)
{
    for (size_t i = 0; i < entries; i++) {
        if (!scan->dir) {
            if (!enter_next(scan))
                return 0;
            continue;
        }
        const struct dirent *entry = readdir(scan->dir);
        if (!entry) {
            close_folder(scan);
            continue;
        }
        if (media_is_hidden(span_of(entry->d_name)))
            continue;
        buf_reset(&scan->path);
        buf_addf(&scan->path, "%s/%s", scan->dir_path, entry->d_name);
        look_at(scan, entry->d_name);
    }
    return 1;
}

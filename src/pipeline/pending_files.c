#include "pipeline/pending_files.h"

#include "base/map.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>

struct pending_files {
    struct map *by_path;
    struct pending_file **heap;
    size_t waiting; /* in the heap */
    size_t max;
};

struct pending_files *pending_files_new(size_t max)
{
    struct pending_files *files = mem_alloc(sizeof(*files));

    files->by_path = map_new();
    files->heap = mem_alloc_array(max, sizeof(struct pending_file *));
    files->max = max;
    return files;
}

static void file_free(struct pending_file *file)
{
    mem_free(&file->path);
    mem_free(&file);
}

void pending_files_free(struct pending_files **files)
{
    struct pending_file *file;
    size_t at = 0;

    if (!*files)
        return;
    while ((file = map_next((*files)->by_path, &at, NULL)))
        file_free(file);
    map_free(&(*files)->by_path);
    mem_free(&(*files)->heap);
    mem_free(files);
}

struct pending_file *pending_files_find(const struct pending_files *files, struct span path)
{
    return map_get(files->by_path, path);
}

int pending_files_add(struct pending_files *files, struct span path, struct pending_file **ret_file)
{
    assert(!map_get(files->by_path, path));
    if (map_count(files->by_path) >= files->max)
        return -ENOSPC;

    struct pending_file *file = mem_alloc(sizeof(*file));
    file->path = mem_strndup(path.at, path.len);
    file->is_taken = true;
    map_set(files->by_path, path, file);
    *ret_file = file;
    return 0;
}

static bool is_before(const struct pending_file *a, const struct pending_file *b)
{
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void put(struct pending_files *files, size_t place, struct pending_file *file)
{
    files->heap[place] = file;
    file->place = place;
}

static void sift_up(struct pending_files *files, struct pending_file *file)
{
    size_t place = file->place;

    while (place > 0 && is_before(file, files->heap[(place - 1) / 2])) {
        put(files, place, files->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(files, place, file);
}

static void sift_down(struct pending_files *files, struct pending_file *file)
{
    size_t place = file->place;

    for (;;) {
        size_t child = place * 2 + 1;
        if (child + 1 < files->waiting && is_before(files->heap[child + 1], files->heap[child]))
            child++;
        if (child >= files->waiting || !is_before(files->heap[child], file))
            break;
        put(files, place, files->heap[child]);
        place = child;
    }
    put(files, place, file);
}

void pending_files_schedule(struct pending_files *files, struct pending_file *file, int64_t due,
                            int64_t order)
{
    file->due = due;
    file->order = order;
    if (file->is_taken) {
        file->is_taken = false;
        put(files, files->waiting++, file);
    }
    sift_up(files, file);
    sift_down(files, file);
}

struct pending_file *pending_files_first(const struct pending_files *files)
{
    return files->waiting > 0 ? files->heap[0] : NULL;
}

void pending_files_take(struct pending_files *files, struct pending_file *file)
{
    assert(!file->is_taken);
    struct pending_file *last = files->heap[--files->waiting];

    file->is_taken = true;
    if (last == file)
        return;
    put(files, file->place, last);
    sift_up(files, last);
    sift_down(files, last);
}

void pending_files_remove(struct pending_files *files, struct pending_file **file)
{
    if (!*file)
        return;
    if (!(*file)->is_taken)
        pending_files_take(files, *file);
    map_remove(files->by_path, span_of((*file)->path));
    file_free(TAKE(*file));
}

size_t pending_files_count(const struct pending_files *files)
{
    return map_count(files->by_path);
}

size_t pending_files_room(const struct pending_files *files)
{
    return files->max - map_count(files->by_path);
}

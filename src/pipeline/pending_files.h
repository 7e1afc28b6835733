/* pending_files: the files that wait to be looked at, by path and by when their turn is.
 *
 * Pure: no clock, no I/O. A file waits (it is in the heap, ordered by due and, when due together,
 * by `order`: the time it was made), or it is taken (being examined) until it is scheduled again or
 * removed. Not for two threads at once.
 * Limit: `max` files; one more is refused with -ENOSPC and the caller looks at the folders again
 * later. */
#pragma once

#include "base/own.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pending_files;

struct pending_file {
    char *path; /* absolute; owned by the set */
    bool is_taken;
    bool is_again;      /* something happened to it while it was taken */
    bool is_from_walk;  /* found, not announced: older ones may still be found */
    bool must_settle;   /* no close was seen: it is examined once it has stopped changing */
    int64_t first_due;  /* monotonic: of the first event of the row that restarted the wait */
    int64_t due, order; /* set by pending_files_schedule() */
    int64_t size, modified_at, settled_since; /* while it settles */
    unsigned looks, failures;
    size_t place; /* in the heap */
};

struct pending_files *pending_files_new(size_t max);
void pending_files_free(struct pending_files **files);

struct pending_file *pending_files_find(const struct pending_files *files, struct span path);
/* Returns 0, or -ENOSPC at the limit. The new file is taken until it is scheduled. */
MUST_CHECK int pending_files_add(struct pending_files *files, struct span path,
                                 struct pending_file **ret_file);
void pending_files_schedule(struct pending_files *files, struct pending_file *file, int64_t due,
                            int64_t order);
struct pending_file *pending_files_first(const struct pending_files *files); /* NULL: none waits */
void pending_files_take(struct pending_files *files, struct pending_file *file);
void pending_files_remove(struct pending_files *files, struct pending_file **file);

size_t pending_files_count(const struct pending_files *files);
size_t pending_files_room(const struct pending_files *files);

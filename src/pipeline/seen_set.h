/* seen_set: fingerprints of files that were seen, 16 bytes each at most; how polling knows what is
 * new without keeping a million paths.
 *
 * Two files with the same fingerprint (64 bits of path, size and time) would hide each other: with
 * a million files the chance is one in thirty million. Not for two threads at once.
 * Limit: SEEN_FILES_MAX. */
#pragma once

#include "base/own.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_FILES_MAX (1024 * 1024)

struct seen_set {
    uint64_t *slots; /* owned; 0 is empty */
    size_t slot_count, count;
};

uint64_t seen_fingerprint(struct span path, int64_t size, int64_t modified_at);

bool seen_set_has(const struct seen_set *set, uint64_t fingerprint);
/* Returns 0 (also when it was there), or -ENOSPC at the limit. */
MUST_CHECK int seen_set_add(struct seen_set *set, uint64_t fingerprint);
/* Adds all of `from`, as far as there is room. */
void seen_set_merge(struct seen_set *into, const struct seen_set *from);
void seen_set_swap(struct seen_set *a, struct seen_set *b);
void seen_set_reset(struct seen_set *set); /* empty, the memory kept */
void seen_set_release(struct seen_set *set);

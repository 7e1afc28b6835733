/* map: text to pointer, open addressing, keys copied, values borrowed.
 * Hashing is keyed (SipHash) with a random key of each map, so chosen keys cannot make it slow.
 * Values are not NULL. Not for two threads at once. Limit: the caller's. */
#pragma once

#include "base/span.h"

#include <stddef.h>

struct map;

struct map *map_new(void);
void map_free(struct map **map); /* values are the caller's to free first */

void *map_get(const struct map *map, struct span key);
void *map_set(struct map *map, struct span key, void *value); /* returns what was there, or NULL */
void *map_remove(struct map *map, struct span key);           /* returns what was there, or NULL */
size_t map_count(const struct map *map);

/* Walks all entries in no order: start with *at = 0; NULL at the end. Not while changing. */
void *map_next(const struct map *map, size_t *at, struct span *ret_key);

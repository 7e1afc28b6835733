/* pool: a few things that many workers share, one borrower at a time.
 *
 * Last in, first out, so that what is warm is used again. Things are borrowed: the pool frees none.
 * Limit: `places`, given at creation. */
#pragma once

#include <stddef.h>

struct pool;

struct pool *pool_new(size_t places);
void pool_free(struct pool **pool); /* nobody waits any more */

void pool_put(struct pool *pool, void *thing); /* any thread; asserts that there is a place */
void *pool_take(struct pool *pool); /* any thread but a loop's: waits until one is there */

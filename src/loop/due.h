/* due: numbers that become due, and workers that wait for the first of them.
 *
 * Of those that are due the smallest number comes first. Taking one puts it off for `lease_us`:
 * then it is due again, unless it was removed or set anew before. Times are monotonic µs. Thread:
 * any; due_take() waits and is not for a loop. Limit: the caller's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct due;

struct due *due_new(void);
void due_free(struct due **due); /* nobody waits any more */

void due_set(struct due *due, int64_t number, int64_t at); /* added, or moved; not taken any more */
bool due_remove(struct due *due, int64_t number);          /* false: it was not there */

/* Waits up to wait_us. True with a number, false when none became due or after due_stop(). */
bool due_take(struct due *due, int64_t wait_us, int64_t lease_us, int64_t *ret_number);

void due_pause(struct due *due, int64_t until); /* nothing is taken before */
void due_stop(struct due *due);                 /* due_take() is false from now on */

/* Those not taken, due or not, and those taken and not yet taken again. */
void due_counts(struct due *due, size_t *ret_waiting, size_t *ret_taken);

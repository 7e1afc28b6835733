/* group_lane: one worker that takes everything that waits at once.
 *
 * For work that is cheap together and dear alone: a database commit. While one group is being
 * worked on, the next one gathers. Order of submission is kept.
 * Limit: `waiting_max` items wait, `group_max` go in one group. */
#pragma once

#include "base/own.h"

#include <stddef.h>

struct group_lane;

/* `items` is valid during the call only; the items themselves are the callee's. */
typedef void group_lane_work(void *owner, void **items, size_t count);

MUST_CHECK int group_lane_new(const char *name, group_lane_work *work, void *owner,
                              size_t group_max, size_t waiting_max, struct group_lane **ret_lane);
void group_lane_free(struct group_lane **lane); /* works off what waits, then joins */

/* Any thread. Blocks while waiting_max items wait (back-pressure reaches whoever writes); the
 * lane's own worker never blocks. -ESHUTDOWN at the end; the item then stays the caller's. */
MUST_CHECK int group_lane_submit(struct group_lane *lane, void *item);

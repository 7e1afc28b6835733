/* lane: workers for one kind of waiting.
 *
 * A lane is a queue of calls and a fixed number of threads that make them, in order of submission.
 * A call may block. Results go back by loop_post().
 * Limit: `waiting_max` calls wait; one more is refused with -EAGAIN, the caller says so to whoever
 * asked. */
#pragma once

#include "base/own.h"
#include "loop/loop.h"

#include <stddef.h>

struct lane;

/* The name is the threads' ("api", "detect"), at most 12 characters. Returns 0 or -errno. */
MUST_CHECK int lane_new(const char *name, unsigned threads, size_t waiting_max,
                        struct lane **ret_lane);

/* No new calls, waits for those submitted, joins the threads. */
void lane_free(struct lane **lane);

/* Any thread. Returns 0, -EAGAIN at the limit, -ESHUTDOWN once lane_free() began; arg then stays
 * the caller's. */
MUST_CHECK int lane_submit(struct lane *lane, loop_call *call, void *arg);

size_t lane_waiting(const struct lane *lane); /* any thread; a snapshot */

/* loop: one thread, its file descriptors, its timers and its mailbox.
 *
 * A loop calls back on its own thread only, one thing at a time, so what belongs to a loop needs no
 * lock. A turn is: what is ready, what was posted, what is due, then the turn's end. Callbacks may
 * add, change and end any watch or timer, their own included.
 *
 * Thread: loop_post() and loop_stop() from any; everything else on the loop's own thread (or before
 *         loop_run()), which loop_assert_here() checks. */
#pragma once

#include "base/list.h"
#include "base/own.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct watch;

typedef void loop_call(void *arg);
typedef void watch_on_ready(void *owner, uint32_t events); /* EPOLLIN, EPOLLOUT, EPOLLHUP … */

/* Returns 0 or -errno. The name is the thread's ("core", "net0"), at most 15 characters; the main
 * thread keeps the program's. */
MUST_CHECK int loop_new(const char *name, struct loop **ret_loop);

/* After loop_run() has returned. Calls what is still in the mailbox; every watch must have ended
 * by then, and no timer may be touched afterwards. */
void loop_free(struct loop **loop);

void loop_run(struct loop *loop); /* until loop_stop(); the calling thread becomes the loop's */

/* Runs the loop on a thread of its own until loop_stop(); loop_join() waits for its end. */
MUST_CHECK int loop_start(struct loop *loop);
void loop_join(struct loop *loop);
void loop_stop(struct loop *loop);

/* Calls call(arg) on the loop's thread, in the order of posting. arg's ownership goes along. A call
 * posted before loop_stop() is always made. Limit: none; what posts without end has its own. */
void loop_post(struct loop *loop, loop_call *call, void *arg);

bool loop_is_here(const struct loop *loop);
void loop_assert_here(const struct loop *loop);
int64_t loop_now(const struct loop *loop); /* monotonic µs at the start of this turn */

/* Watches fd (borrowed) for events, level-triggered. Returns 0 or -errno. */
MUST_CHECK int watch_start(struct loop *loop, int fd, uint32_t events, watch_on_ready *on_ready,
                           void *owner, struct watch **ret_watch);
void watch_change(struct watch *watch, uint32_t events);
void watch_stop(struct watch **watch); /* before the fd is closed */

/* A call at the end of this turn, once: where what arrived in one turn leaves in one send. */
struct turn_end {
    struct list node;
    loop_call *call;
    void *owner;
};
void turn_end_init(struct turn_end *end, loop_call *call, void *owner);
void turn_end_request(struct loop *loop, struct turn_end *end); /* asking twice is asking once */
void turn_end_cancel(struct turn_end *end);

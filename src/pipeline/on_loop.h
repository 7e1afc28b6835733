/* on_loop: call something on a loop's thread and wait for it. How the main thread takes apart what
 * belongs to a loop. */
#pragma once

#include "loop/loop.h"

/* Not on the loop's thread; the loop must be running. What was posted before is called before. */
void on_loop(struct loop *loop, loop_call *call, void *arg);

/* signals: SIGTERM and SIGINT as callbacks of a loop (signalfd); SIGPIPE ignored.
 * Call signals_block() before any thread starts, so that all inherit the mask. */
#pragma once

#include "loop/loop.h"

struct signals;

void signals_block(void);

/* on_signal is called with the signal number on the loop's thread. Returns 0 or -errno. */
typedef void signals_on_signal(void *owner, int number);
MUST_CHECK int signals_start(struct loop *loop, signals_on_signal *on_signal, void *owner,
                             struct signals **ret_signals);
void signals_stop(struct signals **signals);

/* wire: `vigil serve`, built from its parts and taken down again. The picture of the whole program.
 *
 * Thread: the main thread, which only waits for signals in between. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "main/config.h"

#include <stdint.h>

struct app;

/* Opens the data, listens, starts every part. Signals must be blocked already, so that all threads
 * inherit the mask. Returns 0 or -errno with `why`; nothing is left running after a failure.
 * Borrows config. */
MUST_CHECK int app_start(const struct config *config, struct app **ret_app, struct buf *why);

uint16_t app_port(const struct app *app);

/* Says goodbye to clients, lets jobs under way end, closes the data. 30 s at most. */
void app_stop(struct app **app);

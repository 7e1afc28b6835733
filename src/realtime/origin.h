/* origin: may a page from there talk to us? (RFC 6454 in a nutshell)
 *
 * Browsers say in `Origin` where the page came from. It must be the host the request went to, or be
 * listed in CORS_ORIGINS ("*" lists all). Programs that are not browsers send none and pass.
 * Pure; thread: any. */
#pragma once

#include "base/span.h"

#include <stdbool.h>

/* `origins`: NULL-terminated, or NULL. An empty `origin` with at == NULL: the header was absent. */
bool origin_allowed(struct span origin, struct span host, const char *const *origins);

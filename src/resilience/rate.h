/* rate: a sliding window of events per key (an IP address).
 * Allowed when the count in the last window, before this one, is below limit + burst; refused ones
 * count too, so hammering prolongs the block (rest-api contract §1.6).
 * Not for two threads at once. Limit: keys_max keys; the one seen longest ago is forgotten. */
#pragma once

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate;

struct rate *rate_new(unsigned limit, unsigned burst, int64_t window_us, size_t keys_max);
void rate_free(struct rate **rate);
bool rate_allow(struct rate *rate, struct span key, int64_t now);

/* retry: how long to wait before the next try. Pure; thread: any.
 * delay(n) = min(base * 2^(n-1), cap), plus a random share of jitter_min..jitter_max of it
 * (shared contract: 3 tries, 1 s, cap 30 s, jitter 0..25 %; broadcasts 10..30 %). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct retry_policy {
    unsigned attempts_max; /* total tries, at least 1 */
    int64_t base_us;
    int64_t cap_us;
    double jitter_min; /* share of the delay, 0..1 */
    double jitter_max;
};

extern const struct retry_policy retry_default; /* 3, 1 s, 30 s, 0, 0.25 */

/* True while another try is allowed after `failed` failures. */
bool retry_allowed(const struct retry_policy *policy, unsigned failed);

/* The wait after the failed-th failure (1-based); `random` in 0..1. */
int64_t retry_delay(const struct retry_policy *policy, unsigned failed, double random);

#include "resilience/retry.h"

#include "base/time.h"

#include <math.h>

const struct retry_policy retry_default = {
    .attempts_max = 3,
    .base_us = TIME_SECOND,
    .cap_us = 30 * TIME_SECOND,
    .jitter_min = 0,
    .jitter_max = 0.25,
};

bool retry_allowed(const struct retry_policy *policy, unsigned failed)
{
    return failed < policy->attempts_max;
}

static int64_t doubled(int64_t base, unsigned times, int64_t cap)
{
    for (; times && base < cap; times--)
        base = base > cap / 2 ? cap : base * 2;
    return base < cap ? base : cap;
}

int64_t retry_delay(const struct retry_policy *policy, unsigned failed, double random)
{
    int64_t delay = doubled(policy->base_us, failed ? failed - 1 : 0, policy->cap_us);
    double share = policy->jitter_min + (policy->jitter_max - policy->jitter_min) * random;

    return delay + (int64_t)llround((double)delay * share);
}

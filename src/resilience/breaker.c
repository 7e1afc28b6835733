#include "resilience/breaker.h"

#include <assert.h>

void breaker_init(struct breaker *breaker, struct breaker_settings settings)
{
    assert(settings.failure_threshold && settings.half_open_max && settings.success_threshold);
    *breaker = (struct breaker){.settings = settings, .state = BREAKER_CLOSED};
}

static void enter(struct breaker *breaker, enum breaker_state state)
{
    breaker->state = state;
    breaker->failures = breaker->successes = 0;
}

static void open_at(struct breaker *breaker, int64_t now)
{
    enter(breaker, BREAKER_OPEN);
    breaker->opened_at = now;
}

bool breaker_allow(struct breaker *breaker, int64_t now)
{
    if (breaker->state == BREAKER_OPEN && now - breaker->opened_at >= breaker->settings.recovery_us)
        enter(breaker, BREAKER_HALF_OPEN);
    bool allowed =
        breaker->state == BREAKER_CLOSED || (breaker->state == BREAKER_HALF_OPEN &&
                                             breaker->in_flight < breaker->settings.half_open_max);
    if (allowed) {
        breaker->in_flight++;
        breaker->calls++;
    } else {
        breaker->rejected++;
    }
    return allowed;
}

static void landed(struct breaker *breaker)
{
    assert(breaker->in_flight > 0);
    breaker->in_flight--;
}

void breaker_success(struct breaker *breaker)
{
    landed(breaker);
    /* Open: a call from before the opening; its late success does not undo it. */
    if (breaker->state == BREAKER_CLOSED)
        breaker->failures = 0;
    else if (breaker->state == BREAKER_HALF_OPEN &&
             ++breaker->successes >= breaker->settings.success_threshold)
        enter(breaker, BREAKER_CLOSED);
}

void breaker_failure(struct breaker *breaker, int64_t now)
{
    landed(breaker);
    if (breaker->state == BREAKER_HALF_OPEN ||
        (breaker->state == BREAKER_CLOSED &&
         ++breaker->failures >= breaker->settings.failure_threshold))
        open_at(breaker, now);
}

int64_t breaker_wait(const struct breaker *breaker, int64_t now)
{
    if (breaker->state != BREAKER_OPEN)
        return 0;
    int64_t left = breaker->settings.recovery_us - (now - breaker->opened_at);
    return left > 0 ? left : 0;
}

const char *breaker_state_name(enum breaker_state state)
{
    switch (state) {
    case BREAKER_CLOSED:
        return "closed";
    case BREAKER_OPEN:
        return "open";
    case BREAKER_HALF_OPEN:
        return "half_open";
    }
    return "unknown";
}

/* breaker: stop calling what does not answer (closed, open, half-open).
 *
 * closed: failures in a row count, success clears; at failure_threshold it opens. open: calls are
 * refused until recovery_us passed. half-open: up to half_open_max calls at once; one failure opens
 * it again, success_threshold successes close it.
 * Pure, clock passed in (monotonic µs). Not for two threads at once: the owner serialises. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct breaker_settings {
    unsigned failure_threshold; /* 5 */
    int64_t recovery_us;        /* 30 s */
    unsigned half_open_max;     /* 3 */
    unsigned success_threshold; /* 2 */
};

struct breaker {
    struct breaker_settings settings;
    enum breaker_state state;
    unsigned failures, successes, in_flight;
    int64_t opened_at;
    uint64_t calls, rejected;
};

void breaker_init(struct breaker *breaker, struct breaker_settings settings);
bool breaker_allow(struct breaker *breaker,
                   int64_t now); /* true: report the outcome with exactly one of the next two */
void breaker_success(struct breaker *breaker);
void breaker_failure(struct breaker *breaker, int64_t now);
int64_t breaker_wait(const struct breaker *breaker,
                     int64_t now); /* µs until it would let a call pass; 0 = now */
const char *breaker_state_name(enum breaker_state state); /* "closed", "open", "half_open" */

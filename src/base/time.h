/* time: two clocks and one text form.
 *
 * Instants are int64_t microseconds since 1970-01-01T00:00:00Z; durations are microseconds too,
 * unless the name says _ms. Text is RFC 3339 in UTC with a trailing Z. Thread: any. */
#pragma once

#include "base/own.h"
#include "base/span.h"

#include <stdint.h>

#define TIME_MS 1000LL
#define TIME_SECOND 1000000LL
#define TIME_TEXT_SIZE 32

int64_t time_now(void);       /* wall clock */
int64_t time_monotonic(void); /* never goes back; for timers and measuring */

/* "2026-11-21T10:15:30.123456Z"; the fraction is left out when it is 0. Returns `text`. */
const char *time_format(int64_t instant, char text[TIME_TEXT_SIZE]);

/* Accepts a date, or a date and time with optional fraction and optional Z or ±hh:mm (none: UTC).
 * Returns 0 or -EINVAL. `ret_date_only` may be NULL. */
MUST_CHECK int time_parse(struct span text, int64_t *ret_instant, int *ret_date_only);

/* Hour 0-23 and weekday 0-6 (0 Monday) of the instant in the machine's time zone: what people mean
 * by "at night". */
void time_local(int64_t instant, int *ret_hour, int *ret_weekday);

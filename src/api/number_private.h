/* number: numbers from outside, whole and nothing else. Pure. Thread: any. */
#pragma once

#include "base/own.h"
#include "base/span.h"

#include <stdint.h>

/* Digits with an optional minus, within int64_t. Returns 0 or -EINVAL. */
MUST_CHECK int number_parse_int(struct span text, int64_t *ret_number);
/* A plain or exponential decimal, finite. Returns 0 or -EINVAL. */
MUST_CHECK int number_parse_double(struct span text, double *ret_number);

/* param: parameters after the '?'. What is wrong is noted in the call as "query.<name>".
 * Limit: PARAM_VALUE_MAX bytes a value. */
#pragma once

#include "api/call_private.h"
#include "base/own.h"

#include <stdbool.h>
#include <stdint.h>

#define PARAM_VALUE_MAX 1024

/* Owned (mem_free); NULL when absent. */
char *param_text(struct call *call, const char *name);
int64_t param_int(struct call *call, const char *name, int64_t least, int64_t most,
                  int64_t fallback);
/* `fallback` when absent. */
double param_number(struct call *call, const char *name, double least, double most,
                    double fallback);
/* 0 false, 1 true, `fallback` when absent. */
int param_bool(struct call *call, const char *name, int fallback);

enum param_day { PARAM_DAY_START, PARAM_DAY_END }; /* what a date without a time means */
int64_t param_instant(struct call *call, const char *name, enum param_day day); /* 0: absent */

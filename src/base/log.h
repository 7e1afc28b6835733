/* log: one line for one thing, on standard error.
 *
 *   2026-11-21T10:15:30.123Z INFO file_watcher event=file_accepted camera=porch path=…
 *
 * Logged once, where it is understood: services, pipeline, api and main log; what lies below
 * returns an error. Values that hold blanks or quotes are quoted by log_value().
 * The same line (level, component, format) at most LOG_REPEAT_MAX times in 10 s; the next one then
 * says how many were left out. No secrets. Thread: any. */
#pragma once

#include "base/own.h"

#include <stdbool.h>

#define LOG_REPEAT_MAX 20

enum log_level {
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_CRITICAL
};

void log_set_level(enum log_level least);                          /* default LOG_LEVEL_WARNING */
bool log_level_parse(const char *name, enum log_level *ret_level); /* case-insensitive */

void log_write(enum log_level level, const char *component, const char *format, ...)
    PRINTF_LIKE(3, 4);

#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_critical(...) log_write(LOG_LEVEL_CRITICAL, __VA_ARGS__)

/* `text` as a logfmt value: bare when it is plain, else quoted with escapes and cut at 512 bytes.
 * Valid until the eighth next call on the same thread. NULL gives "-". */
const char *log_value(const char *text);

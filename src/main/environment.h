/* environment: the process's variables over those of a .env file.
 *
 * .env: NAME=value a line, `export ` before it and quotes around the value are accepted, # starts a
 * comment line. Thread: main, at start. */
#pragma once

#include "base/buf.h"
#include "base/own.h"

#include <stdbool.h>
#include <stddef.h>

#define ENVIRONMENT_FILE_MAX (64 * 1024) /* bytes of .env, and of what a NAME_FILE names */

struct environment;

/* A missing file is an empty one. -EINVAL with `why` naming file and line. */
MUST_CHECK int environment_read(const char *path, struct environment **ret_environment,
                                struct buf *why);
void environment_free(struct environment **environment);

bool environment_has(const struct environment *environment, const char *name);

/* 1 with the value (mem_free): of NAME, or the content of the file that NAME_FILE names, without
 * its last line end. 0 when neither is set. -EINVAL with `why` when the file cannot be read or both
 * are set. */
MUST_CHECK int environment_get(const struct environment *environment, const char *name,
                               char **ret_value, struct buf *why);

/* Logs a warning for each set name that begins with VIGIL_, or is a slip away from a known one (two
 * edits at most). */
void environment_warn_unknown(const struct environment *environment, const char *const *known,
                              size_t count);

/* tail_line: one message as a line for a person.
 *
 *   2026-11-21 10:15:30  event          porch  82 high  Person at the front door
 *
 * Pure. Control characters from outside never reach the terminal. */
#pragma once

#include "base/buf.h"
#include "base/json.h"

void tail_line(struct buf *out, const json_t *message); /* with the line's end */

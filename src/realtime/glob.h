/* glob: shell patterns on event names.
 *
 * '*' is any text (it crosses dots), '?' any one character, "[abc]", "[a-z]" and "[!x]" one of a
 * set; a '[' that is never closed is itself. Compares bytes: both sides are lower-cased before.
 * Takes at most pattern length times text length steps, whatever the pattern. Thread: any. */
#pragma once

#include "base/span.h"

#include <stdbool.h>

bool glob_match(struct span pattern, struct span text);

/* dead_letters_sweep: a file whose job the queue set aside on its own (overflow, or a picture that
 * ended the process again and again) gets the outcome `failed`, with the letter's error.
 * Blocks: workers. */
#pragma once

#include "base/own.h"
#include "pipeline/stage.h"

/* Returns 0 or -errno. What has its outcome already is left alone. */
MUST_CHECK int dead_letters_sweep(const struct stage *stage);

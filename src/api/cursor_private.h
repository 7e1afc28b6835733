/* cursor: where a page ended, as text (rest-api contract §1.8): URL-safe base64 of
 * {"id":int,"created_at":"RFC 3339"}. Pure. Thread: any. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "base/span.h"

#include <stdint.h>

#define CURSOR_LENGTH_MAX 256

void cursor_encode(int64_t instant, int64_t id, struct buf *ret);

/* -EINVAL for whatever cursor_encode() cannot have made. */
MUST_CHECK int cursor_decode(struct span text, int64_t *ret_instant, int64_t *ret_id);

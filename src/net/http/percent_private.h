/* percent: the escapes of URLs. Thread: any. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "base/span.h"

/* Adds the decoded text. Returns 0; -EINVAL for "%", "%4", "%zz" and for "%00", with `out` in an
 * undefined but valid state. */
MUST_CHECK int percent_decode_path(struct buf *out, struct span text);

/* Adds the decoded text, '+' as a blank. What is no escape, and "%00", stays as it was sent. */
void percent_decode_query(struct buf *out, struct span text);

/* bytes: an immutable, counted block that many threads send, keep and drop.
 *
 * The way a message is shared by a thousand connections: it is filled once by whoever made it, and
 * never changed after the first bytes_ref(). Thread: any. */
#pragma once

#include "base/span.h"

#include <stdatomic.h>
#include <stddef.h>

struct buf;

struct bytes {
    atomic_uint refs;
    size_t len;
    char at[];
};

struct bytes *bytes_new(size_t len); /* one reference, content undefined, yours to fill */
struct bytes *bytes_from_span(struct span span);
struct bytes *bytes_ref(struct bytes *bytes);
void bytes_unref(struct bytes **bytes);
struct span bytes_span(const struct bytes *bytes);

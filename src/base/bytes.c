#include "base/bytes.h"

#include "base/mem.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct bytes *bytes_new(size_t len)
{
    size_t size;

    if (__builtin_add_overflow(sizeof(struct bytes), len, &size))
        abort();
    struct bytes *bytes = mem_resize(NULL, size);
    atomic_init(&bytes->refs, 1);
    bytes->len = len;
    return bytes;
}

struct bytes *bytes_from_span(struct span span)
{
    struct bytes *bytes = bytes_new(span.len);

    if (span.len)
        memcpy(bytes->at, span.at, span.len);
    return bytes;
}

struct bytes *bytes_ref(struct bytes *bytes)
{
    unsigned before = atomic_fetch_add_explicit(&bytes->refs, 1, memory_order_relaxed);

    assert(before > 0 && before < UINT32_MAX);
    (void)before;
    return bytes;
}

void bytes_unref(struct bytes **bytes)
{
    struct bytes *last = *bytes;

    *bytes = NULL;
    if (!last)
        return;
    /* Every other thread's reading happens before the memory goes back. */
    if (atomic_fetch_sub_explicit(&last->refs, 1, memory_order_acq_rel) == 1)
        mem_free(&last);
}

struct span bytes_span(const struct bytes *bytes)
{
    return (struct span){bytes->at, bytes->len};
}

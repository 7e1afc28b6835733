/* Any bytes as a cursor: what is read must be what would be written. */
#include "api/cursor_private.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(buf_release) struct buf again = BUF_INIT;
    int64_t instant, id, instant_again, id_again;

    if (cursor_decode((struct span){(const char *)bytes, len}, &instant, &id) < 0)
        return 0;
    cursor_encode(instant, id, &again);
    if (cursor_decode(buf_span(&again), &instant_again, &id_again) < 0 ||
        instant_again != instant || id_again != id)
        __builtin_trap();
    return 0;
}

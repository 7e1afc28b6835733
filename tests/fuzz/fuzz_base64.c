/* Any text: refused and nothing added, or bytes that encode and decode to themselves. */
#include "base/digest.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    AUTO(buf_release) struct buf decoded = BUF_INIT;
    AUTO(buf_release) struct buf encoded = BUF_INIT;
    AUTO(buf_release) struct buf again = BUF_INIT;
    struct span text = {(const char *)bytes, size};
    bool readable = base64url_decode(&decoded, text) == 0;

    if (!readable && decoded.len)
        abort();
    /* Bytes of any kind come back too: those of the text itself, when it was refused. */
    struct span original = readable ? buf_span(&decoded) : text;
    base64url_encode(&encoded, original);
    if (base64url_decode(&again, buf_span(&encoded)) != 0 ||
        !span_equal(buf_span(&again), original))
        abort();
    return 0;
}

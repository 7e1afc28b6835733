/* What clients send back after the question mark: any bytes as a cursor (what is read must be what
 * would be written) and as numbers. */
#include "api/cursor_private.h"
#include "api/number_private.h"
#include "base/digest.h"
#include "base/time.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Instants whose year has four digits; a zone's offset leads out of them. */
#define FIRST_INSTANT (-62167219200 * TIME_SECOND)
#define LAST_INSTANT (253402300800 * TIME_SECOND - 1)

static void try_cursor(struct span text)
{
    AUTO(buf_release) struct buf again = BUF_INIT;
    int64_t instant, id, instant_again, id_again;

    if (cursor_decode(text, &instant, &id) < 0 || instant < FIRST_INSTANT || instant > LAST_INSTANT)
        return;
    cursor_encode(instant, id, &again);
    if (cursor_decode(buf_span(&again), &instant_again, &id_again) < 0 ||
        instant_again != instant || id_again != id)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(buf_release) struct buf dressed = BUF_INIT;
    struct span text = {(const char *)bytes, len};
    int64_t whole;
    double fraction;

    try_cursor(text);
    base64url_encode(&dressed, text); /* so that what lies inside is reached too */
    try_cursor(buf_span(&dressed));
    if (number_parse_double(text, &fraction) == 0 && !isfinite(fraction))
        __builtin_trap();
    if (number_parse_int(text, &whole) == 0 && number_parse_double(text, &fraction) < 0)
        __builtin_trap();
    return 0;
}

/* Any text: refused, or an instant whose text means the same instant. And any instant has a text.
 */
#include "base/time.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char text[TIME_TEXT_SIZE];
    int64_t instant, again;
    int date_only;

    if (time_parse((struct span){(const char *)bytes, size}, &instant, &date_only) == 0) {
        time_format(instant, text);
        /* An offset may lead out of the years that can be read. */
        if (instant > -62135596800LL * TIME_SECOND && instant < 253402300800LL * TIME_SECOND &&
            (time_parse(span_of(text), &again, NULL) != 0 || again != instant))
            abort();
    }
    if (size >= sizeof(instant)) {
        int hour, weekday;
        memcpy(&instant, bytes, sizeof(instant));
        if (strlen(time_format(instant, text)) >= TIME_TEXT_SIZE)
            abort();
        time_local(instant, &hour, &weekday);
        if (hour < 0 || hour > 23 || weekday < 0 || weekday > 6)
            abort();
    }
    return 0;
}

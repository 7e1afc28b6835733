/* Any bytes as a picture: the first byte chooses the layout and the size asked for. */
#include "media/picture.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void refusal_release(struct picture_refusal *why)
{
    buf_release(&why->detail);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(picture_free) struct picture *picture = NULL;
    AUTO(refusal_release) struct picture_refusal why = {0};

    if (len == 0)
        return 0;
    struct span file = {(const char *)bytes + 1, len - 1};
    enum picture_format format = bytes[0] & 1 ? PICTURE_RGB : PICTURE_GRAY;
    int min_width = (bytes[0] >> 1) * 8;
    int error = picture_decode(file, format, min_width, min_width / 2, &picture, &why);
    if (error == -22 && (!why.reason || !why.detail.len))
        __builtin_trap();
    if (!error && (picture->format != format || picture->pixels == NULL))
        __builtin_trap();
    return 0;
}

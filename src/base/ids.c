#include "base/ids.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

static const char hex_digits[] = "0123456789abcdef";

void ids_random(void *bytes, size_t len)
{
    char *at = bytes;

    while (len) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort(); /* without randomness no name is safe to give */
        at += got;
        len -= (size_t)got;
    }
}

void ids_hex(char *text, size_t digits)
{
    ids_random(text, digits);
    for (size_t i = 0; i < digits; i++)
        text[i] = hex_digits[(unsigned char)text[i] & 15];
    text[digits] = '\0';
}

void ids_uuid(char text[IDS_UUID_SIZE])
{
    unsigned char raw[16];
    char *to = text;

    ids_random(raw, sizeof(raw));
    raw[6] = (unsigned char)((raw[6] & 0x0f) | 0x40); /* version 4 */
    raw[8] = (unsigned char)((raw[8] & 0x3f) | 0x80); /* variant 10 */
    for (size_t i = 0; i < sizeof(raw); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = hex_digits[raw[i] >> 4];
        *to++ = hex_digits[raw[i] & 15];
    }
    *to = '\0';
}

void ids_epoch(char text[IDS_EPOCH_SIZE])
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint64_t bits;

    ids_random(&bits, sizeof(bits));
    /* Ten characters of six bits; the eleventh carries the last four, shifted as base64 does. */
    for (int i = 0; i < 10; i++)
        text[i] = alphabet[(bits >> (58 - 6 * i)) & 63];
    text[10] = alphabet[(bits & 15) << 2];
    text[IDS_EPOCH_SIZE - 1] = '\0';
}

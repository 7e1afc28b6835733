#include "base/utf8.h"

#include <assert.h>
#include <string.h>

static size_t length_by_first(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t utf8_length(struct span text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    unsigned char low = 0x80, high = 0xbf;

    if (text.len == 0)
        return 0;
    size_t need = length_by_first(at[0]);
    if (need > text.len)
        return 0;
    /* Only the second byte has other bounds: for shorter forms, surrogates and the end of Unicode.
     */
    if (at[0] == 0xe0)
        low = 0xa0;
    if (at[0] == 0xed)
        high = 0x9f;
    if (at[0] == 0xf0)
        low = 0x90;
    if (at[0] == 0xf4)
        high = 0x8f;
    for (size_t i = 1; i < need; i++, low = 0x80, high = 0xbf)
        if (at[i] < low || at[i] > high)
            return 0;
    return need;
}

char *utf8_name(const char *name, char *to, size_t to_size)
{
    struct span rest = span_of(name);
    size_t used = 0;

    assert(to_size > 0);
    while (rest.len) {
        size_t length = utf8_length(rest);
        size_t step = length ? length : 1;
        if (used + step >= to_size)
            break;
        memcpy(to + used, rest.at, step);
        if (!length)
            to[used] = '?';
        else if (length == 1 && ((unsigned char)to[used] < 0x20 || to[used] == 0x7f))
            to[used] = ' ';
        used += step;
        rest = (struct span){rest.at + step, rest.len - step};
    }
    to[used] = '\0';
    return to;
}

#include "net/ws/utf8_private.h"

#include <stdint.h>
#include <string.h>

#define HIGH_BITS 0x8080808080808080ull

/* How many bytes at the front are ASCII: most text is nothing else. */
static size_t ascii_length(struct span piece)
{
    size_t at = 0;
    for (uint64_t word; at + sizeof(word) <= piece.len; at += sizeof(word)) {
        memcpy(&word, piece.at + at, sizeof(word));
        if (word & HIGH_BITS)
            break;
    }
    while (at < piece.len && (unsigned char)piece.at[at] < 0x80)
        at++;
    return at;
}

/* The first byte of a longer character says how many follow; some allow only a part of the range
 * for the second, else there would be two ways to write one character. */
static bool begin(struct utf8 *utf8, unsigned char byte)
{
    if (byte < 0xc2 || byte > 0xf4)
        return false;
    utf8->left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    utf8->low = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
    utf8->high = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
    return true;
}

bool utf8_feed(struct utf8 *utf8, struct span piece)
{
    for (size_t at = 0; at < piece.len; at++) {
        if (utf8->left == 0) {
            at += ascii_length((struct span){piece.at + at, piece.len - at});
            if (at == piece.len)
                return true;
            if (!begin(utf8, (unsigned char)piece.at[at]))
                return false;
            continue;
        }
        unsigned char byte = (unsigned char)piece.at[at];
        if (byte < utf8->low || byte > utf8->high)
            return false;
        utf8->left--;
        utf8->low = 0x80;
        utf8->high = 0xbf;
    }
    return true;
}

bool utf8_is_complete(const struct utf8 *utf8)
{
    return utf8->left == 0;
}

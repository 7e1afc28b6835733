#include "net/http/percent_private.h"

#include <errno.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte the escape at the start of `text` stands for; -1 when it is none or stands for NUL. */
static int escape_at(struct span text)
{
    if (text.len < 3 || text.at[0] != '%')
        return -1;
    int high = digit(text.at[1]);
    int low = digit(text.at[2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0))
        return -1;
    return high * 16 + low;
}

int percent_decode_path(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '%') {
            buf_add_char(out, text.at[i]);
            continue;
        }
        int byte = escape_at((struct span){text.at + i, text.len - i});
        if (byte < 0)
            return -EINVAL;
        buf_add_char(out, (char)byte);
        i += 2;
    }
    return 0;
}

void percent_decode_query(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        int byte = escape_at((struct span){text.at + i, text.len - i});
        if (byte >= 0)
            i += 2;
        else
            byte = text.at[i] == '+' ? ' ' : text.at[i];
        buf_add_char(out, (char)byte);
    }
}

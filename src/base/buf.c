#include "base/buf.h"

#include "base/mem.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAP_MIN 64

void buf_release(struct buf *buf)
{
    mem_free(&buf->data);
    buf->len = buf->cap = 0;
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

char *buf_reserve(struct buf *buf, size_t extra)
{
    size_t need;

    if (__builtin_add_overflow(buf->len, extra, &need) || need >= SIZE_MAX / 2)
        abort();
    need++; /* the terminator */
    if (need > buf->cap) {
        size_t cap = buf->cap < CAP_MIN ? CAP_MIN : buf->cap * 2;
        buf->cap = cap < need ? need : cap;
        buf->data = mem_resize(buf->data, buf->cap);
        buf->data[buf->len] = '\0';
    }
    return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
    char *at = buf_reserve(buf, len);

    if (len)
        memcpy(at, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_span(struct buf *buf, struct span span)
{
    buf_add(buf, span.at, span.len);
}

void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_vaddf(struct buf *buf, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    char *at = buf_reserve(buf, CAP_MIN - 1);
    size_t room = buf->cap - buf->len;
    int length = vsnprintf(at, room, format, args);
    if (length < 0)
        abort();
    if ((size_t)length >= room) {
        at = buf_reserve(buf, (size_t)length);
        vsnprintf(at, (size_t)length + 1, format, again);
    }
    va_end(again);
    buf->len += (size_t)length;
}

void buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buf_vaddf(buf, format, args);
    va_end(args);
}

void buf_setf(struct buf *buf, const char *format, ...)
{
    struct buf text = BUF_INIT;
    va_list args;

    if (!buf)
        return;
    /* Into a fresh buffer: the arguments may quote the old content. */
    va_start(args, format);
    buf_vaddf(&text, format, args);
    va_end(args);
    buf_release(buf);
    *buf = text;
}

void buf_consume(struct buf *buf, size_t count)
{
    assert(count <= buf->len);
    if (!count)
        return;
    memmove(buf->data, buf->data + count, buf->len - count);
    buf->len -= count;
    buf->data[buf->len] = '\0';
}

char *buf_detach(struct buf *buf)
{
    buf_reserve(buf, 0);
    buf->data[buf->len] = '\0';
    char *data = TAKE(buf->data);
    buf->len = buf->cap = 0;
    return data;
}

const char *buf_text(const struct buf *buf)
{
    if (!buf->data)
        return "";
    /* Whoever filled the room of buf_reserve() has only raised len. */
    if (buf->data[buf->len] != '\0')
        buf->data[buf->len] = '\0';
    return buf->data;
}

struct span buf_span(const struct buf *buf)
{
    return (struct span){buf->data, buf->len};
}

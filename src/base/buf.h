/* buf: bytes that grow.
 *
 * data[len] is always '\0' once anything was added, so a buf of text can be printed. Not for two
 * threads at once.
 * Limit: none of its own; whoever reads from outside checks len against a named limit first. */
#pragma once

#include "base/own.h"
#include "base/span.h"

#include <stdarg.h>
#include <stddef.h>

struct buf {
    char *data; /* owned; NULL while empty */
    size_t len;
    size_t cap;
};

#define BUF_INIT                                                                                   \
    (struct buf)                                                                                   \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }

void buf_release(struct buf *buf);
void buf_reset(struct buf *buf); /* len = 0, memory kept */

void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_span(struct buf *buf, struct span span);
void buf_add_char(struct buf *buf, char c);
void buf_addf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vaddf(struct buf *buf, const char *format, va_list args);

/* Replaces the content: how functions fill a `struct buf *why` for a person; NULL is accepted. */
void buf_setf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* Makes room for `extra` more bytes and returns where they go; the caller then raises len. */
char *buf_reserve(struct buf *buf, size_t extra);

/* Removes `count` bytes from the front. */
void buf_consume(struct buf *buf, size_t count);

/* Hands the bytes to the caller (mem_free) and empties the buf; never NULL. */
char *buf_detach(struct buf *buf);

/* The text, "" when empty. Valid until the next change. */
const char *buf_text(const struct buf *buf);
struct span buf_span(const struct buf *buf);

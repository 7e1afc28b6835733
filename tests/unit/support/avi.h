/* A video for tests: an AVI of JPEG pictures, written by hand. */
#pragma once

#include "support/pictures.h"

static inline void avi_word(struct buf *out, uint32_t value)
{
    buf_add(out, &value, sizeof(value)); /* little-endian, as the machines we run on */
}

/* Puts four letters and room for a length; returns where it goes. */
static inline size_t avi_begin(struct buf *out, const char *letters)
{
    buf_add(out, letters, 4);
    avi_word(out, 0);
    return out->len;
}

static inline void avi_end(struct buf *out, size_t begin)
{
    uint32_t length = (uint32_t)(out->len - begin);

    memcpy(out->data + begin - 4, &length, sizeof(length));
    if (out->len % 2)
        buf_add_char(out, '\0');
}

static inline void avi_head(struct buf *out, uint32_t width, uint32_t height, uint32_t fps,
                            uint32_t frames)
{
    uint32_t head[14] = {1000000 / fps, 0, 0, 0x10, frames, 0, 1, 0, width, height};
    uint32_t stream[14] = {0x73646976, 0x47504A4D, 0, 0, 0, 1, fps,
                           0,          frames,     0, 0, 0, 0, height << 16 | width};
    uint32_t format[10] = {40, width, height, 24 << 16 | 1, 0x47504A4D, width * height * 3};
    size_t list = avi_begin(out, "LIST");
    buf_add_text(out, "hdrl");
    size_t part = avi_begin(out, "avih");
    buf_add(out, head, sizeof(head));
    avi_end(out, part);
    size_t inner = avi_begin(out, "LIST");
    buf_add_text(out, "strl");
    part = avi_begin(out, "strh");
    buf_add(out, stream, sizeof(stream));
    avi_end(out, part);
    part = avi_begin(out, "strf");
    buf_add(out, format, sizeof(format));
    avi_end(out, part);
    avi_end(out, inner);
    avi_end(out, list);
}

/* `paint` makes the frame of a number; the caller of avi_make() owns `out`. */
static inline void avi_make(struct buf *out, uint32_t width, uint32_t height, uint32_t fps,
                            uint32_t frames, struct picture *(*paint)(uint32_t frame))
{
    size_t file = avi_begin(out, "RIFF");
    buf_add_text(out, "AVI ");
    avi_head(out, width, height, fps, frames);
    size_t list = avi_begin(out, "LIST");
    buf_add_text(out, "movi");
    for (uint32_t i = 0; i < frames; i++) {
        AUTO(picture_free) struct picture *picture = paint(i);
        size_t part = avi_begin(out, "00dc");
        add_jpeg(out, picture);
        avi_end(out, part);
    }
    avi_end(out, list);
    avi_end(out, file);
}

/* Any bytes as frames, at once and in pieces: the same events in the same order, texts that are
 * text, sizes within the limits. The first byte says how long the pieces are and whose decoder. */
#include "base/utf8.h"
#include "net/ws/frame.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define MESSAGE_MAX 1024
#define SKIP_MAX 8192

static void check_text(struct span text)
{
    while (text.len > 0) {
        size_t length = utf8_length(text);
        if (length == 0)
            __builtin_trap();
        text = (struct span){text.at + length, text.len - length};
    }
}

static void note(struct buf *events, const struct ws_event *event)
{
    bool control = event->opcode >= WS_CLOSE;

    if (event->payload.len > (control ? 125 : MESSAGE_MAX) || event->size > SKIP_MAX ||
        (event->oversize && event->payload.len > 0))
        __builtin_trap();
    if (event->opcode == WS_TEXT || event->opcode == WS_CLOSE)
        check_text(event->payload);
    buf_addf(events, "%d %d %d %llu:", event->opcode, event->close_code, event->oversize,
             (unsigned long long)event->size);
    buf_add_span(events, event->payload);
}

static void decode(enum ws_role role, struct span bytes, size_t piece, struct buf *events)
{
    struct ws_decoder *decoder = ws_decoder_new(role, MESSAGE_MAX, SKIP_MAX);
    int rc = 0;

    while (bytes.len > 0 && rc == 0) {
        struct span input = {bytes.at, bytes.len < piece ? bytes.len : piece};
        struct ws_event event;
        bytes = (struct span){bytes.at + input.len, bytes.len - input.len};
        while ((rc = ws_decoder_next(decoder, &input, &event)) > 0)
            note(events, &event);
    }
    buf_addf(events, "end %d", rc);
    ws_decoder_free(&decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(buf_release) struct buf whole = BUF_INIT;
    AUTO(buf_release) struct buf parts = BUF_INIT;

    if (len < 2)
        return 0;
    enum ws_role role = bytes[0] & 1 ? WS_ROLE_CLIENT : WS_ROLE_SERVER;
    struct span input = {(const char *)bytes + 1, len - 1};
    decode(role, input, input.len, &whole);
    decode(role, input, bytes[0] / 2 + 1u, &parts);
    if (!span_equal(buf_span(&whole), buf_span(&parts)))
        __builtin_trap();
    return 0;
}

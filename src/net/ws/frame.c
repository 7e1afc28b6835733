#include "net/ws/frame.h"

#include "base/mem.h"
#include "net/ws/utf8_private.h"

#include <assert.h>
#include <string.h>

#define FIN 0x80
#define RESERVED 0x70
#define OPCODE 0x0f
#define MASKED 0x80
#define LENGTH_7 0x7f
#define LENGTH_16_FOLLOWS 126
#define LENGTH_64_FOLLOWS 127
#define CONTROL 0x8 /* of an opcode */
#define CONTROL_MAX 125
#define HEADER_MAX 14
#define SKIP_PIECE 4096

enum decoder_state { IN_HEADER, IN_PAYLOAD, CLOSED };

struct ws_decoder {
    enum ws_role role;
    enum decoder_state state;
    size_t message_max;
    uint64_t skip_max;

    /* The frame at hand. */
    unsigned char header[HEADER_MAX];
    size_t header_len;
    unsigned char mask[4];
    size_t mask_at;
    uint64_t left; /* of its payload */
    enum ws_opcode opcode;
    bool fin;

    /* The message it belongs to; opcode WS_CONTINUATION: none has begun. */
    enum ws_opcode message;
    uint64_t message_size;
    bool skipping;
    bool delivered; /* text is the caller's until the next call */
    struct utf8 utf8;
    struct buf text;

    unsigned char control[CONTROL_MAX];
    size_t control_len;
};

struct ws_decoder *ws_decoder_new(enum ws_role role, size_t message_max, uint64_t skip_max)
{
    struct ws_decoder *decoder = mem_alloc(sizeof(*decoder));
    decoder->role = role;
    decoder->message_max = message_max;
    decoder->skip_max = skip_max;
    return decoder;
}

void ws_decoder_free(struct ws_decoder **decoder)
{
    if (!*decoder)
        return;
    buf_release(&(*decoder)->text);
    mem_free(decoder);
}

bool ws_decoder_is_idle(const struct ws_decoder *decoder)
{
    return decoder->state == IN_HEADER && decoder->header_len == 0 &&
           decoder->message == WS_CONTINUATION;
}

static int fail(struct ws_decoder *decoder, int code)
{
    decoder->state = CLOSED;
    return -code;
}

static bool is_control(enum ws_opcode opcode)
{
    return (opcode & CONTROL) != 0;
}

/* ---- Header ---- */

/* How long the header is, as far as its first two bytes are there; else those two. */
static size_t header_size(const struct ws_decoder *decoder)
{
    if (decoder->header_len < 2)
        return 2;
    unsigned length = decoder->header[1] & LENGTH_7;
    size_t size = 2;
    if (length == LENGTH_16_FOLLOWS)
        size += 2;
    else if (length == LENGTH_64_FOLLOWS)
        size += 8;
    return size + (decoder->header[1] & MASKED ? 4 : 0);
}

static bool is_known(unsigned opcode)
{
    return opcode <= WS_BINARY || (opcode >= WS_CLOSE && opcode <= WS_PONG);
}

static bool follows(const struct ws_decoder *decoder, unsigned opcode)
{
    if (opcode & CONTROL)
        return true;
    return (opcode == WS_CONTINUATION) == (decoder->message != WS_CONTINUATION);
}

/* What the first two bytes alone give away. */
static int check_start(const struct ws_decoder *decoder)
{
    unsigned char first = decoder->header[0];
    unsigned char second = decoder->header[1];
    unsigned opcode = first & OPCODE;
    bool masked = (second & MASKED) != 0;
    bool whole = (first & FIN) && (second & LENGTH_7) <= CONTROL_MAX;
    if ((first & RESERVED) || !is_known(opcode) || !follows(decoder, opcode))
        return -1002;
    if (masked != (decoder->role == WS_ROLE_SERVER))
        return -1002;
    if ((opcode & CONTROL) && !whole)
        return -1002;
    return 0;
}

static uint64_t big_endian(const unsigned char *bytes, size_t count)
{
    uint64_t number = 0;
    for (size_t i = 0; i < count; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* The payload's length; -1002 when it is longer than RFC 6455 knows or not written the short way.
 */
static int read_length(const struct ws_decoder *decoder, uint64_t *ret_length)
{
    unsigned length = decoder->header[1] & LENGTH_7;
    *ret_length = length;
    if (length == LENGTH_16_FOLLOWS) {
        *ret_length = big_endian(decoder->header + 2, 2);
        return *ret_length < LENGTH_16_FOLLOWS ? -1002 : 0;
    }
    if (length == LENGTH_64_FOLLOWS) {
        *ret_length = big_endian(decoder->header + 2, 8);
        return *ret_length <= UINT16_MAX || *ret_length > INT64_MAX ? -1002 : 0;
    }
    return 0;
}

/* A data frame of that length joins its message. */
static int begin_data(struct ws_decoder *decoder, uint64_t length)
{
    if (decoder->opcode != WS_CONTINUATION) {
        decoder->message = decoder->opcode;
        decoder->message_size = 0;
        decoder->skipping = false;
        decoder->utf8 = (struct utf8){0};
    }
    decoder->message_size += length;
    if (decoder->message_size <= decoder->message_max)
        return 0;
    if (decoder->message_size > decoder->skip_max)
        return -1009;
    decoder->skipping = true;
    buf_release(&decoder->text);
    return 0;
}

static int end_header(struct ws_decoder *decoder)
{
    uint64_t length;
    int rc = read_length(decoder, &length);
    if (rc < 0)
        return rc;
    decoder->opcode = decoder->header[0] & OPCODE;
    decoder->fin = (decoder->header[0] & FIN) != 0;
    decoder->left = length;
    decoder->mask_at = 0;
    decoder->control_len = 0;
    memset(decoder->mask, 0, sizeof(decoder->mask));
    if (decoder->header[1] & MASKED)
        memcpy(decoder->mask, decoder->header + decoder->header_len - 4, 4);
    decoder->header_len = 0;
    decoder->state = IN_PAYLOAD;
    return is_control(decoder->opcode) ? 0 : begin_data(decoder, length);
}

static struct span take(struct span *input, uint64_t most)
{
    size_t length = input->len < most ? input->len : (size_t)most;
    struct span taken = {input->at, length};
    *input = (struct span){input->at + length, input->len - length};
    return taken;
}

static int read_header(struct ws_decoder *decoder, struct span *input)
{
    while (decoder->header_len < header_size(decoder)) {
        struct span piece = take(input, header_size(decoder) - decoder->header_len);
        if (piece.len == 0)
            return 0;
        memcpy(decoder->header + decoder->header_len, piece.at, piece.len);
        decoder->header_len += piece.len;
        int rc = decoder->header_len >= 2 ? check_start(decoder) : 0;
        if (rc < 0)
            return rc;
    }
    return end_header(decoder);
}

/* ---- Payload ---- */

static void unmask(struct ws_decoder *decoder, char *to, struct span piece)
{
    unsigned char mask[8];
    for (size_t i = 0; i < sizeof(mask); i++)
        mask[i] = decoder->mask[(decoder->mask_at + i) % 4];
    decoder->mask_at = (decoder->mask_at + piece.len) % 4;

    uint64_t word, wide;
    memcpy(&wide, mask, sizeof(wide));
    size_t at = 0;
    for (; at + sizeof(word) <= piece.len; at += sizeof(word)) {
        memcpy(&word, piece.at + at, sizeof(word));
        word ^= wide;
        memcpy(to + at, &word, sizeof(word));
    }
    for (; at < piece.len; at++)
        to[at] = (char)(piece.at[at] ^ mask[at % 8]);
}

static bool is_text(struct ws_decoder *decoder, const char *at, size_t length)
{
    return decoder->message != WS_TEXT || utf8_feed(&decoder->utf8, (struct span){at, length});
}

static int keep_data(struct ws_decoder *decoder, struct span piece)
{
    char *to = buf_reserve(&decoder->text, piece.len);
    unmask(decoder, to, piece);
    decoder->text.len += piece.len;
    return is_text(decoder, to, piece.len) ? 0 : -1007;
}

/* Unmasked only to see that it is text. */
static int skip_data(struct ws_decoder *decoder, struct span piece)
{
    char plain[SKIP_PIECE];
    while (piece.len > 0) {
        struct span part = take(&piece, sizeof(plain));
        unmask(decoder, plain, part);
        if (!is_text(decoder, plain, part.len))
            return -1007;
    }
    return 0;
}

static int read_payload(struct ws_decoder *decoder, struct span *input)
{
    struct span piece = take(input, decoder->left);
    decoder->left -= piece.len;
    if (is_control(decoder->opcode)) {
        unmask(decoder, (char *)decoder->control + decoder->control_len, piece);
        decoder->control_len += piece.len;
        return 0;
    }
    return decoder->skipping ? skip_data(decoder, piece) : keep_data(decoder, piece);
}

/* ---- Frames that are complete ---- */

/* Those that may be sent (RFC 6455, 7.4, and what has been registered since). */
static bool is_close_code(uint64_t code)
{
    if (code >= 3000)
        return code <= 4999;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

static int end_close(struct ws_decoder *decoder, struct ws_event *ret)
{
    struct utf8 utf8 = {0};
    struct span payload = {(const char *)decoder->control, decoder->control_len};
    decoder->state = CLOSED;
    *ret = (struct ws_event){.opcode = WS_CLOSE, .close_code = 1005, .size = payload.len};
    if (payload.len == 0)
        return 1;
    uint64_t code = payload.len >= 2 ? big_endian(decoder->control, 2) : 0;
    if (!is_close_code(code))
        return -1002;
    ret->close_code = (int)code;
    ret->payload = (struct span){payload.at + 2, payload.len - 2};
    return utf8_feed(&utf8, ret->payload) && utf8_is_complete(&utf8) ? 1 : -1007;
}

static int end_data(struct ws_decoder *decoder, struct ws_event *ret)
{
    if (!decoder->fin)
        return 0;
    if (decoder->message == WS_TEXT && !utf8_is_complete(&decoder->utf8))
        return -1007;
    *ret = (struct ws_event){
        .opcode = decoder->message,
        .payload = decoder->skipping ? (struct span){"", 0} : buf_span(&decoder->text),
        .oversize = decoder->skipping,
        .size = decoder->message_size,
    };
    if (!ret->payload.at)
        ret->payload.at = "";
    decoder->message = WS_CONTINUATION;
    decoder->delivered = true;
    return 1;
}

static int end_frame(struct ws_decoder *decoder, struct ws_event *ret)
{
    decoder->state = IN_HEADER;
    if (decoder->opcode == WS_CLOSE)
        return end_close(decoder, ret);
    if (!is_control(decoder->opcode))
        return end_data(decoder, ret);
    *ret = (struct ws_event){
        .opcode = decoder->opcode,
        .payload = {(const char *)decoder->control, decoder->control_len},
        .size = decoder->control_len,
    };
    return 1;
}

static int advance(struct ws_decoder *decoder, struct span *input, struct ws_event *ret)
{
    int rc =
        decoder->state == IN_HEADER ? read_header(decoder, input) : read_payload(decoder, input);
    if (rc < 0 || decoder->state != IN_PAYLOAD || decoder->left > 0)
        return rc;
    return end_frame(decoder, ret);
}

int ws_decoder_next(struct ws_decoder *decoder, struct span *input, struct ws_event *ret)
{
    if (decoder->delivered) {
        decoder->delivered = false;
        buf_reset(&decoder->text);
    }
    while (input->len > 0 && decoder->state != CLOSED) {
        int rc = advance(decoder, input, ret);
        if (rc < 0)
            return fail(decoder, -rc);
        if (rc > 0)
            return rc;
    }
    if (decoder->state == CLOSED)
        *input = (struct span){input->at + input->len, 0};
    return 0;
}

/* ---- Writing ---- */

size_t ws_frame_header(unsigned char out[10], enum ws_opcode opcode, bool fin, uint64_t length)
{
    out[0] = (unsigned char)((fin ? FIN : 0) | opcode);
    if (length < LENGTH_16_FOLLOWS) {
        out[1] = (unsigned char)length;
        return 2;
    }
    size_t bytes = length <= UINT16_MAX ? 2 : 8;
    out[1] = bytes == 2 ? LENGTH_16_FOLLOWS : LENGTH_64_FOLLOWS;
    for (size_t i = 0; i < bytes; i++)
        out[2 + i] = (unsigned char)(length >> (8 * (bytes - 1 - i)));
    return 2 + bytes;
}

void ws_frame_add(struct buf *out, enum ws_opcode opcode, bool fin, struct span payload,
                  const unsigned char *mask)
{
    unsigned char header[10];
    size_t size = ws_frame_header(header, opcode, fin, payload.len);
    if (mask)
        header[1] |= MASKED;
    buf_add(out, header, size);
    if (!mask) {
        buf_add_span(out, payload);
        return;
    }
    buf_add(out, mask, 4);
    char *to = buf_reserve(out, payload.len);
    for (size_t i = 0; i < payload.len; i++)
        to[i] = (char)(payload.at[i] ^ mask[i % 4]);
    out->len += payload.len;
    out->data[out->len] = '\0';
}

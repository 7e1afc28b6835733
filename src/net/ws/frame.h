/* frame: RFC 6455's frames as bytes, both directions; no sockets.
 *
 * The decoder takes bytes as they come, in any pieces, and reports complete messages and control
 * frames. It validates all the RFC asks: reserved bits, opcodes, minimal lengths, masking (required
 * from clients, forbidden from servers), control frames of at most 125 bytes and not fragmented,
 * continuation order, UTF-8 as it arrives, close codes and reasons. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum ws_opcode {
    WS_CONTINUATION = 0,
    WS_TEXT = 1,
    WS_BINARY = 2,
    WS_CLOSE = 8,
    WS_PING = 9,
    WS_PONG = 10
};
enum ws_role { WS_ROLE_SERVER, WS_ROLE_CLIENT }; /* whose decoder it is */

struct ws_event {
    enum ws_opcode opcode; /* TEXT or BINARY: a whole message; or a control frame */
    struct span payload;   /* unmasked; valid until the next call */
    int close_code;        /* of WS_CLOSE: 1005 when the peer gave none */
    bool oversize;         /* a data message over the limit was skipped; payload empty, see size */
    uint64_t size;
};

struct ws_decoder;

/* A message larger than message_max is skipped while it is at most skip_max, else -1009. skip_max
 * 0: nothing is skipped. */
struct ws_decoder *ws_decoder_new(enum ws_role role, size_t message_max, uint64_t skip_max);
void ws_decoder_free(struct ws_decoder **decoder);

/* Between two messages, with nothing half-read: it may be freed, and a new one goes on. */
bool ws_decoder_is_idle(const struct ws_decoder *decoder);

/* Feeds bytes and takes the next event. Consumes from `input` (moves at, shortens len).
 * Returns 1 with *ret, 0 when more input is needed, or a negative close code (-1002, -1007, -1009):
 * the connection is to be closed with it, and the decoder accepts no more. */
MUST_CHECK int ws_decoder_next(struct ws_decoder *decoder, struct span *input,
                               struct ws_event *ret);

/* Appends one frame. mask: 4 bytes, for clients; NULL for servers. */
void ws_frame_add(struct buf *out, enum ws_opcode opcode, bool fin, struct span payload,
                  const unsigned char *mask);

/* Size of an unmasked header for a payload of that length: 2, 4 or 10. */
size_t ws_frame_header(unsigned char out[10], enum ws_opcode opcode, bool fin, uint64_t length);

/* protocol: what clients say, read and checked.
 *
 * One text message becomes one command, in any of the forms that clients of the seeds use (see
 * docs/protocol.md), or a refusal that names what was wrong. Unknown members are tolerated; types
 * are compared without case. Pure; thread: any.
 * Limit: the message's own; SUBSCRIPTION_PATTERNS_MAX patterns of SUBSCRIPTION_PATTERN_MAX bytes,
 * COMMAND_SEQUENCES_MAX sequences per command. */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "base/span.h"
#include "realtime/resume.h"
#include "realtime/subscriptions.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMMAND_TYPE_MAX 50
#define COMMAND_SEQUENCES_MAX 256

enum command_kind {
    COMMAND_REFUSED,
    COMMAND_PING,
    COMMAND_PONG,
    COMMAND_SUBSCRIBE,
    COMMAND_UNSUBSCRIBE,
    COMMAND_RESYNC,
    COMMAND_ACK
};

struct command {
    enum command_kind kind;

    /* REFUSED: the error frame's members. */
    const char *code;
    struct buf message;
    json_t *details;

    /* SUBSCRIBE, UNSUBSCRIBE (none: from everything explicit), lower-cased. */
    struct span patterns[SUBSCRIPTION_PATTERNS_MAX];
    size_t pattern_count;
    struct subscription_filter filter;

    /* RESYNC; SUBSCRIBE with `since`. */
    bool has_position;
    struct position position;
    struct span channel; /* as the client calls it; empty: not named */

    /* ACK */
    bool has_cumulative;
    uint64_t cumulative; /* this one and all before it */
    uint64_t sequences[COMMAND_SEQUENCES_MAX];
    size_t sequence_count; /* exactly these */

    /* What the spans above point into. */
    json_t *document;
    struct buf text;
};

/* `text` is valid UTF-8. Always gives a command; command_release() it. */
void command_parse(struct span text, struct command *ret_command);
void command_release(struct command *command);

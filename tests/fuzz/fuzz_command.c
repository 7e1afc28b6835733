/* Any bytes as a client's message; what was understood keeps the promises of protocol.h, and its
 * patterns go through a subscription. */
#include "realtime/protocol.h"
#include "realtime/replies.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void subscribe(const struct command *command)
{
    static const char *const types[] = {"event", "alert_created", "camera_status", "made.up"};
    struct subscriptions *table = subscriptions_new();
    struct subscription *set = NULL, *rest;

    require(subscriptions_add(table, NULL, command->patterns, command->pattern_count,
                              &command->filter, &set) == 0);
    for (unsigned i = 0; i < COUNT_OF(types); i++) {
        struct kind kind = {i + 1, span_of(types[i]), span_of("camera.offline")};
        struct facts facts = {span_of("porch"), 80};
        enum interest first = subscription_interest(set, &kind);

        require(subscription_interest(set, &kind) == first);
        if (subscription_passes(set, &kind, &facts))
            require(first != INTEREST_NONE);
    }
    rest = subscriptions_remove(table, set, command->patterns, command->pattern_count);
    require(subscription_patterns(rest) == 0);
    subscriptions_unref(table, &rest);
    subscriptions_unref(table, &set);
    subscriptions_free(&table);
}

/* Whatever we say is JSON; a preview may hold NUL characters. */
static void answer(const struct command *command)
{
    AUTO(buf_release) struct buf out = BUF_INIT;
    AUTO(json_release) json_t *document = NULL;
    struct reply_error error = {command->code, command->code, buf_text(&command->message),
                                command->details};

    if (command->kind == COMMAND_REFUSED)
        reply_error(&out, &error);
    else
        reply_subscription(&out, SUBSCRIPTION_SUBSCRIBED, command->patterns,
                           command->pattern_count);
    document = json_loadb(out.data, out.len, JSON_ALLOW_NUL, NULL);
    require(json_is_object(document));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(command_release) struct command command;

    command_parse((struct span){(const char *)bytes, len}, &command);
    require(command.pattern_count <= SUBSCRIPTION_PATTERNS_MAX);
    require(command.sequence_count <= COMMAND_SEQUENCES_MAX);
    require(command.position.sequence <= SEQUENCE_MAX && command.cumulative <= SEQUENCE_MAX);
    if (command.kind == COMMAND_REFUSED)
        require(command.code && command.message.len && json_is_object(command.details));
    if (command.kind == COMMAND_SUBSCRIBE) {
        require(command.pattern_count > 0);
        subscribe(&command);
    }
    answer(&command);
    return 0;
}

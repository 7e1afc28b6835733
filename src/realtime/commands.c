/* What a client's commands do. */
#include "base/mem.h"
#include "realtime/broadcaster_private.h"
#include "realtime/channel_private.h"
#include "realtime/replies.h"

static void answer_pong(struct client *client)
{
    AUTO(buf_release) struct buf json = BUF_INIT;

    reply_pong(&json);
    client_answer(client, &json);
}

static void resync(struct client *client, const struct command *command)
{
    client_resync(client, &command->position, command->channel);
}

/* A count under way was made with the old wishes. */
static void take_subscription(struct client *client, struct subscription *subscription)
{
    struct pending_resync *pending = client->catch_up ? client->catch_up->pending : NULL;

    subscriptions_unref(client->channel->subscriptions, &client->subscription);
    client->subscription = subscription;
    if (pending) {
        pending->at = pending->plan.next;
        pending->counted = 0;
    }
}

static void answer_subscription(struct client *client, enum subscription_change change,
                                const struct command *command)
{
    AUTO(buf_release) struct buf json = BUF_INIT;

    reply_subscription(&json, change, command->patterns, command->pattern_count);
    client_answer(client, &json);
}

static void subscribe(struct client *client, const struct command *command)
{
    static const struct reply_error too_many = {
        .error = "validation_error",
        .code = "validation_error",
        .message = "Too many patterns: at most 64 per connection",
    };
    struct subscription *subscription;

    if (subscriptions_add(client->channel->subscriptions, client->subscription, command->patterns,
                          command->pattern_count, &command->filter, &subscription) != 0) {
        client_answer_error(client, &too_many);
        return;
    }
    take_subscription(client, subscription);
    answer_subscription(client, SUBSCRIPTION_SUBSCRIBED, command);
    if (command->has_position)
        resync(client, command);
}

static void unsubscribe(struct client *client, const struct command *command)
{
    struct subscription *rest = NULL;

    if (command->pattern_count)
        rest = subscriptions_remove(client->channel->subscriptions, client->subscription,
                                    command->patterns, command->pattern_count);
    take_subscription(client, rest);
    answer_subscription(client, SUBSCRIPTION_UNSUBSCRIBED, command);
}

static struct hub_ack *hub_ack_new(const struct client *client, size_t room)
{
    struct hub_ack *ack = mem_alloc(sizeof(*ack) + room * sizeof(uint64_t));

    ack->hub = client->channel->broadcaster->hub;
    ack->session = client->session;
    return ack;
}

/* Numbers that were never given out acknowledge nothing. */
static void acknowledge(struct client *client, const struct command *command)
{
    struct hub_ack *ack = hub_ack_new(client, command->sequence_count);
    uint64_t head = frame_log_head(client->channel->log);

    ack->has_cumulative = command->has_cumulative && command->cumulative <= head;
    ack->cumulative = command->cumulative;
    for (size_t i = 0; i < command->sequence_count; i++)
        if (command->sequences[i] <= head)
            ack->sequences[ack->count++] = command->sequences[i];
    if (!ack->has_cumulative && !ack->count) {
        mem_free(&ack);
        return;
    }
    client->tracked = true;
    loop_post(client->channel->broadcaster->core, hub_on_ack, ack);
}

void client_forget_acks(struct client *client)
{
    struct hub_ack *ack;

    if (!client->tracked)
        return;
    ack = hub_ack_new(client, 0);
    ack->gone = true;
    loop_post(client->channel->broadcaster->core, hub_on_ack, ack);
}

static void refuse(struct client *client, const struct command *command)
{
    struct reply_error error = {
        .error = command->code,
        .code = command->code,
        .message = buf_text(&command->message),
        .details = command->details,
    };

    client_answer_error(client, &error);
}

void client_obey(struct client *client, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_PING:
        answer_pong(client);
        break;
    case COMMAND_PONG:
        break;
    case COMMAND_SUBSCRIBE:
        subscribe(client, command);
        break;
    case COMMAND_UNSUBSCRIBE:
        unsubscribe(client, command);
        break;
    case COMMAND_RESYNC:
        resync(client, command);
        break;
    case COMMAND_ACK:
        acknowledge(client, command);
        break;
    case COMMAND_REFUSED:
        refuse(client, command);
        break;
    }
}

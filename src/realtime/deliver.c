#include "realtime/broadcaster_private.h"
#include "realtime/channel_private.h"
#include "realtime/replies.h"

bool client_wants(const struct client *client, const struct frame *frame)
{
    AUTO(facts_free) struct facts *facts = NULL;

    switch (subscription_interest(client->subscription, &frame->kind)) {
    case INTEREST_ALL:
        return true;
    case INTEREST_FILTERED:
        facts = frame_facts(frame);
        return subscription_passes(client->subscription, &frame->kind, facts);
    case INTEREST_NONE:
        break;
    }
    return false;
}

/* The same, with the log keeping the facts for the next one who asks. */
bool client_wants_logged(const struct client *client, uint64_t sequence)
{
    struct frame_log *log = client->channel->log;
    const struct frame *frame = frame_log_at(log, sequence);
    enum interest interest = subscription_interest(client->subscription, &frame->kind);

    if (interest == INTEREST_FILTERED)
        return subscription_passes(client->subscription, &frame->kind,
                                   frame_log_facts(log, sequence));
    return interest == INTEREST_ALL;
}

/* False when the queue is full: on_drained will come. A frame larger than the limit goes alone. */
static bool send_message(struct client *client, struct bytes *bytes)
{
    size_t backlog = ws_backlog(client->ws);

    if (backlog && backlog + bytes->len > BACKLOG_MAX) {
        client_set_state(client, CLIENT_BLOCKED);
        return false;
    }
    ws_send_frame(client->ws, bytes);
    counter_add(&client->channel->counters.deliveries, 1);
    counter_add(&client->channel->counters.bytes_sent, bytes->len);
    return true;
}

static bool deliver_logged(struct client *client)
{
    struct frame_log *log = client->channel->log;
    bool replay = client->next <= client->replay_until;

    if (client_wants_logged(client, client->next) &&
        !send_message(client, replay ? frame_log_replay(log, client->next)
                                     : frame_log_at(log, client->next)->bytes))
        return false;
    client->next++;
    return true;
}

/* Neither the log nor the journal has what the cursor stands at. */
static void declare_lost(struct client *client, uint64_t next)
{
    AUTO(buf_release) struct buf json = BUF_INIT;
    struct reply_gap gap = {
        .channel = JOURNAL_CHANNEL_EVENTS,
        .epoch = client->channel->epoch,
        .from = client->next,
        .to = next - 1,
        .next = next,
        .reason = GAP_SLOW,
    };

    reply_gap(&json, &gap);
    client_answer(client, &json);
    counter_add(&client->channel->counters.gaps, 1);
    client->next = next;
    client_close_slow(client);
}

static bool deliver_journalled(struct client *client)
{
    uint64_t next;
    const struct frame *frame = catch_up_frame(client, client->next, &next);

    if (!frame) {
        if (next)
            declare_lost(client, next);
        return false;
    }
    if (client_wants(client, frame)) {
        AUTO(bytes_unref)
        struct bytes *replay =
            client->next <= client->replay_until ? frame_replay(frame) : bytes_ref(frame->bytes);

        if (!send_message(client, replay)) {
            catch_up_pause(client);
            return false;
        }
    }
    client->next++;
    return true;
}

void client_deliver(struct client *client)
{
    struct frame_log *log = client->channel->log;

    if (client->state == CLIENT_CLOSING || !resync_continue(client))
        return;
    while (client->next <= frame_log_head(log)) {
        bool delivered = client->next >= frame_log_oldest(log) ? deliver_logged(client)
                                                               : deliver_journalled(client);
        if (!delivered)
            return;
    }
    catch_up_end(&client->catch_up);
    client_set_state(client, CLIENT_LIVE);
}

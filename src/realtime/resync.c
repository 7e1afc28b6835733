#include "base/mem.h"
#include "realtime/broadcaster_private.h"
#include "realtime/channel_private.h"
#include "realtime/replies.h"

#include <string.h>

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

void resync_plan(const struct channel *channel, const struct position *asked,
                 struct resume_plan *ret_plan)
{
    struct journal_position position;
    struct resume_state state = {.epoch = channel->epoch};

    journal_position(channel->broadcaster->journal, &position);
    state.head = frame_log_head(channel->log);
    state.newest = larger(position.last, state.head);
    state.oldest = smaller(position.oldest, frame_log_oldest(channel->log));
    state.replay_max = channel->settings->replay_max;
    resume_plan(asked, &state, ret_plan);
}

static void send_gap(struct client *client, uint64_t from, uint64_t to, uint64_t next,
                     enum gap_reason reason)
{
    AUTO(buf_release) struct buf json = BUF_INIT;
    struct reply_gap gap = {
        .channel = JOURNAL_CHANNEL_EVENTS,
        .epoch = client->channel->epoch,
        .from = from,
        .to = to,
        .next = next,
        .reason = reason,
    };

    reply_gap(&json, &gap);
    client_answer(client, &json);
    counter_add(&client->channel->counters.gaps, 1);
}

static void send_answer(struct client *client, const struct resume_plan *plan, uint64_t asked,
                        uint64_t replayed, struct span channel_name)
{
    AUTO(buf_release) struct buf json = BUF_INIT;
    struct reply_resync resync = {
        .channel = channel_name,
        .epoch = client->channel->epoch,
        .asked = asked,
        .replayed = replayed,
        .next = plan->next,
        .recovered = plan->recovered,
        .too_old = plan->lost_from != 0,
    };

    reply_resync(&json, &resync);
    client_answer(client, &json);
    if (plan->broken != GAP_NONE)
        send_gap(client, 0, 0, plan->next, plan->broken);
    if (plan->lost_from)
        send_gap(client, plan->lost_from, plan->next - 1, plan->next, GAP_TRIMMED);
    counter_add(&client->channel->counters.replays, 1);
}

static uint64_t count_logged(const struct client *client, uint64_t from)
{
    uint64_t count = 0;

    for (uint64_t at = from; at <= client->replay_until; at++)
        count += client_wants_logged(client, at);
    return count;
}

/* How many messages follow is known at once, unless a filter has to look at what only the journal
 * has. */
static void wait_for_count(struct client *client, const struct resume_plan *plan, uint64_t asked,
                           struct span channel_name)
{
    struct pending_resync *pending = mem_alloc(sizeof(*pending));

    pending->plan = *plan;
    pending->asked = asked;
    pending->at = plan->next;
    memcpy(pending->channel, channel_name.at, smaller(channel_name.len, COMMAND_TYPE_MAX));
    client_catch_up(client)->pending = pending;
}

void client_resync(struct client *client, const struct position *asked, struct span channel_name)
{
    struct frame_log *log = client->channel->log;
    struct resume_plan plan;

    if (!channel_name.len)
        channel_name = SPAN_LITERAL(JOURNAL_CHANNEL_EVENTS);
    resync_plan(client->channel, asked, &plan);
    catch_up_end(&client->catch_up);
    client->next = plan.next;
    client->replay_until = frame_log_head(log);
    if (!client->subscription)
        send_answer(client, &plan, asked->sequence, plan.replayed, channel_name);
    else if (plan.next >= frame_log_oldest(log))
        send_answer(client, &plan, asked->sequence, count_logged(client, plan.next), channel_name);
    else
        wait_for_count(client, &plan, asked->sequence, channel_name);
    client_deliver(client);
}

/* False while the journal is being read. */
static bool count_journalled(struct client *client, struct pending_resync *pending)
{
    while (pending->at < frame_log_oldest(client->channel->log) &&
           pending->at <= client->replay_until) {
        uint64_t next;
        const struct frame *frame = catch_up_frame(client, pending->at, &next);

        if (!frame && !next)
            return false;
        if (frame)
            pending->counted += client_wants(client, frame);
        pending->at = frame ? pending->at + 1 : next;
    }
    return true;
}

bool resync_continue(struct client *client)
{
    AUTO(mem_free) struct pending_resync *pending = NULL;

    if (!client->catch_up || !client->catch_up->pending)
        return true;
    if (!count_journalled(client, client->catch_up->pending))
        return false;
    pending = TAKE(client->catch_up->pending);
    pending->counted += count_logged(client, pending->at);
    send_answer(client, &pending->plan, pending->asked, pending->counted,
                span_of(pending->channel));
    return client->state != CLIENT_CLOSING;
}

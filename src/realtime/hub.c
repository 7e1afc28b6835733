#include "base/mem.h"
#include "realtime/acks.h"
#include "realtime/broadcaster_private.h"
#include "realtime/channel_private.h"
#include "realtime/kinds.h"

struct hub {
    struct broadcaster *broadcaster;
    struct journal_follower follower;
    struct turn_end turn_end;
    bool following;
    struct kinds *kinds;
    struct acks *acks;
    uint64_t head; /* newest sequence that the channels know of, or will with the next batch */
    struct frame **pending; /* of this turn, counted */
    size_t pending_count, pending_cap;
    struct channel **channels; /* counted */
    size_t channel_count;
};

static void hand_out(void *arg);

struct hub *hub_new(struct broadcaster *broadcaster)
{
    struct hub *hub = mem_alloc(sizeof(*hub));

    hub->broadcaster = broadcaster;
    hub->kinds = kinds_new();
    hub->acks = acks_new();
    hub->head = broadcaster->start.last;
    turn_end_init(&hub->turn_end, hand_out, hub);
    return hub;
}

void hub_free(struct hub **hub)
{
    struct hub *ending = *hub;

    if (!ending)
        return;
    if (ending->following)
        journal_unfollow(&ending->follower);
    turn_end_cancel(&ending->turn_end);
    for (size_t i = 0; i < ending->pending_count; i++)
        frame_unref(&ending->pending[i]);
    for (size_t i = 0; i < ending->channel_count; i++)
        channel_unref(&ending->channels[i]);
    mem_free(&ending->pending);
    mem_free(&ending->channels);
    kinds_free(&ending->kinds);
    acks_free(&ending->acks);
    mem_free(hub);
}

void hub_number(struct hub *hub, struct frame *frame)
{
    frame_set_kind(frame, kinds_number(hub->kinds, frame->kind.type, frame->kind.event_type));
}

static void post_batch(struct hub *hub, struct channel *channel)
{
    size_t count = hub->pending_count;
    struct batch *batch = mem_alloc(sizeof(*batch) + count * sizeof(struct frame *));

    batch->channel = channel_ref(channel);
    batch->head = hub->head;
    batch->count = count;
    for (size_t i = 0; i < count; i++)
        batch->frames[i] = frame_ref(hub->pending[i]);
    loop_post(channel->loop, channel_on_batch, batch);
}

/* At the end of a turn: one post per net loop, however many messages came. */
static void hand_out(void *arg)
{
    struct hub *hub = arg;

    for (size_t i = 0; i < hub->channel_count; i++)
        post_batch(hub, hub->channels[i]);
    for (size_t i = 0; i < hub->pending_count; i++)
        frame_unref(&hub->pending[i]);
    hub->pending_count = 0;
}

static void on_message(void *owner, struct message *message)
{
    struct hub *hub = owner;
    struct frame *frame;

    if (message->sequence <= hub->head)
        return;
    frame = frame_new(message);
    hub_number(hub, frame);
    if (hub->pending_count == hub->pending_cap) {
        hub->pending_cap = hub->pending_cap ? 2 * hub->pending_cap : 16;
        hub->pending = mem_resize(hub->pending, hub->pending_cap * sizeof(struct frame *));
    }
    hub->pending[hub->pending_count++] = frame;
    hub->head = message->sequence;
    turn_end_request(hub->broadcaster->core, &hub->turn_end);
}

/* What was committed since the prefill was read has no frames: the channels hear that it is there,
 * and who wants it reads the journal. */
void hub_start(void *arg)
{
    struct hub *hub = arg;
    struct journal_position position;

    journal_follow(hub->broadcaster->journal, &hub->follower, on_message, hub);
    hub->following = true;
    journal_position(hub->broadcaster->journal, &position);
    if (position.last > hub->head) {
        hub->head = position.last;
        turn_end_request(hub->broadcaster->core, &hub->turn_end);
    }
}

void hub_on_channel(void *arg)
{
    struct hub_channel *entry = arg;
    struct hub *hub = entry->hub;

    hub->channels = mem_resize(hub->channels, (hub->channel_count + 1) * sizeof(struct channel *));
    hub->channels[hub->channel_count++] = entry->channel;
    mem_free(&entry);
    turn_end_request(hub->broadcaster->core, &hub->turn_end);
}

void hub_on_ack(void *arg)
{
    struct hub_ack *ack = arg;
    struct hub *hub = ack->hub;

    if (ack->gone)
        acks_forget(hub->acks, ack->session);
    if (ack->has_cumulative)
        acks_record_up_to(hub->acks, ack->session, ack->cumulative);
    for (size_t i = 0; i < ack->count; i++)
        acks_record(hub->acks, ack->session, ack->sequences[i]);
    counter_add(&hub->broadcaster->acks, ack->has_cumulative + ack->count);
    mem_free(&ack);
}

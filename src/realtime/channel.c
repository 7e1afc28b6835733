#include "base/mem.h"
#include "base/time.h"
#include "realtime/broadcaster_private.h"
#include "realtime/channel_private.h"

#include <stdio.h>

#define TICK_MIN_US (2 * TIME_MS)
#define TICK_MAX_US (250 * TIME_MS)
#define TICK_LEAVING_US (10 * TIME_MS)

static void on_tick(void *arg);

/* A hundredth of the shorter interval: fine enough that nobody notices, coarse enough that an idle
 * server sleeps. */
static int64_t tick_of(const struct broadcaster_settings *settings)
{
    int64_t shorter = settings->ping_interval_us < settings->idle_timeout_us
                          ? settings->ping_interval_us
                          : settings->idle_timeout_us;

    if (settings->stall_timeout_us < shorter)
        shorter = settings->stall_timeout_us;
    shorter /= 100;
    if (shorter < TICK_MIN_US)
        return TICK_MIN_US;
    return shorter < TICK_MAX_US ? shorter : TICK_MAX_US;
}

struct channel *channel_new(struct broadcaster *broadcaster,
                            const struct broadcaster_settings *settings, struct loop *loop,
                            const char *epoch)
{
    struct channel *channel = mem_alloc(sizeof(*channel));

    atomic_init(&channel->refs, 1);
    channel->broadcaster = broadcaster;
    channel->settings = settings;
    channel->loop = loop;
    snprintf(channel->epoch, sizeof(channel->epoch), "%s", epoch);
    channel->log = frame_log_new(settings->log_frames, 0);
    channel->subscriptions = subscriptions_new();
    list_init(&channel->live);
    list_init(&channel->waiting);
    channel->tick_us = tick_of(settings);
    wheel_init(&channel->wheel, channel->tick_us, time_monotonic());
    timer_init(&channel->tick, loop, on_tick, channel);
    return channel;
}

struct channel *channel_ref(struct channel *channel)
{
    atomic_fetch_add_explicit(&channel->refs, 1, memory_order_relaxed);
    return channel;
}

void channel_unref(struct channel **channel)
{
    struct channel *last = *channel;

    *channel = NULL;
    if (!last || atomic_fetch_sub_explicit(&last->refs, 1, memory_order_acq_rel) != 1)
        return;
    frame_log_free(&last->log);
    subscriptions_free(&last->subscriptions);
    mem_free(&last->leaving);
    mem_free(&last);
}

/* ---- Messages ---- */

static void take_in(struct channel *channel, struct batch *batch)
{
    uint64_t before = frame_log_head(channel->log);

    for (size_t i = 0; i < batch->count; i++) {
        frame_log_append(channel->log, batch->frames[i]);
        frame_unref(&batch->frames[i]);
    }
    frame_log_advance(channel->log, batch->head);
    counter_add(&channel->counters.messages, frame_log_head(channel->log) - before);
}

void channel_on_batch(void *arg)
{
    struct batch *batch = arg;
    struct channel *channel = batch->channel;

    take_in(channel, batch);
    LIST_FOR_EACH(&channel->live, node)
    client_deliver(CONTAINER_OF(node, struct client, node));
    channel_unref(&batch->channel);
    mem_free(&batch);
}

/* ---- Clients and their clock ---- */

void channel_add(struct channel *channel, struct client *client)
{
    unsigned count = atomic_load(&channel->counters.connections);

    list_append(&channel->waiting, &client->node);
    wheel_add(&channel->wheel, &client->due, client->ping_due);
    atomic_store(&channel->counters.connections, count + 1);
    counter_add(&channel->counters.connections_total, 1);
    if (!timer_is_running(&channel->tick))
        timer_start(&channel->tick, channel->tick_us);
}

void channel_remove(struct channel *channel, struct client *client)
{
    unsigned count = atomic_load(&channel->counters.connections);

    list_remove(&client->node);
    list_remove(&client->due);
    atomic_store(&channel->counters.connections, count - 1);
    if (count == 1)
        timer_stop(&channel->tick);
}

/* Those behind the head: one that waits for a failed read tries again, one that stands still too
 * long goes. */
static void nudge_waiting(struct channel *channel, int64_t now)
{
    LIST_FOR_EACH(&channel->waiting, node)
    {
        struct client *client = CONTAINER_OF(node, struct client, node);

        if (client->state == CLIENT_READING && (!client->catch_up || !client->catch_up->job))
            client_deliver(client);
        else
            client_check_stall(client, now);
    }
}

static void on_tick(void *arg)
{
    struct channel *channel = arg;
    int64_t now = loop_now(channel->loop);
    struct list due;
    struct list *node;

    timer_start(&channel->tick, channel->leaving ? TICK_LEAVING_US : channel->tick_us);
    list_init(&due);
    wheel_advance(&channel->wheel, now, &due);
    while ((node = list_take_first(&due)))
        client_on_due(CONTAINER_OF(node, struct client, due), now);
    nudge_waiting(channel, now);
}

/* ---- Leaving ---- */

void channel_on_drain(void *arg)
{
    struct departure *departure = arg;
    struct channel *channel = departure->channel;

    if (!channel->leaving) {
        channel->leaving = TAKE(departure->reason);
        LIST_FOR_EACH(&channel->live, node)
        client_leave(CONTAINER_OF(node, struct client, node), channel->leaving);
        LIST_FOR_EACH(&channel->waiting, waiting_node)
        client_leave(CONTAINER_OF(waiting_node, struct client, node), channel->leaving);
        if (timer_is_running(&channel->tick))
            timer_start(&channel->tick, TICK_LEAVING_US);
    }
    mem_free(&departure->reason);
    channel_unref(&departure->channel);
    mem_free(&departure);
}

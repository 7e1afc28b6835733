#include "realtime/broadcaster.h"

#include "base/mem.h"
#include "base/time.h"
#include "realtime/broadcaster_private.h"
#include "realtime/channel_private.h"
#include "realtime/origin.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define STALL_TIMEOUT_US (30 * TIME_SECOND)
#define REFUSED_MESSAGE_MAX 1024

/* ---- Beginning and end ---- */

static const char *const *copy_origins(const char *const *origins)
{
    size_t count = 0;
    const char **copies;

    while (origins && origins[count])
        count++;
    copies = mem_alloc_array(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++)
        copies[i] = mem_strdup(origins[i]);
    return copies;
}

static void copy_settings(struct broadcaster_settings *to, const struct broadcaster_settings *from)
{
    *to = *from;
    if (to->log_frames < LOG_FRAMES_MIN)
        to->log_frames = LOG_FRAMES_MIN;
    if (!to->replay_max)
        to->replay_max = to->log_frames;
    if (!to->stall_timeout_us)
        to->stall_timeout_us = STALL_TIMEOUT_US;
    to->origins = copy_origins(from->origins);
    to->version = mem_strdup(from->version ? from->version : "unknown");
}

static void release_settings(struct broadcaster_settings *settings)
{
    for (const char *const *origin = settings->origins; origin && *origin; origin++) {
        char *copy = (char *)*origin;
        mem_free(&copy);
    }
    mem_free(&settings->origins);
    mem_free(&settings->version);
}

/* The newest messages, so that a replay after a restart costs no reading. */
static int read_newest(struct broadcaster *broadcaster)
{
    const struct journal_position *start = &broadcaster->start;
    AUTO(mem_free) struct message **messages = NULL;
    size_t max = broadcaster->settings.log_frames;
    uint64_t from = start->last >= max ? start->last - max + 1 : 1;
    int count;

    if (from < start->oldest)
        from = start->oldest;
    if (from > start->last)
        return 0;
    messages = mem_alloc_array(max, sizeof(struct message *));
    count = journal_read(broadcaster->journal, from, (size_t)(start->last - from + 1), messages);
    if (count < 0)
        return count;
    broadcaster->prefill = mem_alloc_array((size_t)count, sizeof(struct frame *));
    broadcaster->prefill_count = (size_t)count;
    for (int i = 0; i < count; i++) {
        broadcaster->prefill[i] = frame_new(messages[i]);
        message_unref(&messages[i]);
    }
    return 0;
}

int broadcaster_new(const struct broadcaster_settings *settings, struct journal *journal,
                    struct loop *core, struct lane *read_lane, struct broadcaster **ret_broadcaster,
                    struct buf *why)
{
    AUTO(broadcaster_free) struct broadcaster *broadcaster = mem_alloc(sizeof(*broadcaster));
    int error;

    copy_settings(&broadcaster->settings, settings);
    broadcaster->journal = journal;
    broadcaster->core = core;
    broadcaster->read_lane = read_lane;
    journal_position(journal, &broadcaster->start);
    error = read_newest(broadcaster);
    if (error) {
        buf_setf(why, "the journal cannot be read: %s", strerror(-error));
        return error;
    }
    broadcaster->hub = hub_new(broadcaster);
    for (size_t i = 0; i < broadcaster->prefill_count; i++)
        hub_number(broadcaster->hub, broadcaster->prefill[i]);
    loop_post(core, hub_start, broadcaster->hub);
    *ret_broadcaster = TAKE(broadcaster);
    return 0;
}

static void drop_prefill(struct broadcaster *broadcaster)
{
    for (size_t i = 0; i < broadcaster->prefill_count; i++)
        frame_unref(&broadcaster->prefill[i]);
    broadcaster->prefill_count = 0;
    mem_free(&broadcaster->prefill);
}

static struct channel *open_channel(struct broadcaster *broadcaster, struct loop *loop)
{
    struct channel *channel =
        channel_new(broadcaster, &broadcaster->settings, loop, broadcaster->start.epoch);

    if (broadcaster->prefill_count)
        frame_log_advance(channel->log, broadcaster->prefill[0]->sequence - 1);
    for (size_t i = 0; i < broadcaster->prefill_count; i++)
        frame_log_append(channel->log, broadcaster->prefill[i]);
    frame_log_advance(channel->log, broadcaster->start.last);
    return channel;
}

int broadcaster_attach(struct broadcaster *broadcaster, struct net *net)
{
    unsigned count = net_loops(net);

    assert(!broadcaster->channels);
    broadcaster->channels = mem_alloc_array(count, sizeof(struct channel *));
    broadcaster->channel_count = count;
    for (unsigned i = 0; i < count; i++) {
        struct hub_channel *entry = mem_alloc(sizeof(*entry));

        broadcaster->channels[i] = open_channel(broadcaster, net_loop(net, i));
        entry->hub = broadcaster->hub;
        entry->channel = channel_ref(broadcaster->channels[i]);
        loop_post(broadcaster->core, hub_on_channel, entry);
    }
    drop_prefill(broadcaster);
    return 0;
}

void broadcaster_free(struct broadcaster **broadcaster)
{
    struct broadcaster *ending = *broadcaster;

    if (!ending)
        return;
    hub_free(&ending->hub);
    for (unsigned i = 0; i < ending->channel_count; i++)
        channel_unref(&ending->channels[i]);
    drop_prefill(ending);
    mem_free(&ending->channels);
    release_settings(&ending->settings);
    mem_free(broadcaster);
}

/* ---- The door ---- */

static struct channel *channel_of(const struct broadcaster *broadcaster, const struct loop *loop)
{
    unsigned at = 0;

    while (broadcaster->channels[at]->loop != loop) {
        at++;
        assert(at < broadcaster->channel_count); /* else the exchange is another net's */
    }
    return broadcaster->channels[at];
}

/* The first offered subprotocol that carries a key; browsers fail the connection when it is not
 * echoed. True when there is one. */
static bool find_subprotocol(const struct http_request *request, struct buf *ret)
{
    struct span offers = http_header_of(request, "Sec-WebSocket-Protocol");

    while (offers.at) {
        struct span offer = span_trim(span_cut(&offers, ','));

        if (span_starts_with(offer, "api-key.") && offer.len > strlen("api-key.")) {
            buf_add_span(ret, offer);
            return true;
        }
    }
    return false;
}

/* True: it is a handshake. Otherwise it was answered. */
static bool check_handshake(struct http_exchange **exchange)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    const struct http_request *request = http_request_of(*exchange);
    int status = ws_check_handshake(request, &why);

    if (status == 0)
        return true;
    struct http_response *refusal = ws_refusal(status, buf_text(&why), request);
    http_reply(exchange, &refusal);
    return false;
}

void broadcaster_accept(struct broadcaster *broadcaster, struct http_exchange **exchange)
{
    AUTO(buf_release) struct buf subprotocol = BUF_INIT;
    const struct http_request *request = http_request_of(*exchange);
    bool offered;

    if (!check_handshake(exchange))
        return;
    if (!origin_allowed(http_header_of(request, "Origin"), http_header_of(request, "Host"),
                        broadcaster->settings.origins)) {
        broadcaster_refuse(broadcaster, exchange, "Origin is not allowed");
        return;
    }
    offered = find_subprotocol(request, &subprotocol);
    client_accept(channel_of(broadcaster, http_loop_of(*exchange)), exchange,
                  offered ? buf_text(&subprotocol) : NULL);
}

static void ignore_text(void *owner, struct ws *ws, struct span text)
{
}

static void ignore_end(void *owner, struct ws *ws, int code)
{
}

void broadcaster_refuse(struct broadcaster *broadcaster, struct http_exchange **exchange,
                        const char *reason)
{
    static const struct ws_handlers handlers = {
        .on_text = ignore_text,
        .on_binary = ignore_text,
        .on_closed = ignore_end,
    };
    AUTO(buf_release) struct buf subprotocol = BUF_INIT;
    struct ws_settings settings = {.handlers = &handlers, .message_max = REFUSED_MESSAGE_MAX};

    if (!check_handshake(exchange))
        return;
    if (find_subprotocol(http_request_of(*exchange), &subprotocol))
        settings.subprotocol = buf_text(&subprotocol);
    ws_close(ws_accept(exchange, &settings), WS_CLOSE_POLICY, reason);
}

/* ---- For everyone ---- */

void broadcaster_drain(struct broadcaster *broadcaster, const char *reason)
{
    for (unsigned i = 0; i < broadcaster->channel_count; i++) {
        struct departure *departure = mem_alloc(sizeof(*departure));

        departure->channel = channel_ref(broadcaster->channels[i]);
        departure->reason = mem_strdup(reason);
        loop_post(departure->channel->loop, channel_on_drain, departure);
    }
}

void broadcaster_stats(const struct broadcaster *broadcaster, struct broadcaster_stats *ret_stats)
{
    struct broadcaster_stats stats = {.acks = atomic_load(&broadcaster->acks)};

    for (unsigned i = 0; i < broadcaster->channel_count; i++) {
        const struct channel_counters *counters = &broadcaster->channels[i]->counters;

        uint64_t messages = atomic_load(&counters->messages);

        if (i == 0 || messages < stats.messages)
            stats.messages = messages;
        stats.connections += atomic_load(&counters->connections);
        stats.connections_total += atomic_load(&counters->connections_total);
        stats.deliveries += atomic_load(&counters->deliveries);
        stats.bytes_sent += atomic_load(&counters->bytes_sent);
        stats.replays += atomic_load(&counters->replays);
        stats.gaps += atomic_load(&counters->gaps);
        stats.slow_closed += atomic_load(&counters->slow_closed);
    }
    *ret_stats = stats;
}

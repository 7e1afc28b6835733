#include "base/ids.h"
#include "base/mem.h"
#include "base/time.h"
#include "realtime/broadcaster_private.h"
#include "realtime/channel_private.h"
#include "realtime/replies.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RETRY_MIN_MS 500
#define RETRY_SPREAD_MS 2000 /* so that a thousand clients do not come back in one instant */

static void client_free(struct client **client)
{
    struct client *ending = *client;

    catch_up_free(&ending->catch_up);
    subscriptions_unref(ending->channel->subscriptions, &ending->subscription);
    mem_free(client);
}

/* ---- Saying ---- */

void client_answer(struct client *client, const struct buf *json)
{
    if (client->state == CLIENT_CLOSING)
        return;
    if (ws_backlog(client->ws) > ANSWERS_MAX) {
        client_close(client, WS_CLOSE_POLICY, "Answers are not read");
        return;
    }
    ws_send_text(client->ws, buf_span(json));
}

void client_set_state(struct client *client, enum client_state state)
{
    struct channel *channel = client->channel;

    if ((client->state == CLIENT_LIVE) != (state == CLIENT_LIVE)) {
        list_remove(&client->node);
        list_append(state == CLIENT_LIVE ? &channel->live : &channel->waiting, &client->node);
    }
    client->state = (uint8_t)state;
}

void client_close(struct client *client, enum ws_close code, const char *reason)
{
    if (client->state == CLIENT_CLOSING)
        return;
    client_set_state(client, CLIENT_CLOSING);
    ws_close(client->ws, code, reason);
}

/* What the client may call received: after a break it would come back with this number. */
static uint64_t stands_at(const struct client *client)
{
    if (client->catch_up && client->catch_up->pending)
        return resume_stands_at(&client->catch_up->pending->plan);
    return client->next - 1;
}

/* A random moment, the same for a client however often it is asked. */
static int64_t retry_after_ms(const struct client *client)
{
    return RETRY_MIN_MS + client->id % RETRY_SPREAD_MS;
}

void client_close_slow(struct client *client)
{
    AUTO(buf_release) struct buf reason = BUF_INIT;

    if (client->state == CLIENT_CLOSING)
        return;
    reply_retry(&reason, retry_after_ms(client), client->channel->epoch, stands_at(client));
    counter_add(&client->channel->counters.slow_closed, 1);
    client_close(client, WS_CLOSE_TRY_LATER, buf_text(&reason));
}

void client_answer_error(struct client *client, const struct reply_error *error)
{
    AUTO(buf_release) struct buf json = BUF_INIT;

    reply_error(&json, error);
    client_answer(client, &json);
}

static void ping(struct client *client, uint64_t position)
{
    AUTO(buf_release) struct buf json = BUF_INIT;

    reply_ping(&json, position, client->channel->epoch, time_now());
    client_answer(client, &json);
}

/* ---- The clock ---- */

/* Milliseconds in half the room; good for what lies within 24 days of now. */
static uint32_t moment_of(int64_t time_us)
{
    return (uint32_t)(time_us / TIME_MS);
}

static int64_t time_of(uint32_t moment, int64_t now)
{
    return (now / TIME_MS + (int32_t)(moment - moment_of(now))) * TIME_MS;
}

void client_check_stall(struct client *client, int64_t now)
{
    int64_t since = client->state == CLIENT_CLOSING ? 0 : ws_stalled_since(client->ws);

    if (since && now - since > client->channel->settings->stall_timeout_us)
        client_close_slow(client);
}

static void look_again(struct client *client, int64_t now)
{
    const struct broadcaster_settings *settings = client->channel->settings;
    int64_t due = time_of(client->ping_due, now);
    int64_t idle_end = time_of(client->heard, now) + settings->idle_timeout_us;

    if (idle_end < due)
        due = idle_end;
    if (now + settings->stall_timeout_us < due)
        due = now + settings->stall_timeout_us;
    wheel_add(&client->channel->wheel, &client->due, due);
}

void client_on_due(struct client *client, int64_t now)
{
    const struct broadcaster_settings *settings = client->channel->settings;

    if (client->state == CLIENT_CLOSING)
        return;
    if (client->channel->leaving) {
        if (now >= time_of(client->ping_due, now))
            client_close(client, WS_CLOSE_RESTART, client->channel->leaving);
        else
            wheel_add(&client->channel->wheel, &client->due, time_of(client->ping_due, now));
        return;
    }
    if (now - time_of(client->heard, now) >= settings->idle_timeout_us) {
        client_close(client, WS_CLOSE_NORMAL, "Idle timeout");
        return;
    }
    client_check_stall(client, now);
    if (now >= time_of(client->ping_due, now)) {
        ping(client, stands_at(client));
        client->ping_due = moment_of(now + settings->ping_interval_us);
    }
    if (client->state != CLIENT_CLOSING)
        look_again(client, now);
}

void client_leave(struct client *client, const char *reason)
{
    AUTO(buf_release) struct buf json = BUF_INIT;
    struct channel *channel = client->channel;
    int64_t close_at;
    uint32_t dice;

    ids_random(&dice, sizeof(dice));
    close_at = loop_now(channel->loop) + dice % DRAIN_WINDOW_US;
    reply_shutdown(&json, reason, retry_after_ms(client), time_now());
    client_answer(client, &json);
    client->ping_due = moment_of(close_at);
    list_remove(&client->due);
    wheel_add(&channel->wheel, &client->due, close_at);
}

/* ---- Hearing ---- */

static void hear(struct client *client)
{
    client->heard = moment_of(loop_now(client->channel->loop));
}

static void on_text(void *owner, struct ws *ws, struct span text)
{
    struct client *client = owner;
    struct command command;

    if (client->state == CLIENT_CLOSING)
        return;
    hear(client);
    command_parse(text, &command);
    client_obey(client, &command);
    command_release(&command);
}

static void on_binary(void *owner, struct ws *ws, struct span bytes)
{
    static const struct reply_error not_text = {
        .error = "invalid_message_format",
        .code = "invalid_message_format",
        .message = "Messages are text; binary ones are not understood",
    };
    struct client *client = owner;

    hear(client);
    client_answer_error(client, &not_text);
}

static void on_oversize(void *owner, struct ws *ws, uint64_t size)
{
    struct client *client = owner;
    size_t max = client->channel->settings->message_max;
    char text[100];
    struct reply_error error = {.error = text, .code = "message_too_large", .message = text};

    hear(client);
    snprintf(text, sizeof(text), "Message too large (%" PRIu64 " bytes, max %zu)", size, max);
    client_answer_error(client, &error);
}

static void on_pong(void *owner, struct ws *ws)
{
    struct client *client = owner;

    hear(client);
}

static void on_drained(void *owner, struct ws *ws)
{
    struct client *client = owner;

    if (client->state == CLIENT_BLOCKED)
        client_deliver(client);
}

static void on_closed(void *owner, struct ws *ws, int code)
{
    struct client *client = owner;

    client_forget_acks(client);
    channel_remove(client->channel, client);
    client_free(&client);
}

static const struct ws_handlers handlers = {
    .on_text = on_text,
    .on_binary = on_binary,
    .on_oversize = on_oversize,
    .on_pong = on_pong,
    .on_drained = on_drained,
    .on_closed = on_closed,
};

/* ---- Coming in ---- */

static void greet(struct client *client)
{
    AUTO(buf_release) struct buf json = BUF_INIT;
    struct channel *channel = client->channel;
    struct journal_position position;
    uint64_t oldest = frame_log_oldest(channel->log);
    char connection_id[32], session[24];

    journal_position(channel->broadcaster->journal, &position);
    snprintf(connection_id, sizeof(connection_id), "ws-events-%08" PRIx32, client->id);
    snprintf(session, sizeof(session), "%016" PRIx64, client->session);
    reply_connected(&json,
                    &(struct reply_connected){
                        .connection_id = connection_id,
                        .session = session,
                        .channel = JOURNAL_CHANNEL_EVENTS,
                        .epoch = channel->epoch,
                        .version = channel->settings->version,
                        .last_sequence = client->next - 1,
                        .oldest_sequence = position.oldest < oldest ? position.oldest : oldest,
                        .ping_interval_us = channel->settings->ping_interval_us,
                        .now = time_now(),
                    });
    client_answer(client, &json);
}

/* Every client's pings come at their interval; the first a little early, by up to a tenth, so that
 * those who came together are not pinged together. */
static struct client *client_new(struct channel *channel)
{
    struct client *client = mem_alloc(sizeof(*client));
    int64_t now = loop_now(channel->loop);
    int64_t spread = channel->settings->ping_interval_us / 10;

    ids_random(&client->id, sizeof(client->id));
    ids_random(&client->session, sizeof(client->session));
    list_init(&client->node);
    list_init(&client->due);
    client->channel = channel;
    client->state = CLIENT_BLOCKED;
    client->next = frame_log_head(channel->log) + 1;
    client->heard = moment_of(now);
    client->ping_due = moment_of(now + channel->settings->ping_interval_us -
                                 (spread > 0 ? client->id % spread : 0));
    return client;
}

/* The first ping comes before the answer to ?resume=, so it must not promise what follows. */
static void resume(struct client *client, const struct position *asked)
{
    struct resume_plan plan;

    resync_plan(client->channel, asked, &plan);
    ping(client, resume_stands_at(&plan));
    client_resync(client, asked, (struct span){NULL, 0});
}

/* Begins at the head. */
static void begin(struct client *client)
{
    ping(client, client->next - 1);
    client_deliver(client);
}

static void refuse_token(struct client *client)
{
    static const struct reply_error bad_token = {
        .error = "validation_error",
        .code = "validation_error",
        .message = "\"resume\" must be <epoch>~<sequence>; going on from now",
    };

    client_answer_error(client, &bad_token);
}

void client_accept(struct channel *channel, struct http_exchange **exchange,
                   const char *subprotocol)
{
    AUTO(buf_release) struct buf token = BUF_INIT;
    bool asked = http_query_of(http_request_of(*exchange), "resume", &token);
    struct position position;
    struct client *client = client_new(channel);
    struct ws_settings settings = {
        .handlers = &handlers,
        .owner = client,
        .message_max = channel->settings->message_max,
        .subprotocol = subprotocol,
    };

    client->ws = ws_accept(exchange, &settings);
    channel_add(channel, client);
    greet(client);
    if (asked && position_parse(buf_span(&token), &position) == 0) {
        resume(client, &position);
    } else {
        begin(client);
        if (asked)
            refuse_token(client);
    }
    if (channel->leaving)
        client_leave(client, channel->leaving);
}

#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/body_private.h"
#include "api/origin_private.h"
#include "api/publish_private.h"
#include "base/log.h"

#include <errno.h>

/* ---- POST /api/realtime/publish ---- */

/* Who may publish: programs on this machine, and holders of a key. A page in a browser on this
 * machine is neither: its Origin gives it away, "*" or not. */
static struct http_response *publish_refusal(const struct call *call)
{
    const struct api *api = call->api;
    enum origin origin = origin_of(call->request, api->settings.cors_origins);
    enum key_verdict verdict = key_of_request(&api->keys, call->request);

    if (verdict == KEY_GOOD)
        return NULL;
    if (request_is_local(call->request) && verdict == KEY_MISSING && origin != ORIGIN_ANYONE)
        return NULL;
    if (api->keys.count == 0)
        return answer_problem(call, 403, NULL,
                              "Publishing from another machine, or through a proxy, needs an API "
                              "key, and none is configured: set API_KEYS");
    log_warning("api", "event=%s security_event=true path=/api/realtime/publish",
                verdict == KEY_MISSING ? "auth_missing_key" : "auth_invalid_key");
    return answer_unauthorized(verdict);
}

struct publish_work {
    struct journal *journal;
    const json_t *messages; /* array of checked envelopes */
    uint64_t first, last;
};

static int publish_append(struct store_tx *tx, void *arg)
{
    struct publish_work *work = arg;
    const json_t *message;
    size_t i;

    json_array_foreach(work->messages, i, message)
    {
        int error = journal_append(work->journal, tx, json_member_text(message, "type"),
                                   json_object_get(message, "data"), &work->last);
        if (error < 0)
            return error;
        if (i == 0)
            work->first = work->last;
    }
    return 0;
}

static struct http_response *answer_published(const struct call *call,
                                              const struct publish_work *work)
{
    struct journal_position position;
    json_t *body = json_object();

    journal_position(call->api->parts.journal, &position);
    json_object_set_new(body, "published",
                        json_integer((json_int_t)json_array_size(work->messages)));
    json_object_set_new(body, "first_sequence", json_integer((json_int_t)work->first));
    json_object_set_new(body, "last_sequence", json_integer((json_int_t)work->last));
    json_object_set_new(body, "epoch", json_string(position.epoch));
    return answer_json(200, body);
}

struct http_response *realtime_publish(struct call *call)
{
    struct http_response *refusal = publish_refusal(call);
    if (refusal)
        return refusal;
    AUTO(json_release) json_t *messages = publish_read(call);
    if (call_has_faults(call))
        return answer_faults(call);
    struct publish_work work = {.journal = call->api->parts.journal, .messages = messages};
    int error = store_write(call->api->parts.store, publish_append, &work);
    if (error == -EMSGSIZE)
        return answer_too_large("data of one message is over %d bytes", JOURNAL_MESSAGE_MAX);
    if (error < 0)
        return answer_store_error(call, error);
    return answer_published(call, &work);
}

/* ---- GET /ws/events ---- */

/* Refused means accepted, then closed with 1008: of an HTTP status here a browser tells its page
 * nothing. */
struct http_response *ws_events(struct call *call)
{
    const struct api *api = call->api;
    enum key_verdict verdict = key_of_handshake(&api->keys, call->request);

    if (!api->settings.key_required || verdict == KEY_GOOD) {
        broadcaster_accept(api->parts.broadcaster, &call->exchange);
        return NULL;
    }
    log_warning("api", "event=%s security_event=true path=/ws/events",
                verdict == KEY_MISSING ? "auth_missing_key" : "auth_invalid_key");
    broadcaster_refuse(api->parts.broadcaster, &call->exchange,
                       verdict == KEY_MISSING ? "API key required" : "Invalid API key");
    return NULL;
}

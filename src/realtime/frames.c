#include "realtime/frames.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/own.h"
#include "base/time.h"
#include "net/ws/ws.h"
#include "realtime/event_names.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* Its length says how long the header before it is (RFC 6455 §5.2, unmasked). */
static size_t header_length(const struct bytes *bytes)
{
    assert(bytes->len >= 2);
    switch (bytes->at[1] & 0x7f) {
    case 126:
        return 4;
    case 127:
        return 10;
    default:
        return 2;
    }
}

static void add_envelope(struct buf *out, const struct message *message)
{
    char timestamp[TIME_TEXT_SIZE];

    buf_add_text(out, "{\"type\":");
    buf_add_json_string(out, message->type);
    buf_addf(out,
             ",\"sequence\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"epoch\":\"%s\",\"id\":\"%s-%" PRIu64
             "\",\"timestamp\":\"%s\",\"requires_ack\":%s,\"data\":",
             message->sequence, message->sequence, message->epoch, message->epoch,
             message->sequence, time_format(message->timestamp, timestamp),
             message->requires_ack ? "true" : "false");
    buf_add_span(out, message->data);
    buf_add_char(out, '}');
}

/* The `event_type` that is one of the message's names; NULL for most messages, which are not
 * parsed. */
static json_t *find_event_type(const struct message *message)
{
    AUTO(json_release) json_t *data = NULL;

    if (!event_names_use_data(message->type) || json_parse(message->data, &data, NULL) != 0)
        return NULL;
    return json_incref(json_object_get(data, "event_type"));
}

static struct span shorten(struct span name)
{
    return (struct span){name.at, name.len < EVENT_NAME_MAX ? name.len : EVENT_NAME_MAX};
}

static struct span keep(char **to, struct span text)
{
    struct span kept = {*to, text.len};

    if (kept.len)
        memcpy(*to, text.at, kept.len);
    *to += kept.len;
    return kept;
}

struct frame *frame_new(const struct message *message)
{
    AUTO(buf_release) struct buf json = BUF_INIT;
    AUTO(json_release) json_t *event_type = find_event_type(message);
    struct span type = shorten(message->type);
    struct span named =
        shorten((struct span){json_string_value(event_type), json_string_length(event_type)});
    struct frame *frame = mem_alloc(sizeof(*frame) + type.len + named.len);
    char *text = frame->text;

    atomic_init(&frame->refs, 1);
    frame->requires_ack = message->requires_ack;
    frame->sequence = message->sequence;
    frame->kind.number = KIND_UNLISTED;
    frame->kind.type = keep(&text, type);
    frame->kind.event_type = keep(&text, named);
    add_envelope(&json, message);
    frame->bytes = ws_frame(buf_span(&json));
    return frame;
}

struct frame *frame_ref(struct frame *frame)
{
    atomic_fetch_add_explicit(&frame->refs, 1, memory_order_relaxed);
    return frame;
}

void frame_unref(struct frame **frame)
{
    struct frame *last = *frame;

    *frame = NULL;
    if (!last || atomic_fetch_sub_explicit(&last->refs, 1, memory_order_acq_rel) != 1)
        return;
    bytes_unref(&last->bytes);
    mem_free(&last);
}

void frame_set_kind(struct frame *frame, unsigned number)
{
    frame->kind.number = number;
}

struct span frame_json(const struct frame *frame)
{
    size_t header = header_length(frame->bytes);

    return (struct span){frame->bytes->at + header, frame->bytes->len - header};
}

struct bytes *frame_replay(const struct frame *frame)
{
    AUTO(buf_release) struct buf json = BUF_INIT;
    struct span original = frame_json(frame);

    original.len--; /* the closing brace */
    buf_reserve(&json, original.len + sizeof(",\"replay\":true}"));
    buf_add_span(&json, original);
    buf_add_text(&json, ",\"replay\":true}");
    return ws_frame(buf_span(&json));
}

/* The name lies behind the facts, in the same block. */
struct facts *frame_facts(const struct frame *frame)
{
    AUTO(json_release) json_t *document = NULL;
    struct facts *facts;
    const json_t *data = NULL;
    const char *camera_id;
    size_t len;

    if (json_parse(frame_json(frame), &document, NULL) == 0)
        data = json_object_get(document, "data");
    camera_id = json_member_text(data, "camera_id");
    len = camera_id ? strlen(camera_id) : 0;
    facts = mem_alloc(sizeof(*facts) + len + 1);
    facts->risk_score = json_member_number(data, "risk_score", -1);
    if (camera_id) {
        memcpy(facts + 1, camera_id, len);
        facts->camera_id = (struct span){(const char *)(facts + 1), len};
    }
    return facts;
}

void facts_free(struct facts **facts)
{
    mem_free(facts);
}

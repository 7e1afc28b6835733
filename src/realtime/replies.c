#include "realtime/replies.h"

#include "base/time.h"

#include <inttypes.h>

static void add_text(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, "\"%s\":", name);
    buf_add_json_string(out, span_of(text));
}

static void add_timestamp(struct buf *out, int64_t now)
{
    char text[TIME_TEXT_SIZE];

    add_text(out, "timestamp", time_format(now, text));
}

void reply_connected(struct buf *out, const struct reply_connected *connected)
{
    buf_add_text(out, "{\"type\":\"connected\",\"message\":\"Connected to the event stream\",");
    add_text(out, "connection_id", connected->connection_id);
    buf_add_char(out, ',');
    add_text(out, "id", connected->connection_id);
    buf_add_char(out, ',');
    add_text(out, "session", connected->session);
    buf_add_char(out, ',');
    add_text(out, "channel", connected->channel);
    buf_add_char(out, ',');
    add_text(out, "epoch", connected->epoch);
    buf_addf(out, ",\"last_sequence\":%" PRIu64 ",\"oldest_sequence\":%" PRIu64,
             connected->last_sequence, connected->oldest_sequence);
    buf_add_text(out, ",\"ping_interval\":");
    buf_add_json_number(out, (double)connected->ping_interval_us / (double)TIME_SECOND);
    buf_add_char(out, ',');
    buf_addf(out, "\"server\":\"vigil/%s\",", connected->version);
    add_text(out, "version", connected->version);
    buf_add_char(out, ',');
    add_timestamp(out, connected->now);
    buf_add_text(out, ",\"data\":{");
    add_text(out, "connection_id", connected->connection_id);
    buf_add_text(out, "}}");
}

void reply_ping(struct buf *out, uint64_t last_sequence, const char *epoch, int64_t now)
{
    buf_addf(out, "{\"type\":\"ping\",\"lastSeq\":%" PRIu64 ",", last_sequence);
    add_text(out, "epoch", epoch);
    buf_add_char(out, ',');
    add_timestamp(out, now);
    buf_add_char(out, '}');
}

void reply_pong(struct buf *out)
{
    buf_add_text(out, "{\"type\":\"pong\"}");
}

void reply_subscription(struct buf *out, enum subscription_change change,
                        const struct span *patterns, size_t count)
{
    buf_addf(out, "{\"action\":\"%s\",\"events\":[",
             change == SUBSCRIPTION_SUBSCRIBED ? "subscribed" : "unsubscribed");
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add_char(out, ',');
        buf_add_json_string(out, patterns[i]);
    }
    buf_add_text(out, "]}");
}

void reply_resync(struct buf *out, const struct reply_resync *resync)
{
    buf_add_text(out, "{\"type\":\"resync_ack\",\"channel\":");
    buf_add_json_string(out, resync->channel);
    buf_addf(out, ",\"last_sequence\":%" PRIu64 ",\"replayed_count\":%" PRIu64 ",", resync->asked,
             resync->replayed);
    add_text(out, "epoch", resync->epoch);
    buf_addf(out, ",\"recovered\":%s", resync->recovered ? "true" : "false");
    if (resync->too_old)
        buf_addf(out, ",\"gap_too_old\":true,\"oldest_available\":%" PRIu64, resync->next);
    buf_add_char(out, '}');
}

static void add_sequence_or_null(struct buf *out, const char *name, uint64_t sequence)
{
    buf_addf(out, ",\"%s\":", name);
    if (sequence)
        buf_addf(out, "%" PRIu64, sequence);
    else
        buf_add_text(out, "null");
}

void reply_gap(struct buf *out, const struct reply_gap *gap)
{
    buf_add_text(out, "{\"type\":\"gap\"");
    add_sequence_or_null(out, "from", gap->from);
    add_sequence_or_null(out, "to", gap->to);
    buf_addf(out, ",\"next\":%" PRIu64 ",\"reason\":\"%s\",", gap->next,
             gap_reason_name(gap->reason));
    add_text(out, "channel", gap->channel);
    buf_add_char(out, ',');
    add_text(out, "epoch", gap->epoch);
    buf_add_char(out, '}');
}

void reply_error(struct buf *out, const struct reply_error *error)
{
    buf_add_text(out, "{\"type\":\"error\",");
    add_text(out, "error", error->error);
    buf_add_char(out, ',');
    add_text(out, "code", error->code);
    buf_add_char(out, ',');
    add_text(out, "message", error->message);
    buf_add_text(out, ",\"details\":");
    if (error->details)
        buf_add_json(out, error->details);
    else
        buf_add_text(out, "{}");
    buf_add_char(out, '}');
}

void reply_shutdown(struct buf *out, const char *reason, int64_t retry_after_ms, int64_t now)
{
    buf_add_text(out, "{\"type\":\"system.shutdown\",");
    add_timestamp(out, now);
    buf_add_text(out, ",\"data\":{");
    add_text(out, "reason", reason);
    buf_addf(out, ",\"reconnect\":true,\"retry_after_ms\":%" PRId64 "}}", retry_after_ms);
}

void reply_retry(struct buf *out, int64_t retry_after_ms, const char *epoch, uint64_t sequence)
{
    buf_addf(out, "{\"retry_after_ms\":%" PRId64 ",\"resume\":\"%s~%" PRIu64 "\"}", retry_after_ms,
             epoch, sequence);
}

#include "unit.h"

#include "base/own.h"
#include "realtime/replies.h"

#include <string.h>

#define ASSERT_TEXT(out, text) assert_string_equal(buf_text(&(out)), text)

static void connected_says_where_the_client_stands(void **state)
{
    AUTO(buf_release) struct buf out = BUF_INIT;
    AUTO(json_release) json_t *document = NULL;
    struct reply_connected connected = {
        .connection_id = "ws-events-0011aaff",
        .session = "00112233445566ff",
        .channel = "events",
        .epoch = "abcdefghijk",
        .version = "0.1.0",
        .last_sequence = 42,
        .oldest_sequence = 3,
        .ping_interval_us = 30000000,
        .now = 0,
    };

    reply_connected(&out, &connected);
    assert_int_equal(json_parse(buf_span(&out), &document, NULL), 0);
    assert_string_equal(json_member_text(document, "type"), "connected");
    assert_non_null(json_member_text(document, "message"));
    assert_string_equal(json_member_text(document, "connection_id"), "ws-events-0011aaff");
    assert_string_equal(json_member_text(document, "session"), "00112233445566ff");
    assert_string_equal(json_member_text(document, "channel"), "events");
    assert_string_equal(json_member_text(document, "epoch"), "abcdefghijk");
    assert_int_equal(json_member_int(document, "last_sequence", -1), 42);
    assert_int_equal(json_member_int(document, "oldest_sequence", -1), 3);
    assert_true(json_member_number(document, "ping_interval", 0) == 30);
    assert_string_equal(json_member_text(document, "version"), "0.1.0");
    assert_string_equal(json_member_text(document, "timestamp"), "1970-01-01T00:00:00Z");
    assert_true(json_is_object(json_object_get(document, "data")));
}

static void pings_carry_the_position(void **state)
{
    AUTO(buf_release) struct buf out = BUF_INIT;

    reply_ping(&out, 42, "abcdefghijk", 0);
    ASSERT_TEXT(out, "{\"type\":\"ping\",\"lastSeq\":42,\"epoch\":\"abcdefghijk\","
                     "\"timestamp\":\"1970-01-01T00:00:00Z\"}");
    buf_reset(&out);
    reply_pong(&out);
    ASSERT_TEXT(out, "{\"type\":\"pong\"}");
}

static void subscriptions_are_echoed(void **state)
{
    AUTO(buf_release) struct buf out = BUF_INIT;
    struct span patterns[] = {SPAN_LITERAL("alert.*"), SPAN_LITERAL("a\"b")};

    reply_subscription(&out, SUBSCRIPTION_SUBSCRIBED, patterns, 2);
    ASSERT_TEXT(out, "{\"action\":\"subscribed\",\"events\":[\"alert.*\",\"a\\\"b\"]}");
    buf_reset(&out);
    reply_subscription(&out, SUBSCRIPTION_UNSUBSCRIBED, NULL, 0);
    ASSERT_TEXT(out, "{\"action\":\"unsubscribed\",\"events\":[]}");
}

static void resyncs_are_answered(void **state)
{
    AUTO(buf_release) struct buf out = BUF_INIT;
    struct reply_resync resync = {
        .channel = SPAN_LITERAL("events"),
        .epoch = "abcdefghijk",
        .asked = 42,
        .replayed = 3,
        .next = 50,
        .recovered = true,
    };

    reply_resync(&out, &resync);
    ASSERT_TEXT(out, "{\"type\":\"resync_ack\",\"channel\":\"events\",\"last_sequence\":42,"
                     "\"replayed_count\":3,\"epoch\":\"abcdefghijk\",\"recovered\":true}");
    resync.recovered = false;
    resync.too_old = true;
    buf_reset(&out);
    reply_resync(&out, &resync);
    ASSERT_TEXT(out, "{\"type\":\"resync_ack\",\"channel\":\"events\",\"last_sequence\":42,"
                     "\"replayed_count\":3,\"epoch\":\"abcdefghijk\",\"recovered\":false,"
                     "\"gap_too_old\":true,\"oldest_available\":50}");
}

static void gaps_are_numbered_where_they_can_be(void **state)
{
    AUTO(buf_release) struct buf out = BUF_INIT;
    struct reply_gap gap = {"events", "abcdefghijk", 43, 49, 50, GAP_TRIMMED};

    reply_gap(&out, &gap);
    ASSERT_TEXT(out, "{\"type\":\"gap\",\"from\":43,\"to\":49,\"next\":50,\"reason\":\"trimmed\","
                     "\"channel\":\"events\",\"epoch\":\"abcdefghijk\"}");
    gap.from = gap.to = 0;
    gap.reason = GAP_EPOCH;
    buf_reset(&out);
    reply_gap(&out, &gap);
    ASSERT_TEXT(out, "{\"type\":\"gap\",\"from\":null,\"to\":null,\"next\":50,\"reason\":\"epoch\","
                     "\"channel\":\"events\",\"epoch\":\"abcdefghijk\"}");
}

static void errors_carry_both_names_of_the_code(void **state)
{
    AUTO(buf_release) struct buf out = BUF_INIT;
    AUTO(json_release) json_t *details = json_pack("{s:i}", "max", 7);
    struct reply_error error = {"invalid_json", "invalid_json", "not \"JSON\"", details};

    reply_error(&out, &error);
    ASSERT_TEXT(out, "{\"type\":\"error\",\"error\":\"invalid_json\",\"code\":\"invalid_json\","
                     "\"message\":\"not \\\"JSON\\\"\",\"details\":{\"max\":7}}");
    error.details = NULL;
    buf_reset(&out);
    reply_error(&out, &error);
    assert_non_null(strstr(buf_text(&out), "\"details\":{}"));
}

static void leaving_says_when_to_come_back(void **state)
{
    AUTO(buf_release) struct buf out = BUF_INIT;

    reply_shutdown(&out, "Server shutting down", 1500, 0);
    ASSERT_TEXT(out,
                "{\"type\":\"system.shutdown\",\"timestamp\":\"1970-01-01T00:00:00Z\",\"data\":"
                "{\"reason\":\"Server shutting down\",\"reconnect\":true,"
                "\"retry_after_ms\":1500}}");
}

/* A close frame holds 125 bytes, two of them the code. */
static void the_reason_of_a_close_fits(void **state)
{
    AUTO(buf_release) struct buf out = BUF_INIT;

    reply_retry(&out, INT64_MAX, "abcdefghijk", UINT64_MAX);
    assert_true(out.len <= 123);
    buf_reset(&out);
    reply_retry(&out, 1000, "abcdefghijk", 42);
    ASSERT_TEXT(out, "{\"retry_after_ms\":1000,\"resume\":\"abcdefghijk~42\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connected_says_where_the_client_stands),
        cmocka_unit_test(pings_carry_the_position),
        cmocka_unit_test(subscriptions_are_echoed),
        cmocka_unit_test(resyncs_are_answered),
        cmocka_unit_test(gaps_are_numbered_where_they_can_be),
        cmocka_unit_test(errors_carry_both_names_of_the_code),
        cmocka_unit_test(leaving_says_when_to_come_back),
        cmocka_unit_test(the_reason_of_a_close_fits),
    };

    return RUN_TESTS(tests);
}

#include "house.h"

#include "loop/latch.h"
#include "support/listener.h"

#include <pthread.h>
#include <stdatomic.h>

static struct house house;

static int start(void **state)
{
    house_init(&house);
    return 0;
}

static int finish(void **state)
{
    house_release(&house);
    return 0;
}

/* Asks for a resync in the newer form; returns the answer. */
static json_t *resync(struct listener *listener, uint64_t last)
{
    char text[120];

    snprintf(text, sizeof(text),
             "{\"type\":\"resync\",\"data\":{\"channel\":\"events\",\"last_sequence\":%" PRIu64
             "}}",
             last);
    listener_say(listener, text);
    return listener_hear_type(listener, "resync_ack");
}

static void assert_hears(struct listener *listener, uint64_t from, uint64_t to)
{
    for (uint64_t sequence = from; sequence <= to; sequence++)
        assert_int_equal(listener_hear_sequence(listener), sequence);
}

static void expect_error(struct listener *listener, const char *text, const char *code)
{
    AUTO(json_release) json_t *error = NULL;

    listener_say(listener, text);
    error = listener_hear_type(listener, "error");
    assert_non_null(error);
    assert_string_equal(json_member_text(error, "code"), code);
    assert_string_equal(json_member_text(error, "error"), code);
    assert_non_null(json_member_text(error, "message"));
    assert_true(json_is_object(json_object_get(error, "details")));
}

/* ---- Coming in ---- */

static void the_first_frames_say_where_one_stands(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *connected = NULL, *ping = NULL;
    struct journal_position position;

    house_start(&house);
    house_publish(&house, "event", 3);
    EVENTUALLY(house_stats(&house).messages == 3);
    listener_open(&listener, house.port, "");
    connected = listener_hear(&listener);
    ping = listener_hear(&listener);
    journal_position(house.journal, &position);
    assert_string_equal(json_member_text(connected, "type"), "connected");
    assert_string_equal(json_member_text(connected, "channel"), "events");
    assert_string_equal(json_member_text(connected, "epoch"), position.epoch);
    assert_int_equal(json_member_int(connected, "oldest_sequence", -1), 1);
    assert_int_equal(strncmp(json_member_text(connected, "connection_id"), "ws-events-", 10), 0);
    assert_int_equal(strlen(json_member_text(connected, "connection_id")), 18);
    assert_int_equal(strlen(json_member_text(connected, "session")), 16);
    assert_string_equal(json_member_text(connected, "version"), "0.0.0");
    assert_string_equal(json_member_text(ping, "type"), "ping");
    assert_int_equal(json_member_int(ping, "lastSeq", -1),
                     json_member_int(connected, "last_sequence", -2));
}

static void what_is_no_handshake_is_told_so(void **state)
{
    int fd;
    struct answer answer;

    house_start(&house);
    fd = caller_connect(house.port);
    caller_send(fd, "GET /ws/events HTTP/1.1\r\nHost: a\r\n\r\n");
    answer = caller_read_answer(fd);
    assert_int_equal(answer.status, 426);
    assert_string_equal(answer_header(&answer, "Sec-WebSocket-Version"), "13");
    assert_string_equal(answer_header(&answer, "Upgrade"), "websocket");
    assert_string_equal(answer_header(&answer, "Content-Type"), "application/problem+json");
    answer_release(&answer);
    close(fd);
}

static void assert_origin(const char *header, int expected_close)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *first = NULL;

    listener_open_with(&listener, house.port, "/ws/events", header, 0);
    assert_int_equal(listener.status, 101);
    first = listener_hear(&listener);
    assert_int_equal(listener.close_code, expected_close);
    assert_true((first == NULL) == (expected_close != 0));
}

static void strange_origins_are_closed_with_1008(void **state)
{
    static const char *const origins[] = {"http://localhost:5173", NULL};

    house.settings.origins = origins;
    house_start(&house);
    assert_origin("Origin: http://evil.example\r\n", 1008);
    assert_origin("Origin: null\r\n", 1008);
    assert_origin("Origin: http://vigil.test:8000\r\n", 0);
    assert_origin("Origin: http://localhost:5173\r\n", 0);
    assert_origin("", 0);
}

static void a_refusal_says_why_in_a_way_browsers_see(void **state)
{
    AUTO(listener_close) struct listener listener;

    house.refuse = "API key required";
    house_start(&house);
    listener_open_with(&listener, house.port, "/ws/events",
                       "Sec-WebSocket-Protocol: other, api-key.secret\r\n", 0);
    assert_int_equal(listener.status, 101);
    assert_non_null(
        strcasestr(buf_text(&listener.head), "\r\nSec-WebSocket-Protocol: api-key.secret\r\n"));
    assert_null(listener_hear(&listener));
    assert_int_equal(listener.close_code, 1008);
    assert_string_equal(listener.reason, "API key required");
}

static void the_keys_subprotocol_is_echoed(void **state)
{
    AUTO(listener_close) struct listener with, without;

    house_start(&house);
    listener_open_with(&with, house.port, "/ws/events",
                       "Sec-WebSocket-Protocol: chat, api-key., api-key.K1 , api-key.K2\r\n", 0);
    assert_non_null(strcasestr(buf_text(&with.head), "\r\nSec-WebSocket-Protocol: api-key.K1\r\n"));
    listener_open_with(&without, house.port, "/ws/events", "Sec-WebSocket-Protocol: chat\r\n", 0);
    assert_null(strcasestr(buf_text(&without.head), "Sec-WebSocket-Protocol"));
}

/* ---- Hearing ---- */

#define CROWD 20

static void everyone_hears_everything_in_order(void **state)
{
    struct listener crowd[CROWD];
    uint64_t last = 0;

    house_start(&house);
    for (int i = 0; i < CROWD; i++)
        listener_join(&crowd[i], house.port);
    for (int round = 0; round < 20; round++)
        last = house_publish(&house, "event", 10);
    assert_int_equal(last, 200);
    for (int i = 0; i < CROWD; i++) {
        assert_hears(&crowd[i], 1, last);
        listener_close(&crowd[i]);
    }
    assert_int_equal(house_stats(&house).messages, 200);
    assert_int_equal(house_stats(&house).deliveries, 200 * CROWD);
    assert_int_equal(house_stats(&house).connections_total, CROWD);
    EVENTUALLY(house_stats(&house).connections == 0);
}

static void a_message_has_the_form_of_the_contract(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *data = json_pack("{s:i,s:s}", "risk_score", 80, "text", "\"\n\xe2");
    AUTO(json_release) json_t *message = NULL;
    struct journal_position position;
    char id[64];

    json_release(&data);
    data = json_pack("{s:i,s:s}", "risk_score", 80, "text", "quote \" and \xe2\x82\xac");
    house_start(&house);
    listener_join(&listener, house.port);
    assert_int_equal(journal_append_now(house.journal, "event", data, NULL), 0);
    message = listener_hear_message(&listener);
    journal_position(house.journal, &position);
    snprintf(id, sizeof(id), "%s-1", position.epoch);
    assert_string_equal(json_member_text(message, "type"), "event");
    assert_int_equal(json_member_int(message, "sequence", 0), 1);
    assert_int_equal(json_member_int(message, "seq", 0), 1);
    assert_string_equal(json_member_text(message, "epoch"), position.epoch);
    assert_string_equal(json_member_text(message, "id"), id);
    assert_true(json_member_bool(message, "requires_ack", false));
    assert_true(json_equal(json_object_get(message, "data"), data));
    assert_null(json_object_get(message, "replay"));
    assert_int_equal(
        time_parse(span_of(json_member_text(message, "timestamp")), &(int64_t){0}, NULL), 0);
}

/* ---- Pings and patience ---- */

static void pings_carry_the_position_and_keep_coming(void **state)
{
    AUTO(listener_close) struct listener listener;

    house.settings.ping_interval_us = 50 * TIME_MS;
    house_start(&house);
    listener_join(&listener, house.port);
    house_publish(&house, "event", 4);
    for (int64_t last = 0; last < 4;) {
        AUTO(json_release) json_t *ping = listener_hear_type(&listener, "ping");
        last = json_member_int(ping, "lastSeq", -1);
        assert_in_range(last, 0, 4);
    }
    for (int i = 0; i < 5; i++) {
        AUTO(json_release) json_t *ping = listener_hear_type(&listener, "ping");
        assert_int_equal(json_member_int(ping, "lastSeq", -1), 4);
    }
}

static void who_is_silent_too_long_is_closed(void **state)
{
    AUTO(listener_close) struct listener listener;
    int64_t start_us = time_monotonic();
    json_t *frame;

    house.settings.ping_interval_us = 100 * TIME_MS;
    house.settings.idle_timeout_us = 400 * TIME_MS;
    house_start(&house);
    listener_join(&listener, house.port);
    while ((frame = listener_hear(&listener)))
        json_release(&frame);
    assert_int_equal(listener.close_code, 1000);
    assert_string_equal(listener.reason, "Idle timeout");
    assert_true(time_monotonic() - start_us >= 400 * TIME_MS);
}

static void who_answers_pings_stays(void **state)
{
    AUTO(listener_close) struct listener listener;
    int64_t until = time_monotonic() + 5 * TIME_SECOND;

    house.settings.ping_interval_us = 100 * TIME_MS;
    house.settings.idle_timeout_us = 3 * TIME_SECOND;
    house_start(&house);
    listener_join(&listener, house.port);
    while (time_monotonic() < until) {
        AUTO(json_release) json_t *ping = listener_hear_type(&listener, "ping");
        assert_non_null(ping);
        listener_say(&listener, "{\"type\":\"pong\"}");
    }
}

static void pongs_come_for_both_pings(void **state)
{
    AUTO(listener_close) struct listener listener;

    house_start(&house);
    listener_join(&listener, house.port);
    for (int i = 0; i < 2; i++) {
        AUTO(json_release) json_t *pong = NULL;
        listener_say(&listener, i ? "ping" : "{\"type\":\"ping\"}");
        pong = listener_hear(&listener);
        assert_string_equal(buf_text(&listener.text), "{\"type\":\"pong\"}");
    }
}

/* ---- Nonsense ---- */

static void nonsense_is_answered_and_the_connection_kept(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(buf_release) struct buf big = BUF_INIT;
    AUTO(json_release) json_t *error = NULL, *binary = NULL;

    house_start(&house);
    listener_join(&listener, house.port);
    expect_error(&listener, "{", "invalid_json");
    expect_error(&listener, "[]", "invalid_message_format");
    expect_error(&listener, "{\"type\":\"dance\"}", "unknown_message_type");
    expect_error(&listener, "{\"type\":\"subscribe\"}", "validation_error");
    memset(buf_reserve(&big, 65537), 'x', 65537);
    big.len = 65537;
    listener_send_frame(&listener, WS_TEXT, buf_span(&big));
    error = listener_hear_type(&listener, "error");
    assert_string_equal(json_member_text(error, "code"), "message_too_large");
    assert_string_equal(json_member_text(error, "error"),
                        "Message too large (65537 bytes, max 65536)");
    listener_send_frame(&listener, WS_BINARY, SPAN_LITERAL("\x01\x02"));
    binary = listener_hear_type(&listener, "error");
    assert_string_equal(json_member_text(binary, "code"), "invalid_message_format");
    house_publish(&house, "event", 1);
    assert_hears(&listener, 1, 1);
}

static void answers_nobody_reads_end_the_connection(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(buf_release) struct buf flood = BUF_INIT;
    unsigned char mask[4] = {0};

    house_start(&house);
    listener_open_with(&listener, house.port, "/ws/events", "", 4096);
    for (int i = 0; i < 1000; i++)
        ws_frame_add(&flood, WS_TEXT, true, SPAN_LITERAL("nonsense"), mask);
    /* Each costs us ten times as much; the kernel's buffers take a few megabytes of them. */
    for (int i = 0; i < 100 && house_stats(&house).connections; i++)
        caller_send_bytes(listener.fd, flood.data, flood.len);
    EVENTUALLY(house_stats(&house).connections == 0);
}

/* ---- Subscriptions ---- */

static void expect_subscription(struct listener *listener, const char *say, const char *answer)
{
    AUTO(json_release) json_t *heard = NULL;

    listener_say(listener, say);
    do {
        json_release(&heard);
        heard = listener_hear(listener);
        assert_non_null(heard);
    } while (!json_object_get(heard, "action"));
    assert_string_equal(buf_text(&listener->text), answer);
}

static void expect_type(struct listener *listener, const char *type)
{
    AUTO(json_release) json_t *message = listener_hear_message(listener);

    assert_string_equal(json_member_text(message, "type"), type);
}

/* Waits until a ping says that the client stands at the sequence. */
static void wait_for_position(struct listener *listener, int64_t sequence)
{
    int64_t last = -1;

    while (last < sequence) {
        AUTO(json_release) json_t *ping = listener_hear_type(listener, "ping");
        assert_non_null(ping);
        last = json_member_int(ping, "lastSeq", -1);
    }
    assert_int_equal(last, sequence);
}

static void subscriptions_filter_by_pattern_and_alias(void **state)
{
    AUTO(listener_close) struct listener listener;

    house.settings.ping_interval_us = 500 * TIME_MS;
    house_start(&house);
    listener_join(&listener, house.port);
    expect_subscription(&listener,
                        "{\"type\":\"subscribe\",\"data\":{\"events\":[\"Alert.*\",\"EVENT\"]}}",
                        "{\"action\":\"subscribed\",\"events\":[\"alert.*\",\"event\"]}");
    house_publish(&house, "camera_status", 1);
    house_publish(&house, "alert_created", 1);
    house_publish(&house, "detection.new", 3);
    house_publish(&house, "event", 1);
    expect_type(&listener, "alert_created");
    expect_type(&listener, "event");

    expect_subscription(&listener, "{\"action\":\"unsubscribe\",\"events\":[\"alert.*\"]}",
                        "{\"action\":\"unsubscribed\",\"events\":[\"alert.*\"]}");
    house_publish(&house, "alert_created", 1);
    house_publish(&house, "event", 1);
    expect_type(&listener, "event");

    expect_subscription(&listener, "{\"type\":\"unsubscribe\",\"data\":{\"events\":[\"event\"]}}",
                        "{\"action\":\"unsubscribed\",\"events\":[\"event\"]}");
    wait_for_position(&listener, (int64_t)house_publish(&house, "event", 1));
    expect_subscription(&listener, "{\"type\":\"unsubscribe\"}",
                        "{\"action\":\"unsubscribed\",\"events\":[]}");
    house_publish(&house, "camera_status", 1);
    expect_type(&listener, "camera_status");
}

static void filters_look_at_camera_and_risk(void **state)
{
    AUTO(listener_close) struct listener listener;

    house_start(&house);
    listener_join(&listener, house.port);
    expect_subscription(&listener,
                        "{\"type\":\"subscribe\",\"data\":{\"events\":[\"event\"],\"filter\":{"
                        "\"camera_id\":[\"porch\"],\"risk_score\":95}}}",
                        "{\"action\":\"subscribed\",\"events\":[\"event\"]}");
    house_publish(&house, "event", 100);
    assert_int_equal(listener_hear_sequence(&listener), 96);
    assert_int_equal(listener_hear_sequence(&listener), 98);
    assert_int_equal(listener_hear_sequence(&listener), 100);
}

static void a_quiet_client_learns_the_position_from_pings(void **state)
{
    AUTO(listener_close) struct listener listener;

    house.settings.ping_interval_us = 50 * TIME_MS;
    house_start(&house);
    listener_join(&listener, house.port);
    expect_subscription(&listener, "{\"type\":\"subscribe\",\"events\":[\"nothing.like.it\"]}",
                        "{\"action\":\"subscribed\",\"events\":[\"nothing.like.it\"]}");
    wait_for_position(&listener, (int64_t)house_publish(&house, "event", 7));
    assert_int_equal(house_stats(&house).deliveries, 0);
}

static void more_than_64_patterns_are_refused(void **state)
{
    AUTO(listener_close) struct listener listener;
    char text[80];

    house_start(&house);
    listener_join(&listener, house.port);
    for (int i = 0; i < 64; i++) {
        json_t *answer;
        snprintf(text, sizeof(text), "{\"type\":\"subscribe\",\"events\":[\"p%d\"]}", i);
        listener_say(&listener, text);
        answer = listener_hear(&listener);
        assert_non_null(json_object_get(answer, "action"));
        json_release(&answer);
    }
    listener_say(&listener, "{\"type\":\"subscribe\",\"events\":[\"one.more\"]}");
    AUTO(json_release) json_t *error = listener_hear(&listener);
    assert_string_equal(json_member_text(error, "code"), "validation_error");
}

/* ---- Coming back ---- */

static void resync_replays_and_goes_on_live(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *answer = NULL, *again = NULL, *live = NULL;

    house_start(&house);
    house_publish(&house, "event", 50);
    EVENTUALLY(house_stats(&house).messages == 50);
    listener_join(&listener, house.port);
    answer = resync(&listener, 42);
    assert_string_equal(json_member_text(answer, "channel"), "events");
    assert_int_equal(json_member_int(answer, "last_sequence", 0), 42);
    assert_int_equal(json_member_int(answer, "replayed_count", 0), 8);
    assert_true(json_member_bool(answer, "recovered", false));
    assert_null(json_object_get(answer, "gap_too_old"));
    for (int64_t sequence = 43; sequence <= 50; sequence++) {
        AUTO(json_release) json_t *message = listener_hear(&listener);
        assert_int_equal(json_member_int(message, "sequence", 0), sequence);
        assert_true(json_member_bool(message, "replay", false));
        assert_int_equal(json_member_int(json_object_get(message, "data"), "n", 0), sequence);
    }
    listener_say(&listener, "{\"type\":\"resync\",\"last_sequence\":49}");
    again = listener_hear_type(&listener, "resync_ack");
    assert_int_equal(json_member_int(again, "replayed_count", 0), 1);
    assert_hears(&listener, 50, 50);
    house_publish(&house, "event", 1);
    live = listener_hear_message(&listener);
    assert_int_equal(json_member_int(live, "sequence", 0), 51);
    assert_null(json_object_get(live, "replay"));
}

static void resume(struct listener *listener, const char *epoch, uint64_t sequence)
{
    char query[64];

    snprintf(query, sizeof(query), "?resume=%s~%" PRIu64, epoch, sequence);
    listener_open(listener, house.port, query);
}

static void a_restart_loses_nothing(void **state)
{
    AUTO(listener_close) struct listener before, after;
    AUTO(json_release) json_t *answer = NULL;
    struct journal_position position;
    json_t *first[300];

    house_start(&house);
    listener_join(&before, house.port);
    house_publish(&house, "event", 300);
    for (int i = 0; i < 300; i++)
        first[i] = listener_hear_message(&before);
    journal_position(house.journal, &position);
    house_stop(&house);

    house_start(&house);
    resume(&after, position.epoch, 100);
    answer = listener_hear_type(&after, "resync_ack");
    assert_int_equal(json_member_int(answer, "replayed_count", 0), 200);
    assert_true(json_member_bool(answer, "recovered", false));
    for (int i = 0; i < 300; i++) {
        if (i >= 100) {
            AUTO(json_release) json_t *message = listener_hear_message(&after);
            assert_true(json_member_bool(message, "replay", false));
            json_object_del(message, "replay");
            assert_true(json_equal(message, first[i]));
        }
        json_release(&first[i]);
    }
    house_publish(&house, "event", 1);
    assert_hears(&after, 301, 301);
}

/* The log holds 100 frames: nine tenths come from the journal. */
static void what_lies_before_the_log_comes_from_the_journal(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *answer = NULL;

    house.settings.log_frames = 100;
    house_start(&house);
    house_publish(&house, "event", 1000);
    EVENTUALLY(house_stats(&house).messages == 1000);
    listener_join(&listener, house.port);
    answer = resync(&listener, 0);
    assert_int_equal(json_member_int(answer, "replayed_count", 0), 1000);
    assert_true(json_member_bool(answer, "recovered", false));
    for (int64_t sequence = 1; sequence <= 1000; sequence++) {
        AUTO(json_release) json_t *message = listener_hear_message(&listener);
        assert_int_equal(json_member_int(message, "sequence", 0), sequence);
        assert_true(json_member_bool(message, "replay", false));
    }
    house_publish(&house, "event", 2);
    assert_hears(&listener, 1001, 1002);
}

static void wait_for_latch(void *latch)
{
    latch_wait(latch);
}

/* Each resync moves the cursor; what waits for the disk is one read, not one per resync. */
static void who_asks_again_and_again_has_one_read_waiting(void **state)
{
    AUTO(listener_close) struct listener listener;
    struct latch busy;
    house.settings.log_frames = 100;
    house_start(&house);
    uint64_t last = house_publish(&house, "event", 400);
    EVENTUALLY(house_stats(&house).messages == last);
    listener_join(&listener, house.port);

    latch_init(&busy);
    for (int i = 0; i < 2; i++)
        assert_int_equal(lane_submit(house.read_lane, wait_for_latch, &busy), 0);
    for (uint64_t i = 0; i <= 100; i++) {
        AUTO(json_release) json_t *answer = resync(&listener, i % 2 ? last : i);
        assert_non_null(answer);
    }
    size_t waiting = lane_waiting(house.read_lane);
    latch_open(&busy);
    assert_int_equal(waiting, 1);
    assert_hears(&listener, 101, last);
    latch_release(&busy);
}

static void a_filtered_replay_is_counted_exactly(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *answer = NULL;

    house.settings.log_frames = 100;
    house_start(&house);
    house_publish(&house, "event", 1000);
    house_publish(&house, "camera_status", 500);
    EVENTUALLY(house_stats(&house).messages == 1500);
    listener_join(&listener, house.port);
    listener_say(&listener, "{\"type\":\"subscribe\",\"events\":[\"event\",\"camera.*\"],"
                            "\"filter\":{\"risk_score\":99},\"since\":0}");
    answer = listener_hear_type(&listener, "resync_ack");
    assert_int_equal(json_member_int(answer, "replayed_count", 0), 15);
    for (int64_t sequence = 100; sequence <= 1500; sequence += 100)
        assert_int_equal(listener_hear_sequence(&listener), sequence);
    house_publish(&house, "event", 100);
    assert_hears(&listener, 1600, 1600);
}

static void expect_gap(struct listener *listener, int64_t from, int64_t to, const char *reason)
{
    AUTO(json_release) json_t *gap = listener_hear_type(listener, "gap");

    assert_non_null(gap);
    assert_int_equal(json_member_int(gap, "from", 0), from);
    assert_int_equal(json_member_int(gap, "to", 0), to);
    assert_string_equal(json_member_text(gap, "reason"), reason);
}

static void what_is_beyond_the_replay_limit_is_a_gap(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *answer = NULL;

    house.settings.replay_max = 500;
    house_start(&house);
    house_publish(&house, "event", 1000);
    EVENTUALLY(house_stats(&house).messages == 1000);
    listener_join(&listener, house.port);
    answer = resync(&listener, 10);
    assert_true(json_member_bool(answer, "gap_too_old", false));
    assert_false(json_member_bool(answer, "recovered", true));
    assert_int_equal(json_member_int(answer, "oldest_available", 0), 501);
    assert_int_equal(json_member_int(answer, "replayed_count", 0), 500);
    expect_gap(&listener, 11, 500, "trimmed");
    assert_hears(&listener, 501, 1000);
    assert_int_equal(house_stats(&house).gaps, 1);
}

static void what_the_journal_forgot_is_a_gap(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *answer = NULL;
    struct journal_position position;

    house.settings.log_frames = 100;
    house.journal_settings.messages_max = 200;
    house_start(&house);
    for (int i = 0; i < 10; i++)
        house_publish(&house, "event", 100);
    EVENTUALLY(house_stats(&house).messages == 1000);
    journal_position(house.journal, &position);
    assert_true(position.oldest > 1 && position.oldest <= 801);
    resume(&listener, position.epoch, 0);
    answer = listener_hear_type(&listener, "resync_ack");
    assert_true(json_member_bool(answer, "gap_too_old", false));
    expect_gap(&listener, 1, (int64_t)position.oldest - 1, "trimmed");
    assert_hears(&listener, position.oldest, 1000);
}

static void another_epoch_gets_everything_after_a_gap(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *answer = NULL;

    house_start(&house);
    house_publish(&house, "event", 20);
    EVENTUALLY(house_stats(&house).messages == 20);
    resume(&listener, "BBBBBBBBBBB", 7);
    answer = listener_hear_type(&listener, "resync_ack");
    assert_false(json_member_bool(answer, "recovered", true));
    assert_int_equal(json_member_int(answer, "replayed_count", 0), 20);
    expect_gap(&listener, 0, 0, "epoch");
    assert_hears(&listener, 1, 20);
}

static void the_future_is_a_gap_and_then_the_present(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *answer = NULL;

    house_start(&house);
    house_publish(&house, "event", 20);
    EVENTUALLY(house_stats(&house).messages == 20);
    listener_join(&listener, house.port);
    answer = resync(&listener, 4711);
    assert_false(json_member_bool(answer, "recovered", true));
    assert_int_equal(json_member_int(answer, "replayed_count", -1), 0);
    expect_gap(&listener, 0, 0, "future");
    house_publish(&house, "event", 1);
    assert_hears(&listener, 21, 21);
}

/* Who breaks off after the first ping comes back with its number: it must promise nothing. */
static void the_first_ping_of_a_resume_promises_nothing(void **state)
{
    AUTO(listener_close) struct listener listener, stranger;
    AUTO(json_release) json_t *ping = NULL, *other = NULL;

    house_start(&house);
    house_publish(&house, "event", 20);
    EVENTUALLY(house_stats(&house).messages == 20);
    resume(&listener, "", 7);
    ping = listener_hear_type(&listener, "ping");
    assert_int_equal(json_member_int(ping, "lastSeq", -1), 7);
    assert_hears(&listener, 8, 20);
    resume(&stranger, "BBBBBBBBBBB", 7);
    other = listener_hear_type(&stranger, "ping");
    assert_int_equal(json_member_int(other, "lastSeq", -1), 0);
}

static void a_bad_token_is_told_and_live_goes_on(void **state)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *error = NULL;

    house_start(&house);
    listener_open(&listener, house.port, "?resume=what%20is%20this");
    error = listener_hear_type(&listener, "error");
    assert_string_equal(json_member_text(error, "code"), "validation_error");
    house_publish(&house, "event", 1);
    assert_hears(&listener, 1, 1);
}

struct publisher {
    pthread_t thread;
    atomic_bool stop;
};

static void *publish_on(void *arg)
{
    struct publisher *publisher = arg;

    while (!atomic_load(&publisher->stop)) {
        house_publish(&house, "event", 3);
        poll(NULL, 0, 1);
    }
    return NULL;
}

/* While messages keep coming, every resync begins right behind its position and goes on without a
 * hole, however replay and live meet. */
static void nothing_falls_between_replay_and_live(void **state)
{
    AUTO(listener_close) struct listener listener;
    struct publisher publisher = {.stop = false};

    house.settings.log_frames = 100;
    house.settings.replay_max = 1000000;
    house_start(&house);
    house_publish(&house, "event", 400);
    EVENTUALLY(house_stats(&house).messages == 400);
    listener_join(&listener, house.port);
    pthread_create(&publisher.thread, NULL, publish_on, &publisher);
    for (uint64_t round = 0; round < 30; round++) {
        AUTO(json_release) json_t *answer = resync(&listener, round * 10);
        assert_true(json_member_bool(answer, "recovered", false));
        assert_hears(&listener, round * 10 + 1, 500 + round * 20);
    }
    atomic_store(&publisher.stop, true);
    pthread_join(publisher.thread, NULL);
}

/* ---- Slow readers ---- */

#define BIG 20000
#define BIG_COUNT 600

static void a_slow_reader_gets_everything_and_holds_nobody_up(void **state)
{
    AUTO(listener_close) struct listener slow, quick;

    house.settings.log_frames = 100;
    house.settings.stall_timeout_us = 600 * TIME_SECOND;
    house_start(&house);
    listener_open_with(&slow, house.port, "/ws/events", "", 4096);
    listener_join(&quick, house.port);
    /* 12 MB, in steps, so that the quick one keeps up. */
    for (uint64_t sent = 0; sent < BIG_COUNT; sent += 20) {
        house_publish_big(&house, "event", 20, BIG);
        assert_hears(&quick, sent + 1, sent + 20);
    }
    assert_hears(&slow, 1, BIG_COUNT);
    assert_int_equal(house_stats(&house).gaps, 0);
    assert_int_equal(house_stats(&house).slow_closed, 0);
    house_publish(&house, "event", 1);
    assert_hears(&slow, BIG_COUNT + 1, BIG_COUNT + 1);
}

static uint64_t read_to_the_end(struct listener *listener)
{
    uint64_t last = 0;
    json_t *message;

    while ((message = listener_hear_message(listener))) {
        assert_int_equal(json_member_int(message, "sequence", 0), last + 1);
        last++;
        json_release(&message);
    }
    return last;
}

/* Hears on behind *last; false when it was too slow again, as may be on a busy machine. */
static bool hear_the_rest(const char *epoch, uint64_t *last)
{
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *answer = NULL;

    resume(&listener, epoch, *last);
    answer = listener_hear_type(&listener, "resync_ack");
    assert_true(json_member_bool(answer, "recovered", false));
    while (*last < BIG_COUNT) {
        int64_t sequence = listener_hear_sequence(&listener);

        if (listener.close_code == 1013)
            return false;
        assert_int_equal(sequence, ++*last);
    }
    return true;
}

static void who_stands_still_is_closed_with_its_position(void **state)
{
    AUTO(listener_close) struct listener slow;
    AUTO(json_release) json_t *reason = NULL;
    struct journal_position position;
    char expected[64];
    uint64_t last;

    house.settings.stall_timeout_us = 300 * TIME_MS;
    house_start(&house);
    journal_position(house.journal, &position);
    listener_open_with(&slow, house.port, "/ws/events", "", 4096);
    house_publish_big(&house, "event", BIG_COUNT, BIG);
    EVENTUALLY(house_stats(&house).slow_closed == 1);
    last = read_to_the_end(&slow);
    assert_true(last < BIG_COUNT);
    assert_int_equal(slow.close_code, 1013);
    assert_int_equal(json_parse(span_of(slow.reason), &reason, NULL), 0);
    assert_true(json_member_int(reason, "retry_after_ms", 0) > 0);
    snprintf(expected, sizeof(expected), "%s~%" PRIu64, position.epoch, last);
    assert_string_equal(json_member_text(reason, "resume"), expected);
    while (!hear_the_rest(position.epoch, &last))
        ;
}

static void who_falls_off_the_journal_is_told(void **state)
{
    AUTO(listener_close) struct listener slow;
    uint64_t last = 0;
    int64_t lost = 0;
    json_t *frame;

    house.settings.log_frames = 100;
    house.settings.stall_timeout_us = 600 * TIME_SECOND;
    house.journal_settings.messages_max = 100;
    house_start(&house);
    listener_open_with(&slow, house.port, "/ws/events", "", 4096);
    for (int i = 0; i < BIG_COUNT / 20; i++)
        house_publish_big(&house, "event", 20, BIG);
    EVENTUALLY(house_stats(&house).messages == BIG_COUNT);
    while ((frame = listener_hear(&slow))) {
        const char *type = json_member_text(frame, "type");

        if (json_object_get(frame, "sequence")) {
            assert_int_equal(json_member_int(frame, "sequence", 0), last + 1);
            last++;
        } else if (!strcmp(type, "gap")) {
            assert_int_equal(json_member_int(frame, "from", 0), last + 1);
            assert_string_equal(json_member_text(frame, "reason"), "slow");
            lost = json_member_int(frame, "to", 0);
        }
        json_release(&frame);
    }
    assert_true(lost > (int64_t)last);
    assert_int_equal(slow.close_code, 1013);
}

/* ---- Acknowledging and leaving ---- */

static void acks_are_taken_silently(void **state)
{
    static const char *const forms[] = {
        "{\"type\":\"ack\",\"data\":{\"sequence\":1}}",
        "{\"type\":\"ack\",\"data\":{\"seq\":2}}",
        "{\"type\":\"ack\",\"sequence\":3}",
        "{\"type\":\"ack\",\"seq\":4}",
        "{\"type\":\"ack\",\"data\":{\"sequences\":[1,5,99]}}",
        "{\"type\":\"ack\",\"sequence\":99}",
    };
    AUTO(listener_close) struct listener listener;
    AUTO(json_release) json_t *pong = NULL;

    house_start(&house);
    listener_join(&listener, house.port);
    house_publish(&house, "event", 5);
    assert_hears(&listener, 1, 5);
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        listener_say(&listener, forms[i]);
    listener_say(&listener, "ping");
    pong = listener_hear(&listener);
    assert_string_equal(json_member_text(pong, "type"), "pong");
    /* 99 was never given out. */
    EVENTUALLY(house_stats(&house).acks == 6);
}

static void leaving_is_announced_and_spread(void **state)
{
    struct listener crowd[CROWD];
    AUTO(listener_close) struct listener late;

    house_start(&house);
    for (int i = 0; i < CROWD; i++)
        listener_join(&crowd[i], house.port);
    broadcaster_drain(house.broadcaster, "Server shutting down");
    for (int i = 0; i < CROWD; i++) {
        AUTO(json_release) json_t *shutdown = listener_hear(&crowd[i]);
        const json_t *data = json_object_get(shutdown, "data");

        assert_string_equal(json_member_text(shutdown, "type"), "system.shutdown");
        assert_string_equal(json_member_text(data, "reason"), "Server shutting down");
        assert_true(json_member_bool(data, "reconnect", false));
        assert_true(json_member_int(data, "retry_after_ms", 0) > 0);
        assert_null(listener_hear(&crowd[i]));
        assert_int_equal(crowd[i].close_code, 1012);
        listener_close(&crowd[i]);
    }
    EVENTUALLY(house_stats(&house).connections == 0);
    listener_open(&late, house.port, "");
    json_t *frame;
    while ((frame = listener_hear(&late)))
        json_release(&frame);
    assert_int_equal(late.close_code, 1012);
}

/* The net ends while clients are connected, reads are under way and batches are posted. */
static void an_end_in_the_middle_of_everything_is_clean(void **state)
{
    struct listener crowd[CROWD];
    struct publisher publisher = {.stop = false};

    house.settings.log_frames = 100;
    house_start(&house);
    house_publish(&house, "event", 2000);
    for (int i = 0; i < CROWD; i++) {
        listener_join(&crowd[i], house.port);
        listener_say(&crowd[i], "{\"type\":\"resync\",\"last_sequence\":0}");
        listener_say(&crowd[i], "{\"type\":\"ack\",\"sequence\":1}");
    }
    pthread_create(&publisher.thread, NULL, publish_on, &publisher);
    assert_hears(&crowd[0], 1, 300);
    net_stop(house.net);
    atomic_store(&publisher.stop, true);
    pthread_join(publisher.thread, NULL);
    for (int i = 0; i < CROWD; i++)
        listener_close(&crowd[i]);
    house_stop(&house);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_frames_say_where_one_stands),
        TEST(what_is_no_handshake_is_told_so),
        TEST(strange_origins_are_closed_with_1008),
        TEST(a_refusal_says_why_in_a_way_browsers_see),
        TEST(the_keys_subprotocol_is_echoed),
        TEST(everyone_hears_everything_in_order),
        TEST(a_message_has_the_form_of_the_contract),
        TEST(pings_carry_the_position_and_keep_coming),
        TEST(who_is_silent_too_long_is_closed),
        TEST(who_answers_pings_stays),
        TEST(pongs_come_for_both_pings),
        TEST(nonsense_is_answered_and_the_connection_kept),
        TEST(answers_nobody_reads_end_the_connection),
        TEST(subscriptions_filter_by_pattern_and_alias),
        TEST(filters_look_at_camera_and_risk),
        TEST(a_quiet_client_learns_the_position_from_pings),
        TEST(more_than_64_patterns_are_refused),
        TEST(resync_replays_and_goes_on_live),
        TEST(a_restart_loses_nothing),
        TEST(what_lies_before_the_log_comes_from_the_journal),
        TEST(who_asks_again_and_again_has_one_read_waiting),
        TEST(a_filtered_replay_is_counted_exactly),
        TEST(what_is_beyond_the_replay_limit_is_a_gap),
        TEST(what_the_journal_forgot_is_a_gap),
        TEST(another_epoch_gets_everything_after_a_gap),
        TEST(the_future_is_a_gap_and_then_the_present),
        TEST(the_first_ping_of_a_resume_promises_nothing),
        TEST(a_bad_token_is_told_and_live_goes_on),
        TEST(nothing_falls_between_replay_and_live),
        TEST(a_slow_reader_gets_everything_and_holds_nobody_up),
        TEST(who_stands_still_is_closed_with_its_position),
        TEST(who_falls_off_the_journal_is_told),
        TEST(acks_are_taken_silently),
        TEST(leaving_is_announced_and_spread),
        TEST(an_end_in_the_middle_of_everything_is_clean),
    };

    return RUN_TESTS(tests);
}

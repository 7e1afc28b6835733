#include "unit.h"

#include "base/own.h"
#include "realtime/protocol.h"

#include <stdio.h>
#include <string.h>

static void parse(const char *text, struct command *ret)
{
    command_parse(span_of(text), ret);
}

static void assert_kind(const char *text, enum command_kind kind)
{
    AUTO(command_release) struct command command;

    parse(text, &command);
    assert_int_equal(command.kind, kind);
}

static void assert_refused(const char *text, const char *code)
{
    AUTO(command_release) struct command command;

    parse(text, &command);
    assert_int_equal(command.kind, COMMAND_REFUSED);
    assert_string_equal(command.code, code);
    assert_true(command.message.len > 0);
    assert_true(json_is_object(command.details));
    assert_true(json_object_size(command.details) > 0);
}

static void pings_come_in_both_forms(void **state)
{
    assert_kind("ping", COMMAND_PING);
    assert_kind(" ping\n", COMMAND_PING);
    assert_kind("{\"type\":\"ping\"}", COMMAND_PING);
    assert_kind("{\"type\":\"PING\",\"data\":null,\"extra\":[1]}", COMMAND_PING);
    assert_kind("{\"type\":\"pong\",\"timestamp\":1}", COMMAND_PONG);
    assert_refused("PING", "invalid_json");
}

static void subscribe_comes_in_four_forms(void **state)
{
    static const char *const forms[] = {
        "{\"type\":\"subscribe\",\"data\":{\"events\":[\"Alert.*\",\"event\"]}}",
        "{\"action\":\"subscribe\",\"events\":[\"Alert.*\",\"event\"]}",
        "{\"type\":\"subscribe\",\"channels\":[\"Alert.*\",\"event\"]}",
        "{\"type\":\"Subscribe\",\"data\":{\"channels\":[\"Alert.*\",\"event\"]}}",
    };

    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        AUTO(command_release) struct command command;

        parse(forms[i], &command);
        assert_int_equal(command.kind, COMMAND_SUBSCRIBE);
        assert_int_equal(command.pattern_count, 2);
        assert_true(span_is(command.patterns[0], "alert.*"));
        assert_true(span_is(command.patterns[1], "event"));
        assert_false(command.has_position);
        assert_int_equal(command.filter.camera_count, 0);
        assert_true(command.filter.risk_min < 0);
    }
}

static void unsubscribe_needs_no_list(void **state)
{
    AUTO(command_release) struct command all, one;

    parse("{\"type\":\"unsubscribe\"}", &all);
    assert_int_equal(all.kind, COMMAND_UNSUBSCRIBE);
    assert_int_equal(all.pattern_count, 0);
    parse("{\"action\":\"unsubscribe\",\"events\":[\"X\"]}", &one);
    assert_int_equal(one.kind, COMMAND_UNSUBSCRIBE);
    assert_int_equal(one.pattern_count, 1);
    assert_true(span_is(one.patterns[0], "x"));
    assert_kind("{\"type\":\"unsubscribe\",\"data\":{\"events\":[]}}", COMMAND_UNSUBSCRIBE);
    assert_refused("{\"type\":\"unsubscribe\",\"events\":[7]}", "validation_error");
}

static void a_list_must_be_one(void **state)
{
    static const char *const bad[] = {
        "{\"type\":\"subscribe\"}",
        "{\"type\":\"subscribe\",\"data\":{}}",
        "{\"type\":\"subscribe\",\"data\":{\"events\":[]}}",
        "{\"type\":\"subscribe\",\"data\":{\"events\":\"event\"}}",
        "{\"type\":\"subscribe\",\"data\":{\"events\":[\"\"]}}",
        "{\"type\":\"subscribe\",\"data\":{\"events\":[\"a\",null]}}",
        "{\"type\":\"subscribe\",\"data\":{\"cameras\":[\"porch\"]}}",
        "{\"action\":\"subscribe\",\"events\":{}}",
    };
    AUTO(command_release) struct command command;

    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_refused(bad[i], "validation_error");
    parse(bad[0], &command);
    assert_non_null(json_object_get(command.details, "example"));
}

static void patterns_have_limits(void **state)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    AUTO(command_release) struct command full;

    buf_add_text(&text, "{\"type\":\"subscribe\",\"events\":[\"p\"");
    for (int i = 1; i < SUBSCRIPTION_PATTERNS_MAX; i++)
        buf_addf(&text, ",\"p%d\"", i);
    buf_add_text(&text, "]}");
    command_parse(buf_span(&text), &full);
    assert_int_equal(full.pattern_count, SUBSCRIPTION_PATTERNS_MAX);
    assert_true(span_is(full.patterns[63], "p63"));
    text.len -= 2;
    buf_add_text(&text, ",\"more\"]}");
    assert_refused(buf_text(&text), "validation_error");

    buf_reset(&text);
    buf_addf(&text, "{\"type\":\"subscribe\",\"events\":[\"%0256d\"]}", 0);
    assert_kind(buf_text(&text), COMMAND_SUBSCRIBE);
    buf_reset(&text);
    buf_addf(&text, "{\"type\":\"subscribe\",\"events\":[\"%0257d\"]}", 0);
    assert_refused(buf_text(&text), "validation_error");
}

static void filters_are_read(void **state)
{
    AUTO(command_release) struct command both, one;

    parse("{\"type\":\"subscribe\",\"data\":{\"events\":[\"event\"],\"filter\":{\"camera_id\":["
          "\"Porch\",\"drive\"],\"risk_score\":60}}}",
          &both);
    assert_int_equal(both.kind, COMMAND_SUBSCRIBE);
    assert_int_equal(both.filter.camera_count, 2);
    assert_true(span_is(both.filter.camera_ids[0], "Porch"));
    assert_true(both.filter.risk_min == 60);
    parse("{\"action\":\"subscribe\",\"events\":[\"event\"],\"filter\":{\"camera_id\":\"porch\"}}",
          &one);
    assert_int_equal(one.filter.camera_count, 1);
    assert_true(one.filter.risk_min < 0);
}

static void bad_filters_are_refused(void **state)
{
    static const char *const bad[] = {"7",
                                      "{\"camera_id\":[]}",
                                      "{\"camera_id\":[1]}",
                                      "{\"camera_id\":{}}",
                                      "{\"risk_score\":\"80\"}",
                                      "{\"risk_score\":-1}",
                                      "{\"risk_score\":101}"};
    char text[200];

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        snprintf(text, sizeof(text), "{\"type\":\"subscribe\",\"events\":[\"*\"],\"filter\":%s}",
                 bad[i]);
        assert_refused(text, "validation_error");
    }
}

static void subscribe_may_name_where_it_goes_on(void **state)
{
    AUTO(command_release) struct command command;

    parse("{\"type\":\"subscribe\",\"data\":{\"events\":[\"*\"],\"since\":41,"
          "\"epoch\":\"abcdefghijk\"}}",
          &command);
    assert_true(command.has_position);
    assert_int_equal(command.position.sequence, 41);
    assert_string_equal(command.position.epoch, "abcdefghijk");
    assert_refused("{\"type\":\"subscribe\",\"events\":[\"*\"],\"since\":-3}", "validation_error");
}

static void resync_comes_in_both_forms(void **state)
{
    AUTO(command_release) struct command nested, flat, bare;

    parse("{\"type\":\"resync\",\"data\":{\"channel\":\"events\",\"last_sequence\":42}}", &nested);
    assert_int_equal(nested.kind, COMMAND_RESYNC);
    assert_true(nested.has_position);
    assert_int_equal(nested.position.sequence, 42);
    assert_string_equal(nested.position.epoch, "");
    assert_true(span_is(nested.channel, "events"));
    parse("{\"type\":\"resync\",\"channel\":\"events\",\"last_sequence\":7.0,\"epoch\":\"e\"}",
          &flat);
    assert_int_equal(flat.position.sequence, 7);
    assert_string_equal(flat.position.epoch, "e");
    parse("{\"type\":\"resync\"}", &bare);
    assert_int_equal(bare.kind, COMMAND_RESYNC);
    assert_int_equal(bare.position.sequence, 0);
    assert_int_equal(bare.channel.len, 0);
}

static void bad_positions_are_refused(void **state)
{
    static const char *const bad[] = {"-1", "1.5", "\"42\"", "9007199254740992", "1e300", "[]"};
    char text[200];

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        snprintf(text, sizeof(text), "{\"type\":\"resync\",\"data\":{\"last_sequence\":%s}}",
                 bad[i]);
        assert_refused(text, "validation_error");
    }
    assert_refused("{\"type\":\"resync\",\"data\":{\"last_sequence\":1,\"epoch\":\"a~b\"}}",
                   "validation_error");
    assert_refused("{\"type\":\"resync\",\"data\":{\"last_sequence\":1,\"epoch\":7}}",
                   "validation_error");
    assert_refused("{\"type\":\"resync\",\"channel\":{}}", "validation_error");
}

static void ack_comes_in_four_forms(void **state)
{
    static const char *const forms[] = {
        "{\"type\":\"ack\",\"data\":{\"sequence\":42}}",
        "{\"type\":\"ack\",\"data\":{\"seq\":42}}",
        "{\"type\":\"ack\",\"sequence\":42}",
        "{\"type\":\"ack\",\"seq\":42}",
    };

    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        AUTO(command_release) struct command command;

        parse(forms[i], &command);
        assert_int_equal(command.kind, COMMAND_ACK);
        assert_true(command.has_cumulative);
        assert_int_equal(command.cumulative, 42);
        assert_int_equal(command.sequence_count, 0);
    }
}

static void single_acks_come_as_a_list(void **state)
{
    AUTO(command_release) struct command command;

    parse("{\"type\":\"ack\",\"data\":{\"sequences\":[3,5,9]}}", &command);
    assert_int_equal(command.kind, COMMAND_ACK);
    assert_false(command.has_cumulative);
    assert_int_equal(command.sequence_count, 3);
    assert_int_equal(command.sequences[2], 9);
    assert_refused("{\"type\":\"ack\"}", "validation_error");
    assert_refused("{\"type\":\"ack\",\"sequence\":\"x\"}", "validation_error");
    assert_refused("{\"type\":\"ack\",\"sequences\":7}", "validation_error");
    assert_refused("{\"type\":\"ack\",\"sequences\":[1,-2]}", "validation_error");
}

static void too_many_single_acks_are_refused(void **state)
{
    AUTO(buf_release) struct buf text = BUF_INIT;

    buf_add_text(&text, "{\"type\":\"ack\",\"sequences\":[0");
    for (int i = 0; i < COMMAND_SEQUENCES_MAX; i++)
        buf_add_text(&text, ",1");
    buf_add_text(&text, "]}");
    assert_refused(buf_text(&text), "validation_error");
}

static void nonsense_is_named(void **state)
{
    assert_refused("", "invalid_json");
    assert_refused("{", "invalid_json");
    assert_refused("hello", "invalid_json");
    assert_refused("7", "invalid_message_format");
    assert_refused("[]", "invalid_message_format");
    assert_refused("null", "invalid_message_format");
    assert_refused("{}", "invalid_message_format");
    assert_refused("{\"type\":7}", "invalid_message_format");
    assert_refused("{\"type\":\"\"}", "invalid_message_format");
    assert_refused("{\"type\":null}", "invalid_message_format");
    assert_refused("{\"type\":\"ping\",\"data\":[]}", "invalid_message_format");
    assert_refused("{\"type\":\"ping\",\"data\":\"x\"}", "invalid_message_format");
    assert_refused("{\"type\":\"dance\"}", "unknown_message_type");
}

static void details_help(void **state)
{
    AUTO(command_release) struct command json, format, unknown;
    char text[400];

    snprintf(text, sizeof(text), "%0300d{\xc3\xa4", 7);
    parse(text, &json);
    assert_int_equal(strlen(json_member_text(json.details, "raw_data_preview")), 100);
    parse("{\"data\":{}}", &format);
    assert_string_equal(
        json_member_text(json_array_get(json_object_get(format.details, "validation_errors"), 0),
                         "type"),
        "missing");
    parse("{\"type\":\"dance\"}", &unknown);
    assert_int_equal(json_array_size(json_object_get(unknown.details, "supported_types")), 6);
    assert_non_null(strstr(buf_text(&unknown.message), "dance"));
}

static void previews_end_between_characters(void **state)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    AUTO(command_release) struct command command;

    for (int i = 0; i < 150; i++)
        buf_add_text(&text, "\xe2\x82\xac");
    command_parse(buf_span(&text), &command);
    assert_int_equal(strlen(json_member_text(command.details, "raw_data_preview")), 300);
}

static void long_types_are_refused(void **state)
{
    char text[100];

    snprintf(text, sizeof(text), "{\"type\":\"%050d\"}", 0);
    assert_refused(text, "unknown_message_type");
    snprintf(text, sizeof(text), "{\"type\":\"%051d\"}", 0);
    assert_refused(text, "invalid_message_format");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pings_come_in_both_forms),
        cmocka_unit_test(subscribe_comes_in_four_forms),
        cmocka_unit_test(unsubscribe_needs_no_list),
        cmocka_unit_test(a_list_must_be_one),
        cmocka_unit_test(patterns_have_limits),
        cmocka_unit_test(filters_are_read),
        cmocka_unit_test(bad_filters_are_refused),
        cmocka_unit_test(subscribe_may_name_where_it_goes_on),
        cmocka_unit_test(resync_comes_in_both_forms),
        cmocka_unit_test(bad_positions_are_refused),
        cmocka_unit_test(ack_comes_in_four_forms),
        cmocka_unit_test(single_acks_come_as_a_list),
        cmocka_unit_test(too_many_single_acks_are_refused),
        cmocka_unit_test(nonsense_is_named),
        cmocka_unit_test(details_help),
        cmocka_unit_test(previews_end_between_characters),
        cmocka_unit_test(long_types_are_refused),
    };

    return RUN_TESTS(tests);
}

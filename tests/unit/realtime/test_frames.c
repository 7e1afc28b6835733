#include "messages.h"

#include "base/mem.h"

#include <string.h>

static void assert_text(struct span text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.at, expected, text.len);
}

static void a_message_becomes_an_envelope(void **state)
{
    AUTO(frame_unref) struct frame *frame = frame_make(42, "event", "{\"a\":1}");

    assert_text(frame_json(frame),
                "{\"type\":\"event\",\"sequence\":42,\"seq\":42,\"epoch\":\"" EPOCH
                "\",\"id\":\"" EPOCH
                "-42\",\"timestamp\":\"1970-01-01T00:00:01.500000Z\",\"requires_ack\":false,"
                "\"data\":{\"a\":1}}");
    assert_int_equal(frame->sequence, 42);
    assert_true(span_is(frame->kind.type, "event"));
    assert_int_equal(frame->kind.event_type.len, 0);
    assert_int_equal(frame->kind.number, KIND_UNLISTED);
}

static void strange_types_stay_json(void **state)
{
    AUTO(frame_unref) struct frame *frame = frame_make(1, "a\"b\\c\n", "{}");
    AUTO(json_release) json_t *document = NULL;

    assert_int_equal(json_parse(frame_json(frame), &document, NULL), 0);
    assert_string_equal(json_member_text(document, "type"), "a\"b\\c\n");
}

/* Headers of 2, 4 and 10 bytes. */
static void every_size_has_its_header_and_its_replay(void **state)
{
    static const size_t sizes[] = {1, 200, 70000};

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO(mem_free) char *data = mem_alloc(sizes[i] + 20);
        AUTO(json_release) json_t *first = NULL, *second = NULL;
        AUTO(bytes_unref) struct bytes *replay = NULL;
        AUTO(frame_unref) struct frame *frame = NULL;
        size_t header;

        memcpy(data, "{\"x\":\"", 6);
        memset(data + 6, 'y', sizes[i]);
        memcpy(data + 6 + sizes[i], "\"}", 3);
        frame = frame_make(7, "event", data);
        assert_int_equal(json_parse(frame_json(frame), &first, NULL), 0);
        replay = frame_replay(frame);
        assert_int_equal(replay->at[0] & 0xff, 0x81);
        header = replay->len - (frame_json(frame).len + strlen(",\"replay\":true"));
        assert_int_equal(
            json_parse((struct span){replay->at + header, replay->len - header}, &second, NULL), 0);
        assert_true(json_member_bool(second, "replay", false));
        json_object_del(second, "replay");
        assert_true(json_equal(first, second));
    }
}

static void the_event_type_is_a_name_where_it_counts(void **state)
{
    AUTO(frame_unref)
    struct frame *camera = frame_make(1, "camera_status", "{\"event_type\":\"camera.offline\"}");
    AUTO(frame_unref)
    struct frame *event = frame_make(1, "event", "{\"event_type\":\"camera.offline\"}");
    AUTO(frame_unref) struct frame *odd = frame_make(1, "camera_status", "{\"event_type\":7}");

    assert_true(span_is(camera->kind.event_type, "camera.offline"));
    assert_int_equal(event->kind.event_type.len, 0);
    assert_int_equal(odd->kind.event_type.len, 0);
}

static void facts_are_what_filters_ask_for(void **state)
{
    AUTO(frame_unref)
    struct frame *full = frame_make(1, "event", "{\"camera_id\":\"porch\",\"risk_score\":82}");
    AUTO(frame_unref) struct frame *bare = frame_make(1, "event", "{\"risk_score\":null}");
    AUTO(facts_free) struct facts *known = frame_facts(full);
    AUTO(facts_free) struct facts *unknown = frame_facts(bare);

    assert_true(span_is(known->camera_id, "porch"));
    assert_true(known->risk_score == 82);
    assert_null(unknown->camera_id.at);
    assert_true(unknown->risk_score < 0);
}

static void frames_are_counted(void **state)
{
    struct frame *frame = frame_make(1, "event", "{}");
    struct frame *second = frame_ref(frame);

    frame_unref(&frame);
    assert_null(frame);
    assert_int_equal(second->sequence, 1);
    frame_unref(&second);
    frame_unref(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_becomes_an_envelope),
        cmocka_unit_test(strange_types_stay_json),
        cmocka_unit_test(every_size_has_its_header_and_its_replay),
        cmocka_unit_test(the_event_type_is_a_name_where_it_counts),
        cmocka_unit_test(facts_are_what_filters_ask_for),
        cmocka_unit_test(frames_are_counted),
    };

    return RUN_TESTS(tests);
}

#include "messages.h"

#include "base/mem.h"
#include "realtime/frame_log.h"

#include <string.h>

static void append(struct frame_log *log, uint64_t sequence)
{
    AUTO(frame_unref) struct frame *frame = frame_make(sequence, "event", "{\"risk_score\":7}");

    frame_log_append(log, frame);
}

static void assert_range(struct frame_log *log, uint64_t oldest, uint64_t head)
{
    assert_int_equal(frame_log_oldest(log), oldest);
    assert_int_equal(frame_log_head(log), head);
    for (uint64_t sequence = oldest; sequence <= head; sequence++)
        assert_int_equal(frame_log_at(log, sequence)->sequence, sequence);
}

static void it_begins_where_it_is_told(void **state)
{
    AUTO(frame_log_free) struct frame_log *log = frame_log_new(100, 41);

    assert_range(log, 42, 41);
    append(log, 42);
    assert_range(log, 42, 42);
}

static void the_oldest_fall_out(void **state)
{
    AUTO(frame_log_free) struct frame_log *log = frame_log_new(150, 0);

    for (uint64_t sequence = 1; sequence <= 1000; sequence++)
        append(log, sequence);
    assert_range(log, 851, 1000);
}

static void it_never_keeps_less_than_a_hundred(void **state)
{
    AUTO(frame_log_free) struct frame_log *log = frame_log_new(3, 0);

    for (uint64_t sequence = 1; sequence <= 200; sequence++)
        append(log, sequence);
    assert_range(log, 101, 200);
}

static void old_news_is_ignored(void **state)
{
    AUTO(frame_log_free) struct frame_log *log = frame_log_new(100, 10);

    append(log, 11);
    append(log, 11);
    append(log, 5);
    assert_range(log, 11, 11);
}

/* A log has no holes: what it cannot hold together is read from the journal. */
static void after_a_hole_it_begins_anew(void **state)
{
    AUTO(frame_log_free) struct frame_log *log = frame_log_new(100, 0);

    append(log, 1);
    append(log, 2);
    append(log, 9);
    assert_range(log, 9, 9);
    frame_log_advance(log, 20);
    assert_range(log, 21, 20);
    frame_log_advance(log, 3);
    assert_range(log, 21, 20);
}

static void replays_and_facts_are_made_once(void **state)
{
    AUTO(frame_log_free) struct frame_log *log = frame_log_new(100, 0);
    size_t before;

    append(log, 1);
    before = frame_log_bytes(log);
    assert_ptr_equal(frame_log_replay(log, 1), frame_log_replay(log, 1));
    assert_int_equal(frame_log_bytes(log), before + frame_log_replay(log, 1)->len);
    assert_ptr_equal(frame_log_facts(log, 1), frame_log_facts(log, 1));
    assert_true(frame_log_facts(log, 1)->risk_score == 7);
    frame_log_advance(log, 2);
    assert_int_equal(frame_log_bytes(log), 0);
}

static void much_is_kept_only_for_the_last_hundred(void **state)
{
    AUTO(frame_log_free) struct frame_log *log = frame_log_new(1000, 0);
    AUTO(mem_free) char *data = mem_alloc(256 * 1024);

    memset(data, 'y', 256 * 1024 - 1);
    memcpy(data, "{\"x\":\"", 6);
    memcpy(data + 200 * 1024, "\"}", 3);
    for (uint64_t sequence = 1; sequence <= 300; sequence++) {
        AUTO(frame_unref) struct frame *frame = frame_make(sequence, "event", data);

        frame_log_append(log, frame);
        assert_true(frame_log_bytes(log) <= LOG_BYTES_MAX ||
                    frame_log_head(log) - frame_log_oldest(log) + 1 <= LOG_FRAMES_MIN);
    }
    assert_range(log, 201, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_begins_where_it_is_told),
        cmocka_unit_test(the_oldest_fall_out),
        cmocka_unit_test(it_never_keeps_less_than_a_hundred),
        cmocka_unit_test(old_news_is_ignored),
        cmocka_unit_test(after_a_hole_it_begins_anew),
        cmocka_unit_test(replays_and_facts_are_made_once),
        cmocka_unit_test(much_is_kept_only_for_the_last_hundred),
    };

    return RUN_TESTS(tests);
}

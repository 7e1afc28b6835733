#include "unit.h"

#include "base/span.h"
#include "base/time.h"
#include "base/utf8.h"
#include "pipeline/rule_verdict.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW (1763720130LL * TIME_SECOND)
#define DAY (86400LL * TIME_SECOND)

/* A batch in the words of the cases below. */
struct batch_case {
    const char *object_type;
    double confidence;
    int hour;
    int dwell_s;
    double a_day; /* how often a day this class comes at this hour; 0: never */
    double days;  /* how long the camera has been watched */
    unsigned pictures;
    double share, approach, stationary;
    int since_event_s; /* 0: no event before */
};

/* The decayed count that `a_day` observations a day add up to, as the store does it. */
static struct baseline baseline_of(double a_day, double days)
{
    double q = pow(0.5, 1.0 / BASELINE_HALF_LIFE_DAYS);

    if (a_day <= 0)
        return (struct baseline){0};
    return (struct baseline){.value = a_day * (1 - pow(q, days)) / (1 - q),
                             .samples = (int64_t)ceil(a_day * days),
                             .first_seen = NOW - (int64_t)(days * DAY)};
}

struct made {
    struct rule_class_seen seen;
    struct rule_input input;
};

static struct made *make_input(const struct batch_case *c)
{
    static struct made made;

    made.seen = (struct rule_class_seen){
        .object_type = c->object_type,
        .count = c->pictures,
        .best_confidence = c->confidence,
        .usual = baseline_of(c->a_day, c->days),
    };
    made.input = (struct rule_input){
        .camera_name = "Front Porch",
        .started_at = NOW,
        .ended_at = NOW + c->dwell_s * TIME_SECOND,
        .hour = c->hour,
        .weekday = 2,
        .classes = &made.seen,
        .class_count = 1,
        .detections = c->pictures,
        .pictures = c->pictures,
        .largest_share = c->share,
        .approach = c->approach,
        .stationary = c->stationary,
        .activity = {.value = 1, .samples = 1},
        .watched_since = c->days > 0 ? NOW - (int64_t)(c->days * (double)DAY) : 0,
        .previous_event_end = c->since_event_s ? NOW - c->since_event_s * TIME_SECOND : 0,
        .low_max = 29,
        .medium_max = 59,
        .high_max = 84,
    };
    return &made;
}

static int sum_of_points(const struct rule_verdict *verdict)
{
    int sum = 0;

    for (size_t i = 0; i < verdict->factor_count; i++)
        sum += verdict->factors[i].points;
    return sum;
}

/* Adds up what a person reads: every line but the last begins with a name and its points. */
static int sum_of_reasoning(const struct rule_verdict *verdict)
{
    struct span rest = buf_span(&verdict->reasoning);
    int sum = 0;

    for (size_t i = 0; i < verdict->factor_count; i++) {
        struct span line = span_cut(&rest, '\n');
        struct span name = span_cut(&line, ' ');
        assert_true(span_is(name, verdict->factors[i].name));
        sum += (int)strtol(line.at, NULL, 10);
    }
    assert_true(span_starts_with(rest, "sum "));
    assert_int_equal(strtol(rest.at + 4, NULL, 10), sum);
    return sum;
}

static void assert_is_text(const struct buf *text)
{
    struct span rest = buf_span(text);

    assert_true(rest.len > 0);
    while (rest.len) {
        size_t length = utf8_length(rest);
        assert_true(length > 0);
        assert_true((unsigned char)rest.at[0] >= ' ' || rest.at[0] == '\n');
        rest = (struct span){rest.at + length, rest.len - length};
    }
}

static void assert_sound(const struct rule_verdict *verdict, const struct rule_input *input)
{
    static const char *const always[] = {"object", "confidence", "count",
                                         "hour",   "dwell",      "novelty"};
    int sum = sum_of_points(verdict);

    assert_int_equal(verdict->score, sum < 0 ? 0 : sum > 100 ? 100 : sum);
    assert_int_equal(sum_of_reasoning(verdict), sum);
    assert_string_equal(verdict->level, rule_level(verdict->score, input->low_max,
                                                   input->medium_max, input->high_max));
    assert_true(verdict->factor_count <= RULE_FACTORS_MAX);
    for (size_t i = 0; i < COUNT_OF(always); i++)
        assert_string_equal(verdict->factors[i].name, always[i]);
    for (size_t i = 0; i < verdict->factor_count; i++)
        assert_true(verdict->factors[i].detail[0]);
    assert_is_text(&verdict->summary);
    assert_is_text(&verdict->reasoning);
    assert_null(strchr(buf_text(&verdict->summary), '\n'));
}

static int score_input(const struct rule_input *input)
{
    AUTO(rule_verdict_release) struct rule_verdict verdict = {0};

    assert_int_equal(rule_verdict_make(input, &verdict), 0);
    assert_sound(&verdict, input);
    return verdict.score;
}

static int score(const struct batch_case *c)
{
    return score_input(&make_input(c)->input);
}

static const struct {
    const char *what;
    struct batch_case batch;
    int least, most;
} typical[] = {
    {"motion by day, brief, usual", {"motion", 0.8, 14, 4, 5, 30, 3, 0.02, 1, 0, 0}, 0, 29},
    {"one picture of motion by day, usual", {"motion", 0.8, 11, 0, 5, 30, 1, 0.02, 1, 0, 0}, 0, 29},
    {"motion all day, as always", {"motion", 0.9, 14, 80, 20, 30, 80, 0.05, 1, 0.3, 60}, 0, 29},
    {"a person by day, brief, usual", {"person", 0.8, 14, 6, 4, 30, 4, 0.05, 1, 0, 0}, 10, 59},
    {"a person by day, lingers, usual", {"person", 0.9, 14, 70, 4, 30, 30, 0.1, 1, 0, 0}, 30, 59},
    {"a person by day, brief, new", {"person", 0.8, 14, 6, 0, 30, 4, 0.05, 1, 0, 0}, 30, 59},
    {"motion at 2, new, dwells", {"motion", 0.8, 2, 50, 0, 30, 20, 0.05, 1, 0, 0}, 60, 84},
    {"motion at 3, new, dwells, near", {"motion", 0.95, 3, 60, 0, 30, 60, 0.2, 1.4, 0, 0}, 60, 84},
    {"motion at 2, new, a week in", {"motion", 0.75, 2, 50, 0, 7, 20, 0.02, 1, 0, 0}, 60, 84},
    {"a person at 2, new, lingers", {"person", 0.8, 2, 50, 0, 30, 20, 0.02, 1, 0, 0}, 85, 100},
    {"a person at 2, rare, lingers", {"person", 0.8, 2, 50, 0.05, 30, 20, 0.02, 1, 0, 0}, 85, 100},
    {"a person at 2, new, waits in place",
     {"person", 0.8, 2, 50, 0, 30, 20, 0.02, 1, 1, 0},
     85,
     100},
    {"a person at 2, new, for a moment", {"person", 0.8, 2, 0, 0, 30, 1, 0.02, 1, 0, 0}, 60, 84},
    {"a person at 2, every night, passes", {"person", 0.8, 2, 6, 3, 30, 4, 0.02, 1, 0, 0}, 30, 59},
    {"a cat by day", {"cat", 0.8, 14, 6, 1, 30, 4, 0.02, 1, 0, 0}, 0, 29},
    {"a dog at 2, new, lingers, near", {"dog", 0.95, 2, 80, 0, 30, 40, 0.3, 2.5, 0, 0}, 0, 29},
    {"a car at 2, new, lingers", {"car", 0.9, 2, 60, 0, 30, 20, 0.1, 1, 0, 0}, 60, 84},
    {"a parked car by day, again", {"car", 0.9, 14, 60, 4, 30, 20, 0.1, 1, 1, 300}, 0, 29},
    {"motion by day on the first day", {"motion", 0.8, 14, 20, 0, 0.2, 10, 0.05, 1, 0, 0}, 5, 59},
    {"motion by day, the first ever", {"motion", 0.8, 14, 0, 0, 0, 1, 0.05, 1, 0, 0}, 0, 59},
    {"motion at 2 on the first day", {"motion", 0.8, 2, 50, 0, 0.5, 20, 0.05, 1, 0, 0}, 30, 59},
    {"a person by day on the first day",
     {"person", 0.9, 14, 20, 0, 0.2, 10, 0.05, 1, 0, 0},
     30,
     59},
    {"a branch at 2, again and again", {"motion", 0.8, 2, 80, 3, 30, 40, 0.02, 1, 1, 100}, 0, 39},
    {"a class nobody knows, by day", {"toaster", 0.8, 14, 6, 0, 30, 4, 0.02, 1, 0, 0}, 0, 59},
};

static void typical_batches(void **state)
{
    for (size_t i = 0; i < COUNT_OF(typical); i++) {
        int got = score(&typical[i].batch);
        if (got < typical[i].least || got > typical[i].most)
            fail_msg("%s: %d is not in %d..%d", typical[i].what, got, typical[i].least,
                     typical[i].most);
    }
}

/* Over every typical batch: more of what worries never lowers the score. */
static void night_never_lowers(void **state)
{
    static const int nights[] = {23, 0, 1, 2, 3, 4};

    for (size_t i = 0; i < COUNT_OF(typical); i++) {
        struct batch_case batch = typical[i].batch;
        for (int day = 5; day <= 22; day++) {
            batch.hour = day;
            int by_day = score(&batch);
            for (size_t n = 0; n < COUNT_OF(nights); n++) {
                batch.hour = nights[n];
                assert_true(score(&batch) >= by_day);
            }
        }
    }
}

static void dwelling_never_lowers(void **state)
{
    for (size_t i = 0; i < COUNT_OF(typical); i++) {
        struct batch_case batch = typical[i].batch;
        int before = 0;
        for (batch.dwell_s = 0; batch.dwell_s < 300; batch.dwell_s++) {
            int now = score(&batch);
            assert_true(now >= before);
            before = now;
        }
    }
}

static void novelty_never_lowers(void **state)
{
    for (size_t i = 0; i < COUNT_OF(typical); i++) {
        struct batch_case batch = typical[i].batch;
        int before = 0;
        batch.days = batch.days < 1 ? 1 : batch.days;
        for (double a_day = 10; a_day > 0.001; a_day *= 0.9) {
            batch.a_day = a_day;
            int now = score(&batch);
            assert_true(now >= before);
            before = now;
        }
        batch.a_day = 0;
        assert_true(score(&batch) >= before);
    }
}

static void nearness_confidence_and_pictures_never_lower(void **state)
{
    for (size_t i = 0; i < COUNT_OF(typical); i++) {
        struct batch_case batch = typical[i].batch;
        int before = 0;
        for (batch.share = 0.001; batch.share < 1; batch.share *= 1.3) {
            int now = score(&batch);
            assert_true(now >= before);
            before = now;
        }
        batch = typical[i].batch;
        before = 0;
        for (batch.approach = 0.1; batch.approach < 5; batch.approach *= 1.2) {
            int now = score(&batch);
            assert_true(now >= before);
            before = now;
        }
        batch = typical[i].batch;
        before = 0;
        for (batch.confidence = 0; batch.confidence <= 1; batch.confidence += 0.01) {
            int now = score(&batch);
            assert_true(now >= before);
            before = now;
        }
        batch = typical[i].batch;
        batch.stationary = 0;
        before = 0;
        for (batch.pictures = 1; batch.pictures < 30; batch.pictures++) {
            int now = score(&batch);
            assert_true(now >= before);
            before = now;
        }
    }
}

/* The baseline's levels, from the counts the store really keeps. */
static void novelty_reads_the_baseline(void **state)
{
    static const struct {
        double a_day, days;
        const char *says;
    } cases[] = {
        {0, 0, "still learning"},  {0, 0.99, "still learning"}, {9, 0.99, "still learning"},
        {0, 1.01, "never seen"},   {0, 400, "never seen"},      {0.05, 30, "rarely"},
        {0.3, 30, "on some days"}, {0.3, 8, "on some days"},    {1, 2, "on most days"},
        {1, 60, "on most days"},   {1, 2000, "on most days"},   {3, 2, "usual here"},
        {3, 60, "usual here"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(rule_verdict_release) struct rule_verdict verdict = {0};
        struct batch_case batch = {"person", 0.8, 14, 6, 0, 0, 4, 0.02, 1, 0, 0};
        batch.a_day = cases[i].a_day;
        batch.days = cases[i].days;
        assert_int_equal(rule_verdict_make(&make_input(&batch)->input, &verdict), 0);
        if (!strstr(verdict.factors[5].detail, cases[i].says))
            fail_msg("%g a day in %g days: %s", cases[i].a_day, cases[i].days,
                     verdict.factors[5].detail);
    }
}

static void the_first_day_gives_few_points(void **state)
{
    AUTO(rule_verdict_release) struct rule_verdict verdict = {0};
    struct batch_case batch = {"person", 0.8, 2, 60, 0, 0.5, 4, 0.02, 1, 0, 0};

    assert_int_equal(rule_verdict_make(&make_input(&batch)->input, &verdict), 0);
    assert_string_equal(verdict.factors[5].name, "novelty");
    assert_in_range(verdict.factors[5].points, 0, 4);
    assert_non_null(strstr(buf_text(&verdict.reasoning), "still learning"));
}

static void the_same_input_gives_the_same_words(void **state)
{
    for (size_t i = 0; i < COUNT_OF(typical); i++) {
        AUTO(rule_verdict_release) struct rule_verdict first = {0};
        AUTO(rule_verdict_release) struct rule_verdict second = {0};
        struct made made = *make_input(&typical[i].batch);
        made.input.classes = &made.seen;
        assert_int_equal(rule_verdict_make(&made.input, &first), 0);
        assert_int_equal(rule_verdict_make(&made.input, &second), 0);
        assert_string_equal(buf_text(&first.summary), buf_text(&second.summary));
        assert_string_equal(buf_text(&first.reasoning), buf_text(&second.reasoning));
        assert_int_equal(first.score, second.score);
    }
}

static void word_for_word(void **state)
{
    AUTO(rule_verdict_release) struct rule_verdict verdict = {0};
    struct batch_case batch = {"person", 0.93, 2, 52, 0, 30, 14, 0.12, 1.5, 0, 0};

    assert_int_equal(rule_verdict_make(&make_input(&batch)->input, &verdict), 0);
    assert_string_equal(buf_text(&verdict.summary),
                        "A person lingered at Front Porch for 52 seconds around 02:00, never seen "
                        "there at this hour before.");
    assert_string_equal(buf_text(&verdict.reasoning),
                        "object +38: a person.\n"
                        "confidence +5: the detector is 93 % sure.\n"
                        "count +5: 14 detections in 14 pictures.\n"
                        "hour +20: about 02:00, late at night.\n"
                        "dwell +16: there for 52 seconds, which is lingering.\n"
                        "novelty +22: never seen here at this hour before.\n"
                        "size +5: fills 12 % of the picture.\n"
                        "approach +4: comes nearer.\n"
                        "sum 115, which counts as 100: critical.");
}

static void a_quiet_hour_is_named(void **state)
{
    AUTO(rule_verdict_release) struct rule_verdict verdict = {0};
    struct batch_case batch = {"person", 0.8, 2, 0, 0, 30, 1, 0.02, 1, 0, 0};
    struct made *made = make_input(&batch);
    int before = score_input(&made->input);

    made->input.activity = (struct baseline){0};
    assert_int_equal(rule_verdict_make(&made->input, &verdict), 0);
    assert_int_equal(verdict.score, before + 4);
    assert_non_null(strstr(buf_text(&verdict.reasoning), "on Wednesdays"));
}

static void the_most_telling_class_leads(void **state)
{
    AUTO(rule_verdict_release) struct rule_verdict verdict = {0};
    struct batch_case batch = {"motion", 0.99, 14, 6, 0, 30, 4, 0.02, 1, 0, 0};
    struct made *made = make_input(&batch);
    struct rule_class_seen classes[] = {
        made->seen,
        {.object_type = "cat", .count = 9, .best_confidence = 0.99},
        {.object_type = "Person", .count = 1, .best_confidence = 0.55},
        {.object_type = "car", .count = 3, .best_confidence = 0.9},
        {.object_type = "bus", .count = 0, .best_confidence = 0.9},
    };

    made->input.classes = classes;
    made->input.class_count = COUNT_OF(classes);
    assert_int_equal(rule_verdict_make(&made->input, &verdict), 0);
    assert_sound(&verdict, &made->input);
    assert_true(span_starts_with(buf_span(&verdict.summary), "A person "));
    assert_non_null(strstr(buf_text(&verdict.reasoning), "together with a car"));

    /* A guess of a vehicle does not outweigh movement that is certain. */
    rule_verdict_release(&verdict);
    classes[1] = (struct rule_class_seen){.object_type = "car", .count = 1, .best_confidence = 0.3};
    made->input.class_count = 2;
    assert_int_equal(rule_verdict_make(&made->input, &verdict), 0);
    assert_true(span_starts_with(buf_span(&verdict.summary), "Movement at "));
}

static void nothing_seen_is_no_verdict(void **state)
{
    struct rule_verdict verdict = {.score = 42};
    struct batch_case batch = {"person", 0.8, 2, 60, 0, 30, 4, 0.02, 1, 0, 0};
    struct made *made = make_input(&batch);

    made->input.detections = 0;
    assert_int_equal(rule_verdict_make(&made->input, &verdict), -ENODATA);
    made->input.detections = 4;
    made->seen.count = 0;
    assert_int_equal(rule_verdict_make(&made->input, &verdict), -ENODATA);
    made->input.class_count = 0;
    made->input.classes = NULL;
    assert_int_equal(rule_verdict_make(&made->input, &verdict), -ENODATA);
    assert_int_equal(verdict.score, 42);
}

static void odd_names_stay_one_readable_sentence(void **state)
{
    static const char *const names[] = {
        NULL,
        "",
        "a\nb\x1b[2J",
        "\xff\xfe",
        "caf\xc3\xa9",
        "%s%n%d",
        "\"quoted\"",
        "\xf0\x9f\x90\x88\xf0\x9f\x90\x88\xf0\x9f\x90\x88\xf0\x9f\x90\x88\xf0\x9f\x90\x88\xf0\x9f",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "x"};
    struct batch_case batch = {"person", 0.8, 2, 60, 0, 30, 4, 0.02, 1, 0, 0};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(rule_verdict_release) struct rule_verdict verdict = {0};
        batch.object_type = names[i];
        struct made *made = make_input(&batch);
        made->input.camera_name = names[COUNT_OF(names) - 1 - i];
        assert_int_equal(rule_verdict_make(&made->input, &verdict), 0);
        assert_sound(&verdict, &made->input);
        assert_true(verdict.summary.len < 300);
    }
}

static double odd_number(unsigned *random)
{
    static const double numbers[] = {NAN, INFINITY, -INFINITY, -1, 0, 1e-300, 0.5, 1, 1e300};

    *random = *random * 1664525 + 1013904223;
    return numbers[(*random >> 16) % COUNT_OF(numbers)];
}

static int64_t odd_instant(unsigned *random)
{
    static const int64_t instants[] = {INT64_MIN, -1, 0, 1, NOW, NOW + DAY, INT64_MAX};

    *random = *random * 1664525 + 1013904223;
    return instants[(*random >> 16) % COUNT_OF(instants)];
}

static struct baseline odd_baseline(unsigned *random)
{
    return (struct baseline){odd_number(random), odd_instant(random), odd_instant(random)};
}

static void no_input_breaks_it(void **state)
{
    unsigned random = 5;

    for (int i = 0; i < 20000; i++) {
        struct batch_case batch = typical[i % (int)COUNT_OF(typical)].batch;
        struct made *made = make_input(&batch);
        made->seen.best_confidence = odd_number(&random);
        made->seen.usual = odd_baseline(&random);
        made->input.activity = odd_baseline(&random);
        made->input.started_at = odd_instant(&random);
        made->input.ended_at = odd_instant(&random);
        made->input.watched_since = odd_instant(&random);
        made->input.previous_event_end = odd_instant(&random);
        made->input.largest_share = odd_number(&random);
        made->input.approach = odd_number(&random);
        made->input.stationary = odd_number(&random);
        made->input.hour = (int)odd_instant(&random);
        made->input.weekday = (int)odd_instant(&random);
        made->input.detections = i % 7 ? (unsigned)i : UINT_MAX;
        made->input.pictures = i % 5 ? 0 : UINT_MAX;
        assert_in_range(score_input(&made->input), 0, 100);
    }
}

static void levels_have_bounds(void **state)
{
    assert_string_equal(rule_level(0, 29, 59, 84), "low");
    assert_string_equal(rule_level(29, 29, 59, 84), "low");
    assert_string_equal(rule_level(30, 29, 59, 84), "medium");
    assert_string_equal(rule_level(59, 29, 59, 84), "medium");
    assert_string_equal(rule_level(60, 29, 59, 84), "high");
    assert_string_equal(rule_level(84, 29, 59, 84), "high");
    assert_string_equal(rule_level(85, 29, 59, 84), "critical");
    assert_string_equal(rule_level(100, 10, 20, 100), "high");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typical_batches),
        cmocka_unit_test(night_never_lowers),
        cmocka_unit_test(dwelling_never_lowers),
        cmocka_unit_test(novelty_never_lowers),
        cmocka_unit_test(nearness_confidence_and_pictures_never_lower),
        cmocka_unit_test(novelty_reads_the_baseline),
        cmocka_unit_test(the_first_day_gives_few_points),
        cmocka_unit_test(the_same_input_gives_the_same_words),
        cmocka_unit_test(word_for_word),
        cmocka_unit_test(a_quiet_hour_is_named),
        cmocka_unit_test(the_most_telling_class_leads),
        cmocka_unit_test(nothing_seen_is_no_verdict),
        cmocka_unit_test(odd_names_stay_one_readable_sentence),
        cmocka_unit_test(no_input_breaks_it),
        cmocka_unit_test(levels_have_bounds),
    };
    return RUN_TESTS(tests);
}

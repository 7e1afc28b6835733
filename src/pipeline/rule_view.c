/* From the numbers of a batch to what the rules ask about: what it is, how long, how new. */
#include "pipeline/rule_verdict_private.h"

#include "base/span.h"
#include "base/time.h"
#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#define CLASS_NAME_SIZE 33
#define STILL_SHARE 0.8
#define STILL_DETECTIONS 3
#define DWELL_MAX_S 86400

/* An animal at night is an animal at night: its weight keeps it low whatever else is true. */
static const struct rule_kind kinds[] = {
    {"person", "a person", 38, 100, RULE_PERSON},
    {"face", "a face", 38, 100, RULE_PERSON},
    {"car", "a car", 22, 70, RULE_VEHICLE},
    {"truck", "a truck", 22, 70, RULE_VEHICLE},
    {"bus", "a bus", 22, 70, RULE_VEHICLE},
    {"van", "a van", 22, 70, RULE_VEHICLE},
    {"motorcycle", "a motorcycle", 22, 70, RULE_VEHICLE},
    {"vehicle", "a vehicle", 22, 70, RULE_VEHICLE},
    {"license_plate", "a number plate", 22, 70, RULE_VEHICLE},
    {"bicycle", "a bicycle", 16, 70, RULE_VEHICLE},
    {"boat", "a boat", 16, 70, RULE_VEHICLE},
    {"motion", "movement", 18, 75, RULE_MOTION},
    {"package", "a package", 12, 40, RULE_OTHER},
    {"backpack", "a backpack", 12, 40, RULE_OTHER},
    {"handbag", "a handbag", 12, 40, RULE_OTHER},
    {"suitcase", "a suitcase", 12, 40, RULE_OTHER},
    {"bear", "a bear", 30, 60, RULE_ANIMAL},
    {"cat", "a cat", 3, 25, RULE_ANIMAL},
    {"dog", "a dog", 3, 25, RULE_ANIMAL},
    {"bird", "a bird", 2, 20, RULE_ANIMAL},
    {"horse", "a horse", 3, 25, RULE_ANIMAL},
    {"sheep", "a sheep", 3, 25, RULE_ANIMAL},
    {"cow", "a cow", 3, 25, RULE_ANIMAL},
    {"animal", "an animal", 3, 25, RULE_ANIMAL},
};

static const struct rule_kind kind_other = {NULL, NULL, 15, 60, RULE_OTHER};

const struct rule_kind *rule_kind_of(const char *object_type)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (span_is_nocase(span_of(object_type), kinds[i].class_name))
            return &kinds[i];
    return &kind_other;
}

int rule_points_confidence(double confidence)
{
    if (confidence >= 0.9)
        return 5;
    if (confidence >= 0.7)
        return 2;
    return confidence >= 0.5 ? 0 : -8; /* what is no number is no confidence */
}

static int strength(const struct rule_class_seen *seen)
{
    return rule_kind_of(seen->object_type)->points + rule_points_confidence(seen->best_confidence);
}

/* The first of the strongest; NULL when nothing was seen. */
static const struct rule_class_seen *find_lead(const struct rule_input *input)
{
    const struct rule_class_seen *lead = NULL;

    for (size_t i = 0; i < input->class_count; i++) {
        const struct rule_class_seen *seen = &input->classes[i];
        if (seen->count && (!lead || strength(seen) > strength(lead)))
            lead = seen;
    }
    return lead;
}

static int64_t dwell_of(const struct rule_input *input)
{
    int64_t dwell;

    if (__builtin_sub_overflow(input->ended_at, input->started_at, &dwell))
        return 0;
    dwell /= TIME_SECOND;
    if (dwell < 0)
        return 0;
    return dwell < DWELL_MAX_S ? dwell : DWELL_MAX_S;
}

static double days_watched(const struct rule_input *input)
{
    if (input->watched_since <= 0 || input->started_at <= input->watched_since)
        return 0;
    return (double)(input->started_at - input->watched_since) / (86400.0 * TIME_SECOND);
}

/* How often a day this class comes at this hour. After d days of r a day, the decayed count has
 * grown to r * (1 - q^d) / (1 - q) with q = 0.5^(1 / half-life); solved for r. */
static double rate_a_day(const struct baseline *usual, double days)
{
    double a_day = pow(0.5, 1.0 / BASELINE_HALF_LIFE_DAYS);
    double rate = usual->value * (1 - a_day) / (1 - pow(a_day, days));

    return rate > 0 ? rate : 0;
}

static enum rule_novelty novelty_of(const struct baseline *usual, double days)
{
    if (!(days >= 1))
        return RULE_LEARNING;
    if (usual->samples <= 0)
        return RULE_NEVER;
    double rate = rate_a_day(usual, days);
    if (rate < 0.1)
        return RULE_RARE;
    if (rate < 0.5)
        return RULE_UNCOMMON;
    return rate < 2 ? RULE_COMMON : RULE_USUAL;
}

static void write_subject(struct rule_view *view)
{
    char name[CLASS_NAME_SIZE];

    utf8_name(view->lead->object_type, name, sizeof(name));
    if (view->kind->phrase)
        snprintf(view->subject, sizeof(view->subject), "%s", view->kind->phrase);
    else if (name[0])
        snprintf(view->subject, sizeof(view->subject), "something called \"%s\"", name);
    else
        snprintf(view->subject, sizeof(view->subject), "something unnamed");
}

int rule_view_make(const struct rule_input *input, struct rule_view *ret_view)
{
    const struct rule_class_seen *lead = find_lead(input);

    if (!lead || !input->detections)
        return -ENODATA;
    *ret_view = (struct rule_view){
        .input = input,
        .lead = lead,
        .kind = rule_kind_of(lead->object_type),
        .dwell_s = dwell_of(input),
        .days = days_watched(input),
        .still = input->detections >= STILL_DETECTIONS && input->stationary >= STILL_SHARE,
    };
    ret_view->novelty = novelty_of(&lead->usual, ret_view->days);
    write_subject(ret_view);
    return 0;
}

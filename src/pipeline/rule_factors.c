/* The factors, one function each, listed at the foot. Points are tuned so that by the default
 * levels (29, 59, 84) usual movement by day is low, an unknown movement that dwells in a night it
 * was never seen in is high, a person there is critical, and an animal alone is always low. */
#include "pipeline/rule_verdict_private.h"

#include "base/time.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#define RECENT_EVENT (1800 * TIME_SECOND)

#define DETAIL(factor, ...) snprintf((factor)->detail, sizeof((factor)->detail), __VA_ARGS__)

/* What raises counts in full for a person, less for others; what lowers always counts in full. */
static int weighed(const struct rule_view *view, int points)
{
    return points > 0 ? (points * view->kind->weight + 50) / 100 : points;
}

static bool object_factor(const struct rule_view *view, struct rule_factor *factor)
{
    factor->points = view->kind->points;
    DETAIL(factor, "%s%s", view->subject,
           view->input->class_count > 1 ? ", the most telling of what was seen" : "");
    return true;
}

static bool confidence_factor(const struct rule_view *view, struct rule_factor *factor)
{
    double confidence = view->lead->best_confidence;

    factor->points = rule_points_confidence(confidence);
    if (confidence >= 0 && confidence <= 1)
        DETAIL(factor, "the detector is %.0f %% sure", confidence * 100);
    else
        DETAIL(factor, "the detector gave no usable confidence");
    return true;
}

static bool count_factor(const struct rule_view *view, struct rule_factor *factor)
{
    unsigned pictures = view->input->pictures;
    unsigned detections = view->input->detections;

    factor->points = weighed(view, pictures >= 10 ? 5 : pictures >= 5 ? 3 : pictures >= 2 ? 0 : -4);
    DETAIL(factor, "%u detection%s in %u picture%s", detections, detections == 1 ? "" : "s",
           pictures, pictures == 1 ? "" : "s");
    return true;
}

static int points_of_hour(int hour)
{
    if (hour < 0 || hour > 23)
        return 0;
    if (hour >= 23 || hour <= 4)
        return 20;
    if (hour == 5)
        return 12;
    if (hour == 22)
        return 8;
    if (hour == 6 || hour == 21)
        return 4;
    return hour >= 8 && hour <= 18 ? -6 : 0;
}

static const char *name_of_hour(int hour)
{
    if (hour >= 23 || hour <= 4)
        return "late at night";
    if (hour <= 7)
        return "early in the morning";
    return hour <= 18 ? "by day" : "in the evening";
}

static bool hour_factor(const struct rule_view *view, struct rule_factor *factor)
{
    int hour = view->input->hour;

    factor->points = weighed(view, points_of_hour(hour));
    if (hour < 0 || hour > 23)
        DETAIL(factor, "the local hour is not known");
    else
        DETAIL(factor, "about %02d:00, %s", hour, name_of_hour(hour));
    return true;
}

static int points_of_dwell(int64_t seconds)
{
    if (seconds < 2)
        return -6;
    if (seconds < 10)
        return 0;
    if (seconds < 20)
        return 5;
    return seconds < 45 ? 10 : 16;
}

static bool dwell_factor(const struct rule_view *view, struct rule_factor *factor)
{
    AUTO(buf_release) struct buf duration = BUF_INIT;

    factor->points = weighed(view, points_of_dwell(view->dwell_s));
    rule_add_duration(&duration, view->dwell_s);
    if (view->dwell_s < 2)
        DETAIL(factor, "there for a moment only");
    else
        DETAIL(factor, "there for %s%s", buf_text(&duration),
               view->dwell_s >= 45 ? ", which is lingering" : "");
    return true;
}

/* What was learned in a few days is half of the truth; after a week it counts in full. */
static int trusted(const struct rule_view *view, int points)
{
    double share = view->days < 7 ? 0.5 + view->days / 14 : 1;

    return (int)lround(points * share);
}

static const char *const weekdays[] = {"Mondays", "Tuesdays",  "Wednesdays", "Thursdays",
                                       "Fridays", "Saturdays", "Sundays"};

/* A camera that knows this hour of this weekday, and knows it as empty. */
static bool is_quiet_hour(const struct rule_view *view)
{
    int weekday = view->input->weekday;

    return view->days >= 14 && view->input->activity.samples <= 0 && weekday >= 0 &&
           weekday < (int)COUNT_OF(weekdays);
}

static bool novelty_factor(const struct rule_view *view, struct rule_factor *factor)
{
    static const struct {
        int points;
        const char *words;
    } levels[] = {
        [RULE_LEARNING] = {3, "still learning: this camera has been watched for less than a day"},
        [RULE_USUAL] = {-8, "usual here at this hour"},
        [RULE_COMMON] = {-4, "seen here on most days at this hour"},
        [RULE_UNCOMMON] = {7, "seen here on some days at this hour"},
        [RULE_RARE] = {14, "rarely seen here at this hour"},
        [RULE_NEVER] = {22, "never seen here at this hour before"},
    };
    bool quiet = view->novelty == RULE_NEVER && is_quiet_hour(view);
    int points = levels[view->novelty].points + (quiet ? 4 : 0);

    if (points > 0 && view->novelty != RULE_LEARNING)
        points = trusted(view, points);
    factor->points = weighed(view, points);
    DETAIL(factor, "%s%s%s%s", levels[view->novelty].words, quiet ? "; on " : "",
           quiet ? weekdays[view->input->weekday] : "", quiet ? " nothing at all was" : "");
    return true;
}

static bool size_factor(const struct rule_view *view, struct rule_factor *factor)
{
    double share = view->input->largest_share;

    if (!(share > 0))
        return false;
    int points = share >= 0.25 ? 8 : share >= 0.10 ? 5 : share >= 0.03 ? 2 : share < 0.005 ? -4 : 0;
    factor->points = weighed(view, points);
    if (share < 0.005)
        DETAIL(factor, "far away or small");
    else
        DETAIL(factor, "fills %.0f %% of the picture", fmin(share, 1) * 100);
    return factor->points != 0;
}

static bool approach_factor(const struct rule_view *view, struct rule_factor *factor)
{
    double growth = view->input->approach;

    if (growth >= 1.3)
        factor->points = weighed(view, growth >= 2 ? 8 : 4);
    else if (growth > 0 && growth <= 0.5)
        factor->points = -3;
    DETAIL(factor, "%s", factor->points > 0 ? "comes nearer" : "goes away");
    return factor->points != 0;
}

static bool company_factor(const struct rule_view *view, struct rule_factor *factor)
{
    const struct rule_input *input = view->input;

    for (size_t i = 0; i < input->class_count; i++) {
        const struct rule_kind *kind = rule_kind_of(input->classes[i].object_type);
        bool telling = kind->group == RULE_PERSON || kind->group == RULE_VEHICLE;
        if (!input->classes[i].count || !telling || kind->group == view->kind->group)
            continue;
        factor->points = weighed(view, 4);
        DETAIL(factor, "together with %s", kind->phrase);
        return factor->points != 0;
    }
    return false;
}

static bool stationary_factor(const struct rule_view *view, struct rule_factor *factor)
{
    factor->points = view->kind->group == RULE_PERSON ? -3 : -8;
    DETAIL(factor, "stays in one place");
    return view->still;
}

static bool recurrence_factor(const struct rule_view *view, struct rule_factor *factor)
{
    int64_t since;

    if (view->input->previous_event_end <= 0 ||
        __builtin_sub_overflow(view->input->started_at, view->input->previous_event_end, &since) ||
        since >= RECENT_EVENT)
        return false;
    if (!view->still)
        factor->points = -2;
    else
        factor->points = view->kind->group == RULE_PERSON ? -5 : -12;
    DETAIL(factor, "%s",
           view->still ? "in one place again, soon after the last event"
                       : "soon after the last event of this camera");
    return true;
}

/* The order is the order of the reasoning. The first six are always named. */
const struct rule_factor_type rule_factor_types[] = {
    {"object", object_factor},
    {"confidence", confidence_factor},
    {"count", count_factor},
    {"hour", hour_factor},
    {"dwell", dwell_factor},
    {"novelty", novelty_factor},
    {"size", size_factor},
    {"approach", approach_factor},
    {"company", company_factor},
    {"stationary", stationary_factor},
    {"recurrence", recurrence_factor},
};

const size_t rule_factor_type_count = COUNT_OF(rule_factor_types);
static_assert(COUNT_OF(rule_factor_types) <= RULE_FACTORS_MAX, "all factors fit in a verdict");

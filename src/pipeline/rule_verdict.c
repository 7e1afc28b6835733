#include "pipeline/rule_verdict.h"

#include "pipeline/rule_verdict_private.h"

#define SCORE_MAX 100

const char *rule_level(int score, int low_max, int medium_max, int high_max)
{
    if (score <= low_max)
        return "low";
    if (score <= medium_max)
        return "medium";
    return score <= high_max ? "high" : "critical";
}

static int add_factors(struct rule_verdict *verdict, const struct rule_view *view)
{
    int sum = 0;

    for (size_t i = 0; i < rule_factor_type_count; i++) {
        struct rule_factor factor = {.name = rule_factor_types[i].name};
        if (!rule_factor_types[i].make(view, &factor))
            continue;
        verdict->factors[verdict->factor_count++] = factor;
        sum += factor.points;
    }
    return sum;
}

static int clamp(int sum)
{
    return sum < 0 ? 0 : sum > SCORE_MAX ? SCORE_MAX : sum;
}

/* One line a factor, then the sum: a person can add them up. */
static void write_reasoning(struct rule_verdict *verdict, int sum)
{
    for (size_t i = 0; i < verdict->factor_count; i++) {
        const struct rule_factor *factor = &verdict->factors[i];
        buf_addf(&verdict->reasoning, factor->points ? "%s %+d: %s.\n" : "%s %d: %s.\n",
                 factor->name, factor->points, factor->detail);
    }
    if (sum == verdict->score)
        buf_addf(&verdict->reasoning, "sum %d of %d: %s.", sum, SCORE_MAX, verdict->level);
    else
        buf_addf(&verdict->reasoning, "sum %d, which counts as %d: %s.", sum, verdict->score,
                 verdict->level);
}

int rule_verdict_make(const struct rule_input *input, struct rule_verdict *ret_verdict)
{
    struct rule_verdict verdict = {.summary = BUF_INIT, .reasoning = BUF_INIT};
    struct rule_view view;
    int r = rule_view_make(input, &view);

    if (r < 0)
        return r;
    int sum = add_factors(&verdict, &view);
    verdict.score = clamp(sum);
    verdict.level = rule_level(verdict.score, input->low_max, input->medium_max, input->high_max);
    rule_add_summary(&verdict.summary, &view);
    write_reasoning(&verdict, sum);
    *ret_verdict = verdict;
    return 0;
}

void rule_verdict_release(struct rule_verdict *verdict)
{
    buf_release(&verdict->summary);
    buf_release(&verdict->reasoning);
}

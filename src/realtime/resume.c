#include "realtime/resume.h"

#include <errno.h>
#include <string.h>

static int parse_sequence(struct span digits, uint64_t *ret_sequence)
{
    uint64_t sequence = 0;

    if (!digits.len)
        return -EINVAL;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9')
            return -EINVAL;
        sequence = sequence * 10 + (uint64_t)(digits.at[i] - '0');
        if (sequence > SEQUENCE_MAX)
            return -EINVAL;
    }
    *ret_sequence = sequence;
    return 0;
}

static bool is_epoch_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

int position_set_epoch(struct position *position, struct span epoch)
{
    if (epoch.len >= sizeof(position->epoch))
        return -EINVAL;
    for (size_t i = 0; i < epoch.len; i++)
        if (!is_epoch_character(epoch.at[i]))
            return -EINVAL;
    memset(position->epoch, 0, sizeof(position->epoch));
    if (epoch.len)
        memcpy(position->epoch, epoch.at, epoch.len);
    return 0;
}

int position_parse(struct span token, struct position *ret_position)
{
    struct position position = {"", 0};
    struct span epoch = {NULL, 0}, rest = token;
    const char *tilde = token.len ? memchr(token.at, '~', token.len) : NULL;
    int error;

    if (tilde)
        epoch = span_cut(&rest, '~');
    error = position_set_epoch(&position, epoch);
    if (!error)
        error = parse_sequence(rest, &position.sequence);
    if (!error)
        *ret_position = position;
    return error;
}

const char *gap_reason_name(enum gap_reason reason)
{
    static const char *const names[] = {
        [GAP_NONE] = "none",   [GAP_TRIMMED] = "trimmed", [GAP_SLOW] = "slow",
        [GAP_EPOCH] = "epoch", [GAP_FUTURE] = "future",
    };

    return names[reason];
}

/* The first sequence a replay can begin with. */
static uint64_t replay_floor(const struct resume_state *state)
{
    uint64_t floor = state->oldest;

    if (state->head >= state->replay_max && floor < state->head - state->replay_max + 1)
        floor = state->head - state->replay_max + 1;
    return floor;
}

void resume_plan(const struct position *asked, const struct resume_state *state,
                 struct resume_plan *ret_plan)
{
    struct resume_plan plan = {.recovered = true};
    uint64_t wanted = asked->sequence + 1, floor = replay_floor(state);

    if (asked->epoch[0] && strcmp(asked->epoch, state->epoch) != 0) {
        plan.broken = GAP_EPOCH;
        wanted = 1;
    } else if (asked->sequence > state->newest) {
        plan.broken = GAP_FUTURE;
        wanted = state->head + 1;
    }
    if (wanted < floor) {
        plan.lost_from = wanted;
        wanted = floor;
    }
    plan.next = wanted;
    plan.replayed = state->head >= wanted ? state->head - wanted + 1 : 0;
    plan.recovered = plan.broken == GAP_NONE && !plan.lost_from;
    *ret_plan = plan;
}

uint64_t resume_stands_at(const struct resume_plan *plan)
{
    return (plan->lost_from ? plan->lost_from : plan->next) - 1;
}

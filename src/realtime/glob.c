#include "realtime/glob.h"

/* The length of the set at pattern[0] == '[', both brackets included; 0 when it is not closed. A
 * ']' right after the opening is a member. */
static size_t set_length(struct span pattern)
{
    size_t at = 1;

    if (at < pattern.len && pattern.at[at] == '!')
        at++;
    at++;
    while (at < pattern.len && pattern.at[at] != ']')
        at++;
    return at < pattern.len ? at + 1 : 0;
}

static bool set_holds(struct span set, char c)
{
    size_t at = 1, end = set.len - 1;
    bool negated = set.at[at] == '!';
    bool found = false;

    if (negated)
        at++;
    while (at < end) {
        if (at + 2 < end && set.at[at + 1] == '-') {
            found |= set.at[at] <= c && c <= set.at[at + 2];
            at += 3;
        } else {
            found |= set.at[at] == c;
            at++;
        }
    }
    return found != negated;
}

/* How much of the pattern the character c uses up; 0 when it does not fit. */
static size_t step(struct span pattern, char c)
{
    size_t set;

    if (!pattern.len)
        return 0;
    if (pattern.at[0] == '?')
        return 1;
    set = pattern.at[0] == '[' ? set_length(pattern) : 0;
    if (set)
        return set_holds((struct span){pattern.at, set}, c) ? set : 0;
    return pattern.at[0] == c ? 1 : 0;
}

static struct span skip(struct span span, size_t count)
{
    return (struct span){span.at + count, span.len - count};
}

/* Only the last star is ever given more text: an earlier one could not do better. */
bool glob_match(struct span pattern, struct span text)
{
    struct span after_star = {NULL, 0};
    struct span retry = {NULL, 0};

    while (text.len) {
        size_t used;

        if (pattern.len && pattern.at[0] == '*') {
            pattern = after_star = skip(pattern, 1);
            retry = text;
            continue;
        }
        used = step(pattern, text.at[0]);
        if (used) {
            pattern = skip(pattern, used);
            text = skip(text, 1);
        } else if (after_star.at) {
            pattern = after_star;
            text = retry = skip(retry, 1);
        } else {
            return false;
        }
    }
    while (pattern.len && pattern.at[0] == '*')
        pattern = skip(pattern, 1);
    return !pattern.len;
}

#include "base/span.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct span span_of(const char *text)
{
    return (struct span){text, text ? strlen(text) : 0};
}

bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool span_equal_nocase(struct span a, struct span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

bool span_is(struct span a, const char *text)
{
    return span_equal(a, span_of(text));
}

bool span_is_nocase(struct span a, const char *text)
{
    return span_equal_nocase(a, span_of(text));
}

bool span_starts_with(struct span a, const char *prefix)
{
    struct span head = span_of(prefix);

    return a.len >= head.len && span_equal((struct span){a.at, head.len}, head);
}

bool span_ends_with(struct span a, const char *suffix)
{
    struct span tail = span_of(suffix);

    if (a.len < tail.len || tail.len == 0)
        return tail.len == 0;
    return span_equal((struct span){a.at + (a.len - tail.len), tail.len}, tail);
}

struct span span_trim(struct span a)
{
    while (a.len && is_space(a.at[0]))
        a = (struct span){a.at + 1, a.len - 1};
    while (a.len && is_space(a.at[a.len - 1]))
        a.len--;
    return a;
}

struct span span_cut(struct span *rest, char separator)
{
    struct span whole = *rest;
    const char *found = whole.len ? memchr(whole.at, separator, whole.len) : NULL;

    if (!found) {
        *rest = (struct span){NULL, 0};
        return whole;
    }
    size_t before = (size_t)(found - whole.at);
    *rest = (struct span){found + 1, whole.len - before - 1};
    return (struct span){whole.at, before};
}

#include "realtime/origin.h"

#include <string.h>

/* "host[:port]" without the port that goes without saying for either scheme: a proxy may have
 * turned https into http on the way, and both spell the same place. */
static struct span place(struct span host)
{
    if (span_ends_with(host, ":80"))
        host.len -= strlen(":80");
    else if (span_ends_with(host, ":443"))
        host.len -= strlen(":443");
    return host;
}

static struct span without_slash(struct span origin)
{
    if (span_ends_with(origin, "/"))
        origin.len--;
    return origin;
}

static bool is_listed(struct span origin, const char *const *origins)
{
    for (size_t i = 0; origins && origins[i]; i++)
        if (!strcmp(origins[i], "*") ||
            span_equal_nocase(without_slash(span_of(origins[i])), origin))
            return true;
    return false;
}

/* The host[:port] of an http or https origin; empty for anything else, "null" included. */
static struct span host_of(struct span origin)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(schemes[i]);

        if (span_starts_with(origin, schemes[i]))
            return (struct span){origin.at + length, origin.len - length};
    }
    return (struct span){NULL, 0};
}

bool origin_allowed(struct span origin, struct span host, const char *const *origins)
{
    struct span theirs;

    if (!origin.at)
        return true;
    origin = without_slash(span_trim(origin));
    if (is_listed(origin, origins))
        return true;
    theirs = place(host_of(origin));
    return theirs.len && span_equal_nocase(theirs, place(span_trim(host)));
}

#include "api/origin_private.h"

#include <string.h>

/* host[:port] without the scheme's own port. */
static struct span authority_trim(struct span authority, bool secure)
{
    const char *standard = secure ? ":443" : ":80";
    if (span_ends_with(authority, standard))
        authority.len -= strlen(standard);
    return authority;
}

static bool is_same_host(const struct http_request *request, struct span origin)
{
    struct span host = http_header_of(request, "Host");
    size_t scheme = 0;
    if (span_starts_with(origin, "http://"))
        scheme = 7;
    else if (span_starts_with(origin, "https://"))
        scheme = 8;
    if (scheme == 0 || host.len == 0)
        return false;
    struct span authority = {origin.at + scheme, origin.len - scheme};
    bool secure = scheme == 8;
    return span_equal_nocase(authority_trim(authority, secure), authority_trim(host, secure));
}

enum origin origin_of(const struct http_request *request, const char *const *allowed)
{
    struct span origin = http_header_of(request, "Origin");
    enum origin best = ORIGIN_FOREIGN;

    if (!origin.at)
        return ORIGIN_NONE;
    if (is_same_host(request, origin))
        return ORIGIN_SAME;
    for (size_t i = 0; allowed && allowed[i]; i++) {
        if (span_is_nocase(origin, allowed[i]))
            return ORIGIN_LISTED;
        if (!strcmp(allowed[i], "*"))
            best = ORIGIN_ANYONE;
    }
    return best;
}

static bool is_loopback_name(struct span host)
{
    if (span_starts_with(host, "["))
        return span_is(host, "[::1]") || span_starts_with(host, "[::1]:");
    struct span name = span_cut(&host, ':');
    if (span_is_nocase(name, "localhost"))
        return true;
    if (!span_starts_with(name, "127."))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] != '.' && (name.at[i] < '0' || name.at[i] > '9'))
            return false;
    return true;
}

bool request_is_local(const struct http_request *request)
{
    static const char *const proxies[] = {"Forwarded", "X-Forwarded-For", "X-Forwarded-Host",
                                          "X-Real-IP", "Via"};
    if (!request->peer_is_loopback || !is_loopback_name(http_header_of(request, "Host")))
        return false;
    for (size_t i = 0; i < COUNT_OF(proxies); i++)
        if (http_header_of(request, proxies[i]).at)
            return false;
    return true;
}

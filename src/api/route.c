#include "api/route_private.h"

#include <string.h>

static bool is_parameter(struct span segment)
{
    return segment.len > 2 && segment.at[0] == '{';
}

/* Both without their leading slash. */
static bool segments_match(struct span pattern, struct span path, unsigned flags,
                           struct span ret_params[ROUTE_PARAMS_MAX])
{
    size_t params = 0;

    while (pattern.at && path.at) {
        struct span wanted = span_cut(&pattern, '/');
        bool last = !pattern.at;
        struct span given = path;
        if (last && (flags & ROUTE_REST))
            path = (struct span){NULL, 0};
        else
            given = span_cut(&path, '/');
        if (!is_parameter(wanted)) {
            if (!span_equal(wanted, given))
                return false;
            continue;
        }
        if (given.len == 0 || params == ROUTE_PARAMS_MAX)
            return false;
        ret_params[params++] = given;
    }
    return !pattern.at && !path.at;
}

static bool route_matches(const struct route *route, struct span path,
                          struct span ret_params[ROUTE_PARAMS_MAX])
{
    struct span pattern = span_of(route->pattern);
    if (path.len == 0 || path.at[0] != '/')
        return false;
    pattern = (struct span){pattern.at + 1, pattern.len - 1};
    path = (struct span){path.at + 1, path.len - 1};
    return segments_match(pattern, path, route->flags, ret_params);
}

const char *route_method_name(enum http_method method)
{
    static const char *const names[] = {
        [METHOD_GET] = "GET",     [METHOD_HEAD] = "HEAD",       [METHOD_POST] = "POST",
        [METHOD_PUT] = "PUT",     [METHOD_PATCH] = "PATCH",     [METHOD_DELETE] = "DELETE",
        [METHOD_OTHER] = "OTHER", [METHOD_OPTIONS] = "OPTIONS",
    };
    return names[method];
}

static void allow_add(struct buf *allow, enum http_method method)
{
    buf_addf(allow, "%s%s", allow->len ? ", " : "", route_method_name(method));
    if (method == METHOD_GET)
        buf_add_text(allow, ", HEAD");
}

enum route_match route_find(enum http_method method, struct span path,
                            const struct route **ret_route,
                            struct span ret_params[ROUTE_PARAMS_MAX], struct buf *allow)
{
    const char *owner = NULL; /* the pattern this path belongs to */

    if (method == METHOD_HEAD)
        method = METHOD_GET;
    for (size_t i = 0; i < routes_count; i++) {
        if (owner ? strcmp(routes[i].pattern, owner) != 0
                  : !route_matches(&routes[i], path, ret_params))
            continue;
        owner = routes[i].pattern;
        *ret_route = &routes[i];
        if (routes[i].method == method)
            return ROUTE_FOUND;
        allow_add(allow, routes[i].method);
    }
    if (!owner)
        return ROUTE_UNKNOWN;
    buf_add_text(allow, ", OPTIONS");
    return ROUTE_OTHER_METHOD;
}

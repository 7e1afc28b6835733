/* route: which handler answers which request.
 *
 * A pattern is a path with {name} for one segment; with ROUTE_REST the last {name} takes all that
 * is left, slashes included. The first pattern that matches the path owns it: literal ones stand
 * before those with parameters. */
#pragma once

#include "base/buf.h"
#include "base/span.h"
#include "net/http/http.h"

#include <stdbool.h>
#include <stddef.h>

#define ROUTE_PARAMS_MAX 2

struct call;

/* Returns the answer, or NULL when it took the exchange over. */
typedef struct http_response *route_handler(struct call *call);

enum route_flags {
    ROUTE_KEYED = 0,        /* asks for the API key where keys are on */
    ROUTE_OPEN = 1 << 0,    /* never does (or does its own way) */
    ROUTE_ON_LOOP = 1 << 1, /* answers at once on the net loop; others may block, on the lane */
    ROUTE_REST = 1 << 2,
};

struct route {
    enum http_method method;
    const char *pattern;
    route_handler *handler;
    unsigned flags;
};

extern const struct route routes[];
extern const size_t routes_count;

/* GET of a path that is no route of ours and not below /api or /ws: the dashboard's. */
extern const struct route route_dashboard;

enum route_match { ROUTE_FOUND, ROUTE_OTHER_METHOD, ROUTE_UNKNOWN };

/* HEAD finds GET. With ROUTE_OTHER_METHOD, `allow` is filled for the Allow header. */
enum route_match route_find(enum http_method method, struct span path,
                            const struct route **ret_route,
                            struct span ret_params[ROUTE_PARAMS_MAX], struct buf *allow);

const char *route_method_name(enum http_method method);

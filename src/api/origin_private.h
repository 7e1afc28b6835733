/* origin: which page of which site a browser's request comes from (rest-api contract §1.5), and
 * whether a request really was made on this machine. Pure. Thread: any. */
#pragma once

#include "net/http/http.h"

#include <stdbool.h>

enum origin {
    ORIGIN_NONE,    /* not a browser's cross-site request: no Origin header */
    ORIGIN_SAME,    /* the host the request was sent to */
    ORIGIN_LISTED,  /* named in CORS_ORIGINS */
    ORIGIN_ANYONE,  /* CORS_ORIGINS holds "*" */
    ORIGIN_FOREIGN, /* everything else, "null" included */
};

/* allowed: NULL-terminated, or NULL. */
enum origin origin_of(const struct http_request *request, const char *const *allowed);

/* A loopback peer that no proxy speaks for and that asked for this machine by a loopback name: a
 * proxy beside us, or a name that a page made point at 127.0.0.1, is not local. */
bool request_is_local(const struct http_request *request);

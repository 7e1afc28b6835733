/* Requests as literals: a method and headers, nothing read from a socket. */
#pragma once

#include "net/http/http.h"

#include <string.h>

#define REQUEST_HEADERS_MAX 4

struct literal {
    struct http_request request;
    struct http_header headers[REQUEST_HEADERS_MAX];
};

/* Name, value, name, value … NULL. `literal` must outlive the request. */
static inline const struct http_request *
request_of(struct literal *literal, enum http_method method, const char *const *headers)
{
    *literal = (struct literal){
        .request = {.method = method, .path = SPAN_LITERAL("/file"), .minor_version = 1}};
    while (headers[0]) {
        if (literal->request.header_count == REQUEST_HEADERS_MAX)
            __builtin_trap();
        literal->headers[literal->request.header_count++] =
            (struct http_header){span_of(headers[0]), span_of(headers[1])};
        headers += 2;
    }
    literal->request.headers = literal->headers;
    return &literal->request;
}

#define REQUEST(literal, method, ...)                                                              \
    request_of(literal, method, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL, NULL})

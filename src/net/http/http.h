/* http: the HTTP/1.1 server.
 *
 * A request is read whole (within limits), then handed to on_request as an exchange. Whoever holds
 * the exchange answers it exactly once, from any thread, now or later; the connection reads its
 * next request when the answer is on its way. Pipelined requests are answered in order. A peer that
 * leaves meanwhile costs nothing: http_reply() then only frees.
 *
 * The server itself answers: 400 malformed, 408 slow, 411/413 body, 414 target, 417, 431 headers,
 * 501 transfer codings, 503 too many connections or bodies, 505; each with the headers of every
 * answer (rest-api contract §1.2), then closes.
 *
 * Thread: on_request runs on the connection's net loop and must not block. */
#pragma once

#include "base/buf.h"
#include "base/bytes.h"
#include "base/own.h"
#include "base/span.h"
#include "loop/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_exchange;

enum http_method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OPTIONS,
    METHOD_OTHER
};

struct http_header {
    struct span name; /* as sent; compare with span_is_nocase() */
    struct span value;
};

/* All spans live as long as the exchange. */
struct http_request {
    enum http_method method;
    struct span method_name;
    unsigned minor_version; /* of HTTP/1: 0 or 1 */
    struct span target;     /* as sent: path and query */
    struct span
        path; /* percent-decoded, starts with '/', holds no NUL; '..' is the router's business */
    struct span query; /* raw, without '?' */
    struct span body;
    const struct http_header *headers;
    size_t header_count;
    const char *peer; /* address of the peer, no port */
    bool peer_is_loopback;
    const char *request_id; /* X-Request-ID: the peer's (bounded, printable) or ours */
    const char *correlation_id;
    int64_t received; /* monotonic µs of the first byte */
};

typedef void http_on_request(void *owner, struct http_exchange *exchange);

#define HTTP_BODY_FREE (16u << 10) /* this much of a body is taken however many there are */

struct http_settings {
    http_on_request *on_request;
    void *owner;
    size_t body_max;   /* 10 MiB: 413 */
    size_t bodies_max; /* 64 MiB: what all bodies together may hold beyond HTTP_BODY_FREE each,
                          until they are answered: 503 */
    size_t header_max; /* 32 KiB for request line and headers: 431 (414 for the target alone over 8
                          KiB) */
    int64_t head_timeout_us; /* 10 s from the first byte to the end of the headers: 408 */
    int64_t body_timeout_us; /* 30 s without progress in the body: 408 */
    int64_t idle_timeout_us; /* 75 s between requests: closed */
    int64_t send_timeout_us; /* 60 s without progress while sending: closed */
};

extern const struct http_settings http_settings_default;

const struct http_request *http_request_of(const struct http_exchange *exchange);
struct loop *http_loop_of(const struct http_exchange *exchange); /* the net loop it lives on */

/* The header's value, or the empty span with at == NULL. */
struct span http_header_of(const struct http_request *request, const char *name);

/* The first query member of that name, percent-decoded into `ret` ('+' is a blank; "%00" stays as
 * it is, so there is never a NUL). Returns true when present. */
bool http_query_of(const struct http_request *request, const char *name, struct buf *ret);

/* ---- Answering ---- */

struct http_response {
    int status;
    struct buf headers; /* ready lines "Name: value\r\n"; by http_response_header() */
    struct bytes *body; /* or NULL */
    int file; /* or -1: an open regular file, sent from file_offset, closed by the server */
    int64_t file_offset;
    int64_t file_length;
    bool compress; /* may be sent gzipped (text of 1000 bytes and more, when the peer accepts it) */
};

/* An answer with no body. Owned by the caller until http_reply() takes it. */
struct http_response *http_response_new(int status);
void http_response_free(struct http_response **response);
void http_response_header(struct http_response *response, const char *name, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Takes over the buf's content as body, with this Content-Type; text types are marked compressible.
 */
void http_response_body(struct http_response *response, const char *content_type, struct buf *body);

/* Any thread. Takes both over. Content-Length, Date, Connection and the headers of every answer are
 * added; HEAD answers lose their body and keep its length. */
void http_reply(struct http_exchange **exchange, struct http_response **response);

/* The whole of "send this file to this request": 200, 206 (single byte range), 304 (If-None-Match,
 * If-Modified-Since), 416; ETag from inode, size and time; HEAD. `fd` is taken over. Returns the
 * response. Pure but for fstat(). */
struct http_response *http_response_file(const struct http_request *request, int fd,
                                         const char *content_type, const char *cache_control);

const char *http_status_phrase(int status);

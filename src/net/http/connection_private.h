/* connection: HTTP/1.1 on one conn: reads requests, hands them out as exchanges, sends answers.
 *
 * One request at a time: while an exchange is open, or the socket is full, what the peer sends is
 * kept (one read of it) and then left in the socket. Thread: the conn's loop. */
#pragma once

#include "base/buf.h"
#include "base/span.h"
#include "net/conn_private.h"
#include "net/http/http.h"
#include "net/http/message_private.h"
#include "net/http/response_private.h"

#include <stdbool.h>

struct http_reader;

struct http_connection {
    struct conn *conn;              /* NULL once HTTP is over here */
    struct http_reader *reader;     /* NULL between requests */
    struct http_exchange *exchange; /* being answered, or NULL */
    struct buf kept;                /* came while nothing could be done with it */
    struct span unread;             /* of the input at hand, while a request is given out */
    bool eof;
};

struct http_exchange {
    struct http_connection *http; /* on the loop's thread only; NULL once the peer is gone */
    struct net_loop *home;
    struct http_message *message;
    struct http_response *response; /* on its way from another thread */
};

void http_start(struct conn *conn);

/* HTTP is over on this conn, whose handlers are the caller's to set. Frees at the turn's end. */
void http_retire(struct http_connection *http);

/* Queues the answer. Takes over what it sends. */
void http_send_response(struct conn *conn, const struct http_message *message,
                        struct http_response *response, enum http_persistence persistence);

/* Answers for the server itself and finishes. `message` (taken over) is what is known of the
 * request, or NULL. The conn has no handlers, or they expect to be let go. */
void http_refuse(struct conn *conn, struct http_message *message, int status, const char *detail);

/* ---- exchange.c ---- */

/* Hands the message (taken over) to settings.on_request. */
void http_exchange_open(struct http_connection *http, struct http_message *message);

/* The conn leaves HTTP: `response` (101, taken over) is its last answer here. Ends the exchange.
 * Adds to *unread what the peer has sent since. Returns the conn, whose handlers are the caller's
 * to set at once; NULL when the peer is gone. */
struct conn *http_upgrade(struct http_exchange **exchange, struct http_response **response,
                          struct buf *unread);

#include "net/http/connection_private.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

static void exchange_free(struct http_exchange **exchange)
{
    if (!*exchange)
        return;
    assert((*exchange)->home->exchanges > 0);
    (*exchange)->home->exchanges--;
    http_message_free(&(*exchange)->message);
    http_response_free(&(*exchange)->response);
    mem_free(exchange);
}

void http_exchange_open(struct http_connection *http, struct http_message *message)
{
    struct net_loop *home = http->conn->home;
    struct http_exchange *exchange = mem_alloc(sizeof(*exchange));
    exchange->http = http;
    exchange->home = home;
    exchange->message = message;
    http_message_identify(message);
    memcpy(message->peer, http->conn->peer, strlen(http->conn->peer) + 1);
    message->request.peer_is_loopback = http->conn->peer_is_loopback;
    http->exchange = exchange;
    home->exchanges++;
    home->http->on_request(home->http->owner, exchange);
}

const struct http_request *http_request_of(const struct http_exchange *exchange)
{
    return &exchange->message->request;
}

struct loop *http_loop_of(const struct http_exchange *exchange)
{
    return exchange->home->loop;
}

/* On the loop's thread: the answer goes out, if there still is somebody to read it. */
static void deliver(void *arg)
{
    AUTO(exchange_free) struct http_exchange *exchange = arg;
    struct http_connection *http = exchange->http;
    if (!http)
        return;
    struct conn *conn = http->conn;
    bool keep = exchange->message->keep_alive && !exchange->home->stopping;
    http->exchange = NULL;
    http_send_response(conn, exchange->message, exchange->response,
                       keep ? HTTP_KEEP_ALIVE : HTTP_CLOSE);
    if (keep)
        return;
    http_retire(http);
    conn_finish(conn, CLOCK_SEND);
}

void http_reply(struct http_exchange **exchange, struct http_response **response)
{
    struct http_exchange *answered = TAKE(*exchange);
    answered->response = TAKE(*response);
    http_response_prepare(answered->response, &answered->message->request);
    if (loop_is_here(answered->home->loop))
        deliver(answered);
    else
        loop_post(answered->home->loop, deliver, answered);
}

struct conn *http_upgrade(struct http_exchange **exchange, struct http_response **response,
                          struct buf *unread)
{
    AUTO(exchange_free) struct http_exchange *ended = TAKE(*exchange);
    ended->response = TAKE(*response);
    struct http_connection *http = ended->http;
    if (!http)
        return NULL;
    struct conn *conn = http->conn;
    buf_add_span(unread, buf_span(&http->kept));
    buf_add_span(unread, http->unread);
    http->exchange = NULL;
    http_send_response(conn, ended->message, ended->response, HTTP_UPGRADE);
    http_retire(http);
    return conn;
}

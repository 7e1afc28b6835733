#include "net/http/connection_private.h"

#include "base/mem.h"
#include "base/time.h"
#include "net/http/reader_private.h"

#include <assert.h>

/* Answers that may wait in one turn while further pipelined requests are read. */
#define PIPELINE_BACKLOG_MAX (64u << 10)

#define RETRY_AFTER_SECONDS 1

const struct http_settings http_settings_default = {
    .body_max = 10u << 20,
    .bodies_max = 64u << 20,
    .header_max = 32u << 10,
    .head_timeout_us = 10 * TIME_SECOND,
    .body_timeout_us = 30 * TIME_SECOND,
    .idle_timeout_us = 75 * TIME_SECOND,
    .send_timeout_us = 60 * TIME_SECOND,
};

/* ---- Answers ---- */

void http_send_response(struct conn *conn, const struct http_message *message,
                        struct http_response *response, enum http_persistence persistence)
{
    struct bytes *head =
        http_response_head(response, message, net_loop_date(conn->home), persistence);
    conn_send(conn, &head);
    if (message->request.method == METHOD_HEAD || !http_status_has_body(response->status))
        return;
    if (response->body) {
        conn_send(conn, &response->body);
    } else if (response->file >= 0) {
        int fd = response->file;
        response->file = -1;
        conn_send_file(conn, fd, response->file_offset, (size_t)response->file_length);
    }
}

void http_refuse(struct conn *conn, struct http_message *message, int status, const char *detail)
{
    AUTO(http_message_free) struct http_message *known = message;
    if (!known) {
        known = http_message_new();
        known->request.received = loop_now(conn->home->loop);
    }
    http_message_identify(known);
    AUTO(http_response_free)
    struct http_response *response = http_response_problem(status, detail, known->request.path);
    if (status == 503)
        http_response_header(response, "Retry-After", "%d", RETRY_AFTER_SECONDS);
    http_send_response(conn, known, response, HTTP_CLOSE);
    conn_finish(conn, CLOCK_SEND);
}

static void refuse(struct http_connection *http, int status, const char *detail)
{
    struct conn *conn = http->conn;
    struct http_message *message = http->reader ? http_reader_take(http->reader) : NULL;
    http_retire(http);
    http_refuse(conn, message, status, detail);
}

void http_retire(struct http_connection *http)
{
    struct net_loop *home = http->conn->home;
    http->conn = NULL;
    http_reader_free(&http->reader);
    buf_release(&http->kept);
    if (http->exchange)
        http->exchange->http = NULL;
    http->exchange = NULL;
    net_loop_bury(home, http);
}

/* ---- Requests ---- */

static bool may_read(const struct http_connection *http)
{
    return http->conn && !http->exchange && !conn_is_stalled(http->conn) &&
           conn_backlog(http->conn) <= PIPELINE_BACKLOG_MAX;
}

static void begin_request(struct http_connection *http)
{
    struct net_loop *home = http->conn->home;
    http->reader = http_reader_new(home->http, home->bodies_held, loop_now(home->loop));
    net_loop_set_clock(home, http->conn, CLOCK_HEAD);
}

static void say_continue(struct http_connection *http)
{
    struct bytes *line = bytes_from_span(SPAN_LITERAL("HTTP/1.1 100 Continue\r\n\r\n"));
    conn_send(http->conn, &line);
}

static void give_out(struct http_connection *http)
{
    struct http_message *message = http_reader_take(http->reader);
    http_reader_free(&http->reader);
    http_exchange_open(http, message);
}

/* Reads requests out of `input` as long as each is answered at once; keeps the rest. */
static void advance(struct http_connection *http, struct span input)
{
    http->unread = input;
    while (may_read(http) && http->unread.len > 0) {
        if (!http->reader)
            begin_request(http);
        switch (http_reader_feed(http->reader, &http->unread)) {
        case HTTP_READ_MORE:
            break;
        case HTTP_READ_CONTINUE:
            if (http->unread.len == 0) /* else the body is on its way already */
                say_continue(http);
            break;
        case HTTP_READ_DONE:
            give_out(http);
            break;
        case HTTP_READ_REFUSED:
            refuse(http, http_reader_status(http->reader), http_reader_detail(http->reader));
            break;
        }
    }
    if (http->conn && http->unread.len > 0)
        buf_add_span(&http->kept, http->unread);
    http->unread = (struct span){NULL, 0};
}

/* What the peer has time for now. A stalled conn counts by its own clock. */
static void set_clock(struct http_connection *http)
{
    struct conn *conn = http->conn;
    if (conn_is_stalled(conn))
        return;
    if (http->exchange)
        net_loop_set_clock(conn->home, conn, CLOCK_NONE);
    else if (!http->reader)
        net_loop_set_clock(conn->home, conn, CLOCK_IDLE);
    else if (http_reader_in_body(http->reader))
        net_loop_set_clock(conn->home, conn, CLOCK_BODY);
    else if (conn->clock != CLOCK_HEAD) /* counts from the first byte, progress does not help */
        net_loop_set_clock(conn->home, conn, CLOCK_HEAD);
}

static void settle(struct http_connection *http)
{
    if (!http->conn)
        return;
    set_clock(http);
    if (!may_read(http) || http->kept.len > 0)
        return;
    if (!http->eof)
        conn_resume_reading(http->conn);
    else if (conn_backlog(http->conn) == 0)
        conn_close(http->conn); /* all it asked is answered, and it asks no more */
}

/* ---- What the conn tells ---- */

static void on_input(struct conn *conn, struct span input)
{
    struct http_connection *http = conn->owner;
    if (!may_read(http) || http->kept.len > 0) {
        buf_add_span(&http->kept, input);
        conn_pause_reading(conn);
        return;
    }
    advance(http, input);
    settle(http);
}

static void on_sent(struct conn *conn)
{
    struct http_connection *http = conn->owner;
    if (!http->exchange && http->kept.len > 0) {
        AUTO(buf_release) struct buf kept = http->kept;
        http->kept = BUF_INIT;
        advance(http, buf_span(&kept));
    }
    settle(http);
}

static void on_eof(struct conn *conn)
{
    struct http_connection *http = conn->owner;
    http->eof = true;
    conn_pause_reading(conn);
    settle(http);
}

static void on_clock(struct conn *conn, enum conn_clock clock)
{
    struct http_connection *http = conn->owner;
    if (clock == CLOCK_HEAD)
        refuse(http, 408, "The head of the request did not arrive in time.");
    else if (clock == CLOCK_BODY)
        refuse(http, 408, "The body of the request stopped arriving.");
    else
        conn_close(conn);
}

static void on_closed(struct conn *conn)
{
    http_retire(conn->owner);
}

static const struct conn_handlers handlers = {
    .send_clock = CLOCK_SEND,
    .on_input = on_input,
    .on_eof = on_eof,
    .on_sent = on_sent,
    .on_clock = on_clock,
    .on_closed = on_closed,
};

void http_start(struct conn *conn)
{
    struct http_connection *http = mem_alloc(sizeof(*http));
    http->conn = conn;
    conn_set_handlers(conn, &handlers, http);
    net_loop_set_clock(conn->home, conn, CLOCK_IDLE);
}

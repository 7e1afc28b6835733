/* ws_echo PORT: a WebSocket server on 127.0.0.1 that sends back what it gets, text and binary, up
 * to 16 MB a message; for suites that test WebSocket servers from outside. Port 0: the system
 * chooses. Prints "listening on PORT". Ends with SIGTERM or SIGINT. */
#include "base/buf.h"
#include "base/own.h"
#include "net/net.h"
#include "net/ws/frame.h"
#include "net/ws/ws.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX (16u << 20)
#define CONNECTIONS_MAX 10000
#define PORT_MAX 65535

static void echo(struct ws *ws, enum ws_opcode opcode, struct span payload)
{
    unsigned char header[10];
    size_t size = ws_frame_header(header, opcode, true, payload.len);
    struct bytes *frame = bytes_new(size + payload.len);

    memcpy(frame->at, header, size);
    memcpy(frame->at + size, payload.at, payload.len);
    ws_send_frame(ws, frame);
    bytes_unref(&frame);
}

static void on_text(void *owner, struct ws *ws, struct span text)
{
    echo(ws, WS_TEXT, text);
}

static void on_binary(void *owner, struct ws *ws, struct span bytes)
{
    echo(ws, WS_BINARY, bytes);
}

static void on_closed(void *owner, struct ws *ws, int code)
{
}

static const struct ws_handlers handlers = {
    .on_text = on_text,
    .on_binary = on_binary,
    .on_closed = on_closed,
};

static void on_request(void *owner, struct http_exchange *exchange)
{
    const struct ws_settings settings = {.handlers = &handlers, .message_max = MESSAGE_MAX};
    AUTO(buf_release) struct buf why = BUF_INIT;
    int status = ws_check_handshake(http_request_of(exchange), &why);

    if (status == 0) {
        ws_accept(&exchange, &settings);
        return;
    }
    struct http_response *refusal = ws_refusal(status, buf_text(&why), http_request_of(exchange));
    http_reply(&exchange, &refusal);
}

static int fail(const char *why)
{
    fprintf(stderr, "ws_echo: %s\n", why);
    return 1;
}

static int serve(struct net *net, const sigset_t *ends)
{
    int number;

    if (net_start(net) < 0)
        return fail("the net loops cannot be started");
    printf("listening on %u\n", net_port(net));
    fflush(stdout);
    sigwait(ends, &number);
    return 0;
}

int main(int count, char **words)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(net_free) struct net *net = NULL;
    char *end = NULL;
    long port = count == 2 ? strtol(words[1], &end, 10) : -1;

    if (port < 0 || port > PORT_MAX || *end != '\0')
        return fail("usage: ws_echo PORT");
    struct net_settings settings = {
        .host = "127.0.0.1",
        .port = (uint16_t)port,
        .loops = 1,
        .connections_max = CONNECTIONS_MAX,
        .http = http_settings_default,
    };
    settings.http.on_request = on_request;
    sigset_t ends; /* blocked before a thread starts, so that all inherit it */
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    if (net_new(&settings, &net, &why) < 0)
        return fail(buf_text(&why));
    return serve(net, &ends);
}

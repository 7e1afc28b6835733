#include "net/ws/ws.h"

#include "net/http/message_private.h"
#include "net/http/response_private.h"
#include "net/ws/handshake_private.h"

#include "base/digest.h"

#include <string.h>

#define KEY_TEXT_LENGTH 24 /* 16 bytes in base64 */
#define VERSION "13"

static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455, 1.3 */

static int refuse(struct buf *why, int status, const char *text)
{
    buf_setf(why, "%s", text);
    return status;
}

static bool is_key(struct span key)
{
    if (key.len != KEY_TEXT_LENGTH || !span_ends_with(key, "=="))
        return false;
    for (size_t i = 0; i < KEY_TEXT_LENGTH - 2; i++) {
        char c = key.at[i];
        bool digit = (c >= '0' && c <= '9') || c == '+' || c == '/';
        if (!digit && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
            return false;
    }
    return true;
}

int ws_check_handshake(const struct http_request *request, struct buf *why)
{
    if (request->method != METHOD_GET)
        return refuse(why, 405, "A WebSocket is opened with GET.");
    if (!http_has_token(request, "Upgrade", "websocket"))
        return refuse(why, 426, "Only WebSockets are spoken here: Upgrade: websocket is missing.");
    if (request->minor_version < 1)
        return refuse(why, 400, "A WebSocket needs HTTP/1.1.");
    if (!http_has_token(request, "Connection", "Upgrade"))
        return refuse(why, 400, "Connection: Upgrade is missing.");
    if (request->body.len > 0)
        return refuse(why, 400, "A WebSocket handshake has no body.");
    if (!span_is(http_header_of(request, "Sec-WebSocket-Version"), VERSION) ||
        http_header_count(request, "Sec-WebSocket-Version") != 1)
        return refuse(why, 426, "The only WebSocket version spoken here is 13.");
    if (!is_key(http_header_of(request, "Sec-WebSocket-Key")) ||
        http_header_count(request, "Sec-WebSocket-Key") != 1)
        return refuse(why, 400, "Sec-WebSocket-Key is not 16 bytes in base64.");
    return 0;
}

struct http_response *ws_refusal(int status, const char *why, const struct http_request *request)
{
    struct http_response *response = http_response_problem(status, why, request->path);
    if (status == 405)
        http_response_header(response, "Allow", "GET");
    if (status == 426) {
        http_response_header(response, "Upgrade", "websocket");
        http_response_header(response, "Sec-WebSocket-Version", VERSION);
    }
    return response;
}

struct http_response *ws_agreement(const struct http_request *request, const char *subprotocol)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    unsigned char digest[20];
    buf_add_span(&text, http_header_of(request, "Sec-WebSocket-Key"));
    buf_add_text(&text, guid);
    digest_sha1(buf_span(&text), digest);
    buf_reset(&text);
    base64_encode(&text, (struct span){(const char *)digest, sizeof(digest)});

    struct http_response *response = http_response_new(101);
    http_response_header(response, "Upgrade", "websocket");
    http_response_header(response, "Sec-WebSocket-Accept", "%s", buf_text(&text));
    if (subprotocol)
        http_response_header(response, "Sec-WebSocket-Protocol", "%s", subprotocol);
    return response;
}

/* handshake: the answer that agrees to a WebSocket. Thread: any. */
#pragma once

#include "net/http/http.h"

/* 101 for a request that passed ws_check_handshake(). */
struct http_response *ws_agreement(const struct http_request *request, const char *subprotocol);

/* key: API keys (rest-api contract §1.4). Only their SHA-256 is kept; comparing takes the same time
 * whichever key it is. Thread: any. */
#pragma once

#include "base/digest.h"
#include "net/http/http.h"

#include <stdbool.h>
#include <stddef.h>

struct key_ring {
    char (*digests)[DIGEST_SHA256_HEX_SIZE];
    size_t count;
};

void key_ring_init(struct key_ring *ring, const char *const *keys); /* NULL: none */
void key_ring_release(struct key_ring *ring);

enum key_verdict { KEY_MISSING, KEY_WRONG, KEY_GOOD };

/* X-API-Key, else ?api_key=. */
enum key_verdict key_of_request(const struct key_ring *ring, const struct http_request *request);

/* The same, else a Sec-WebSocket-Protocol item `api-key.<key>`. */
enum key_verdict key_of_handshake(const struct key_ring *ring, const struct http_request *request);

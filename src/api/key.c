#include "api/key_private.h"

#include "base/mem.h"

void key_ring_init(struct key_ring *ring, const char *const *keys)
{
    *ring = (struct key_ring){NULL, 0};
    size_t count = 0;
    while (keys && keys[count])
        count++;
    if (count == 0)
        return;
    ring->digests = mem_alloc_array(count, sizeof(*ring->digests));
    ring->count = count;
    for (size_t i = 0; i < count; i++)
        digest_sha256_hex(span_of(keys[i]), ring->digests[i]);
}

void key_ring_release(struct key_ring *ring)
{
    mem_free(&ring->digests);
    ring->count = 0;
}

static enum key_verdict judge(const struct key_ring *ring, struct span presented)
{
    char digest[DIGEST_SHA256_HEX_SIZE];
    bool good = false;

    if (presented.len == 0)
        return KEY_MISSING;
    digest_sha256_hex(presented, digest);
    /* All of them, every time: how long it takes says nothing about which one matched. */
    for (size_t i = 0; i < ring->count; i++)
        good |= secret_equal(span_of(digest), span_of(ring->digests[i]));
    return good ? KEY_GOOD : KEY_WRONG;
}

enum key_verdict key_of_request(const struct key_ring *ring, const struct http_request *request)
{
    struct span header = http_header_of(request, "X-API-Key");
    if (header.len > 0)
        return judge(ring, header);
    AUTO(buf_release) struct buf value = BUF_INIT;
    if (!http_query_of(request, "api_key", &value))
        return KEY_MISSING;
    return judge(ring, buf_span(&value));
}

static struct span key_in_subprotocol(const struct http_request *request)
{
    static const char prefix[] = "api-key.";
    struct span rest = http_header_of(request, "Sec-WebSocket-Protocol");
    while (rest.at) {
        struct span item = span_trim(span_cut(&rest, ','));
        if (span_starts_with(item, prefix) && item.len > sizeof(prefix) - 1)
            return (struct span){item.at + sizeof(prefix) - 1, item.len - (sizeof(prefix) - 1)};
    }
    return (struct span){NULL, 0};
}

enum key_verdict key_of_handshake(const struct key_ring *ring, const struct http_request *request)
{
    enum key_verdict verdict = key_of_request(ring, request);
    return verdict == KEY_MISSING ? judge(ring, key_in_subprotocol(request)) : verdict;
}

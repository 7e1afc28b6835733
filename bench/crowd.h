/* crowd: a thousand WebSocket clients on one epoll, as cheap as a client can be.
 *
 * Each counts what it hears: the member "n" of the messages must rise by one, the member "t" (ns,
 * CLOCK_MONOTONIC) says when it was published. Sends nothing after the handshake but pongs, which
 * no bench runs long enough to need. Thread: one. */
#pragma once

#include "base/own.h"

#include <stddef.h>
#include <stdint.h>

struct crowd;

struct crowd_count {
    uint64_t heard;
    uint64_t lost, doubled, disordered;
    uint64_t latency_p50_ns, latency_p99_ns, latency_max_ns; /* of single receptions */
    uint64_t last_p50_ns, last_p99_ns; /* of the last client to hear a message */
};

/* Connects `clients` times to 127.0.0.1 and shakes hands; exits the program when that fails. With
 * handshake 0 the peer is no WebSocket server but sends frames at once. */
struct crowd *crowd_new(uint16_t port, size_t clients, int handshake, uint64_t messages_max);
void crowd_free(struct crowd **crowd);

/* Listens until every client has heard `each` messages in all, or nothing came for 10 s. */
void crowd_listen(struct crowd *crowd, uint64_t each);
void crowd_count(struct crowd *crowd, struct crowd_count *ret_count);

/* outq: what waits for one socket, in order: counted bytes and stretches of files.
 *
 * Nothing is copied. An outq exists only while something waits, so an idle connection has none.
 * Thread: the owner's. Limit: none of its own; who queues asks outq.backlog first. */
#pragma once

#include "base/bytes.h"

#include <stddef.h>
#include <stdint.h>

struct out_item;

struct outq {
    struct out_item *items; /* a ring; owned */
    unsigned first;
    unsigned count;
    unsigned capacity;
    size_t first_done; /* bytes of the first item that are sent */
    size_t backlog;    /* bytes that wait */
    int64_t
        stalled_since; /* monotonic µs of the last progress, once the socket took no more; or 0 */
};

enum out_result {
    OUT_EMPTY,    /* all is sent */
    OUT_BLOCKED,  /* the socket takes no more for now */
    OUT_UNFAIRLY, /* enough for this turn, the socket might take more */
    OUT_BROKEN    /* the peer is gone, or a file is shorter than it was */
};

struct outq *outq_new(void);
void outq_free(struct outq **outq);

void outq_add_bytes(struct outq *outq, struct bytes **bytes); /* takes the reference over */

/* Takes fd over. */
void outq_add_file(struct outq *outq, int fd, int64_t offset, size_t length);

/* Sends as much as the socket takes, at most about OUT_TURN_MAX. Adds to *ret_sent. */
enum out_result outq_send(struct outq *outq, int socket, size_t *ret_sent);

/* listener: the listening socket of one net loop. Thread: see each. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "net/net_private.h"

#include <stdint.h>

/* Opens `count` listening sockets on the same address. Returns 0, or -errno with `why` for a
 * person. A port that another program listens on is refused, even where that program shares its
 * port. */
MUST_CHECK int listener_open(const char *host, uint16_t port, unsigned count, int *ret_sockets,
                             uint16_t *ret_port, struct buf *why);

/* Accepts for `home` from `socket` (taken over) once the loop runs. Before the loop runs or on its
 * thread, as everything that follows. */
MUST_CHECK int listener_start(struct net_loop *home, int socket, struct listener **ret_listener);
void listener_stop(struct listener **listener); /* connections go on */

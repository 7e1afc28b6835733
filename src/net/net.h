/* net: the net loops, and what they accept.
 *
 * Each of N loops has a listening socket of its own on the same address (SO_REUSEPORT), so the
 * kernel spreads connections and no loop hands sockets to another. A connection stays on its loop
 * for life.
 * Thread: net_new(), net_start(), net_stop() on the thread that owns it; the rest as it says. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "loop/loop.h"
#include "net/http/http.h"

#include <stdint.h>

struct net;

struct net_settings {
    const char *host; /* API_HOST: an address, or a name, of which one address is taken (IPv4
                         where it has both); "0.0.0.0", "127.0.0.1", "::" for both families … */
    uint16_t port;    /* API_PORT; 0 lets the system choose, see net_port() */
    unsigned loops;   /* at least 1 */
    unsigned connections_max; /* over all loops; one more is answered 503 and closed */
    struct http_settings http;
};

/* Binds and listens, accepts nothing yet. Returns 0 or -errno with `why` for a person
 * ("port 8000 is in use: set API_PORT"). Copies the settings. */
MUST_CHECK int net_new(const struct net_settings *settings, struct net **ret_net, struct buf *why);
MUST_CHECK int net_start(struct net *net);
void net_stop_accepting(
    struct net *net);           /* any thread: listening sockets close, connections go on */
void net_stop(struct net *net); /* ends the loops, closes all connections, joins */

/* Stops first if need be. Every exchange must have been answered: whoever holds some (a lane) ends
 * between net_stop() and this; answers after net_stop() are dropped. */
void net_free(struct net **net);

uint16_t net_port(const struct net *net);
unsigned net_loops(const struct net *net);
struct loop *net_loop(const struct net *net, unsigned index); /* for per-loop parts of others */
unsigned net_connections(const struct net *net);              /* any thread */

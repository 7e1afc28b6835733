/* net_private: what the connections of one net loop share.
 *
 * Timeouts: each kind has one duration, so the connections that wait for it stand in a queue in the
 * order they came, and only the first is looked at. A connection waits for one kind at a time; a
 * start costs no allocation and one timer serves them all.
 * Sending: whoever has something to send stands in `unsent` until the turn ends; that is the one
 * place from which bytes leave.
 * Freeing: what is buried lives until the turn ends, so nothing is freed inside its own callback.
 * Thread: the loop's own. */
#pragma once

#include "base/list.h"
#include "base/own.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "net/net.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_SCRATCH_SIZE (64u << 10)
#define NET_DATE_SIZE 32

struct conn;
struct listener;

enum conn_clock {
    CLOCK_NONE,
    CLOCK_IDLE,
    CLOCK_HEAD,
    CLOCK_BODY,
    CLOCK_SEND,
    CLOCK_LINGER,
    CLOCK_WS_CLOSE,
    CLOCK_COUNT
};

struct net_loop {
    struct loop *loop;
    const struct http_settings *http; /* borrowed */
    atomic_uint *connections_open;    /* borrowed: of all loops */
    atomic_size_t *bodies_held;       /* borrowed: of all loops, see http_settings.bodies_max */
    unsigned connections_max;
    unsigned refused; /* connections that are being told 503 */
    struct listener *listener;
    struct list connections;
    struct conn **unsent; /* NULL where one has closed meanwhile */
    size_t unsent_count;
    size_t unsent_capacity;
    struct turn_end turn_end;
    struct list clocks[CLOCK_COUNT];
    int64_t clock_us[CLOCK_COUNT];
    struct timer timer;
    char *scratch; /* NET_SCRATCH_SIZE, where every connection's bytes arrive */
    void **buried;
    size_t buried_count;
    size_t buried_capacity;
    size_t exchanges; /* handed out and not yet answered */
    int64_t date_second;
    char date[NET_DATE_SIZE];
    bool stopping;
};

MUST_CHECK int net_loop_new(const char *name, const struct http_settings *http,
                            atomic_uint *connections_open, unsigned connections_max,
                            atomic_size_t *bodies_held, struct net_loop **ret_home);
void net_loop_free(struct net_loop **home); /* after its loop ended */

/* Closes every connection and tells their owners. */
void net_loop_close_all(struct net_loop *home);

/* Frees `memory` (mem_free) when the turn ends. */
void net_loop_bury(struct net_loop *home, void *memory);

/* The connection is looked at when the turn ends: what it has to send leaves then. */
void net_loop_flush_later(struct net_loop *home, struct conn *conn);
void net_loop_flush_never(struct net_loop *home, struct conn *conn);

/* Starts, restarts or (CLOCK_NONE) ends what the connection waits for. */
void net_loop_set_clock(struct net_loop *home, struct conn *conn, enum conn_clock clock);

/* Now, as a Date header has it. */
const char *net_loop_date(struct net_loop *home);

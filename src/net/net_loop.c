#include "net/net_private.h"

#include "base/mem.h"
#include "base/time.h"
#include "net/conn_private.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#define LINGER_US (5 * TIME_SECOND)
#define WS_CLOSE_US (5 * TIME_SECOND)
#define BURIED_FIRST_CAPACITY 16
#define UNSENT_FIRST_CAPACITY 64

static void free_buried(struct net_loop *home)
{
    for (size_t i = 0; i < home->buried_count; i++)
        mem_free(&home->buried[i]);
    home->buried_count = 0;
}

static void put_unsent(struct net_loop *home, size_t place, struct conn *conn)
{
    home->unsent[place] = conn;
    if (conn)
        conn->unsent = (uint32_t)place + 1;
}

static void drop_first_unsent(struct net_loop *home, size_t count)
{
    home->unsent_count -= count;
    for (size_t i = 0; i < home->unsent_count; i++)
        put_unsent(home, i, home->unsent[i + count]);
}

/* Every byte of every connection of this loop leaves from here: the sends of one turn are one
 * batch. */
static void flush_unsent(void *owner)
{
    struct net_loop *home = owner;
    size_t batch = home->unsent_count; /* those who come meanwhile wait for the next turn */
    for (size_t i = 0; i < batch; i++) {
        struct conn *conn = home->unsent[i];
        if (!conn)
            continue;
        net_loop_flush_never(home, conn);
        conn_flush(conn);
    }
    drop_first_unsent(home, batch);
    free_buried(home);
}

static int64_t first_deadline(const struct net_loop *home)
{
    int64_t first = INT64_MAX;
    for (int clock = CLOCK_NONE + 1; clock < CLOCK_COUNT; clock++) {
        const struct list *head = &home->clocks[clock];
        if (list_is_empty(head))
            continue;
        int64_t deadline = CONTAINER_OF(head->next, struct conn, clock_node)->deadline;
        first = deadline < first ? deadline : first;
    }
    return first;
}

static void start_timer(struct net_loop *home, int64_t deadline)
{
    int64_t delay = deadline - loop_now(home->loop);
    timer_start(&home->timer, delay > 0 ? delay : 0);
}

/* Only those that wait now: one that is put back into the queue by its own callback waits anew. */
static void expire(struct net_loop *home, struct list *clock, int64_t now)
{
    while (!list_is_empty(clock)) {
        struct conn *conn = CONTAINER_OF(clock->next, struct conn, clock_node);
        if (conn->deadline > now)
            return;
        conn_on_clock(conn);
    }
}

static void on_timer(void *owner)
{
    struct net_loop *home = owner;
    int64_t now = loop_now(home->loop);
    for (int clock = CLOCK_NONE + 1; clock < CLOCK_COUNT; clock++)
        expire(home, &home->clocks[clock], now);
    int64_t next = first_deadline(home);
    if (next != INT64_MAX)
        start_timer(home, next);
}

static void set_clock_lengths(struct net_loop *home)
{
    home->clock_us[CLOCK_IDLE] = home->http->idle_timeout_us;
    home->clock_us[CLOCK_HEAD] = home->http->head_timeout_us;
    home->clock_us[CLOCK_BODY] = home->http->body_timeout_us;
    home->clock_us[CLOCK_SEND] = home->http->send_timeout_us;
    home->clock_us[CLOCK_LINGER] = LINGER_US;
    home->clock_us[CLOCK_WS_CLOSE] = WS_CLOSE_US;
}

int net_loop_new(const char *name, const struct http_settings *http, atomic_uint *connections_open,
                 unsigned connections_max, atomic_size_t *bodies_held, struct net_loop **ret_home)
{
    struct loop *loop;
    int rc = loop_new(name, &loop);
    if (rc < 0)
        return rc;
    struct net_loop *home = mem_alloc(sizeof(*home));
    home->loop = loop;
    home->http = http;
    home->connections_open = connections_open;
    home->connections_max = connections_max;
    home->bodies_held = bodies_held;
    home->scratch = mem_alloc(NET_SCRATCH_SIZE);
    home->date_second = -1;
    list_init(&home->connections);
    for (int clock = 0; clock < CLOCK_COUNT; clock++)
        list_init(&home->clocks[clock]);
    set_clock_lengths(home);
    turn_end_init(&home->turn_end, flush_unsent, home);
    timer_init(&home->timer, loop, on_timer, home);
    *ret_home = home;
    return 0;
}

void net_loop_free(struct net_loop **home)
{
    if (!*home)
        return;
    assert(list_is_empty(&(*home)->connections));
    timer_stop(&(*home)->timer);
    turn_end_cancel(&(*home)->turn_end);
    /* Late answers of other threads lie in the mailbox and are dropped by this. */
    loop_free(&(*home)->loop);
    assert((*home)->exchanges == 0);
    free_buried(*home);
    mem_free(&(*home)->buried);
    mem_free(&(*home)->unsent);
    mem_free(&(*home)->scratch);
    mem_free(home);
}

void net_loop_close_all(struct net_loop *home)
{
    while (!list_is_empty(&home->connections))
        conn_close(CONTAINER_OF(home->connections.next, struct conn, node));
}

void net_loop_bury(struct net_loop *home, void *memory)
{
    if (home->buried_count == home->buried_capacity) {
        home->buried_capacity =
            home->buried_capacity > 0 ? home->buried_capacity * 2 : BURIED_FIRST_CAPACITY;
        home->buried = mem_resize(home->buried, home->buried_capacity * sizeof(*home->buried));
    }
    home->buried[home->buried_count++] = memory;
    turn_end_request(home->loop, &home->turn_end);
}

void net_loop_flush_later(struct net_loop *home, struct conn *conn)
{
    if (conn->unsent != 0)
        return;
    if (home->unsent_count == home->unsent_capacity) {
        home->unsent_capacity =
            home->unsent_capacity > 0 ? home->unsent_capacity * 2 : UNSENT_FIRST_CAPACITY;
        home->unsent = mem_resize(home->unsent, home->unsent_capacity * sizeof(*home->unsent));
    }
    put_unsent(home, home->unsent_count++, conn);
    turn_end_request(home->loop, &home->turn_end);
}

void net_loop_flush_never(struct net_loop *home, struct conn *conn)
{
    if (conn->unsent == 0)
        return;
    home->unsent[conn->unsent - 1] = NULL;
    conn->unsent = 0;
}

void net_loop_set_clock(struct net_loop *home, struct conn *conn, enum conn_clock clock)
{
    list_remove(&conn->clock_node);
    conn->clock = (uint8_t)clock;
    if (clock == CLOCK_NONE)
        return;
    conn->deadline = loop_now(home->loop) + home->clock_us[clock];
    list_append(&home->clocks[clock], &conn->clock_node);
    if (!timer_is_running(&home->timer) || home->timer.due > conn->deadline)
        start_timer(home, conn->deadline);
}

const char *net_loop_date(struct net_loop *home)
{
    time_t second = (time_t)(time_now() / TIME_SECOND);
    if (second != home->date_second) {
        struct tm utc;
        gmtime_r(&second, &utc);
        strftime(home->date, sizeof(home->date), "%a, %d %b %Y %H:%M:%S GMT", &utc);
        home->date_second = second;
    }
    return home->date;
}

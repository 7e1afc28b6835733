/* A server that is a journal and a broadcaster, on real sockets. */
#pragma once

#include "unit.h"

#include "base/time.h"
#include "journal/journal.h"
#include "loop/lane.h"
#include "loop/latch.h"
#include "net/net.h"
#include "realtime/broadcaster.h"
#include "support/database.h"

#include <poll.h>

#define HOUSE_LOOPS 2

struct house {
    struct database database;
    struct journal_settings journal_settings;
    struct broadcaster_settings settings;
    struct loop *core;
    struct lane *read_lane;
    struct journal *journal;
    struct net *net;
    struct broadcaster *broadcaster;
    const char *refuse; /* every request is turned away with this reason; NULL: none */
    uint16_t port;
};

static inline void house_on_request(void *owner, struct http_exchange *exchange)
{
    struct house *house = owner;

    if (house->refuse)
        broadcaster_refuse(house->broadcaster, &exchange, house->refuse);
    else
        broadcaster_accept(house->broadcaster, &exchange);
}

static inline void house_open_latch(void *latch)
{
    latch_open(latch);
}

/* The core loop has done what was posted before: from here on it follows the journal. */
static inline void house_wait_for_core(struct house *house)
{
    struct latch latch;

    latch_init(&latch);
    loop_post(house->core, house_open_latch, &latch);
    latch_wait(&latch);
    latch_release(&latch);
}

/* Everything but the database, which outlives it. */
static inline void house_start(struct house *house)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct net_settings net = {
        .host = "127.0.0.1",
        .loops = HOUSE_LOOPS,
        .connections_max = 4096,
        .http = http_settings_default,
    };

    net.http.on_request = house_on_request;
    net.http.owner = house;
    assert_int_equal(loop_new("core", &house->core), 0);
    assert_int_equal(loop_start(house->core), 0);
    assert_int_equal(lane_new("read", 2, 4096, &house->read_lane), 0);
    assert_int_equal(journal_open(house->database.store, house->core, &house->journal_settings,
                                  &house->journal, &why),
                     0);
    assert_int_equal(net_new(&net, &house->net, &why), 0);
    assert_int_equal(broadcaster_new(&house->settings, house->journal, house->core,
                                     house->read_lane, &house->broadcaster, &why),
                     0);
    assert_int_equal(broadcaster_attach(house->broadcaster, house->net), 0);
    assert_int_equal(net_start(house->net), 0);
    house->port = net_port(house->net);
    house_wait_for_core(house);
}

static inline void house_stop(struct house *house)
{
    net_stop(house->net);
    lane_free(&house->read_lane);
    loop_stop(house->core);
    loop_join(house->core);
    net_free(&house->net);
    broadcaster_free(&house->broadcaster);
    journal_close(&house->journal);
    loop_free(&house->core);
}

static inline void house_init(struct house *house)
{
    memset(house, 0, sizeof(*house));
    house->journal_settings.messages_max = 100000;
    house->settings = (struct broadcaster_settings){
        .ping_interval_us = 30 * TIME_SECOND,
        .idle_timeout_us = 300 * TIME_SECOND,
        .message_max = 65536,
        .log_frames = 1024,
        .replay_max = 10000,
        .version = "0.0.0",
    };
    database_open(&house->database, STORE_SYNC_OFF);
}

static inline void house_release(struct house *house)
{
    if (house->net)
        house_stop(house);
    database_release(&house->database);
}

/* ---- Publishing ---- */

struct house_publication {
    struct house *house;
    const char *type;
    int count;
    size_t padding; /* bytes of filling in each */
    int64_t first;  /* `n` of the first one's data */
};

static inline int house_append(struct store_tx *tx, void *arg)
{
    struct house_publication *publication = arg;
    AUTO(mem_free) char *filling = mem_alloc(publication->padding + 1);
    int result = 0;

    memset(filling, 'x', publication->padding);
    for (int i = 0; i < publication->count && result == 0; i++) {
        AUTO(json_release)
        json_t *data =
            json_pack("{s:I,s:s,s:i,s:s}", "n", (json_int_t)publication->first + i, "camera_id",
                      i % 2 ? "porch" : "drive", "risk_score", i % 100, "filling", filling);
        result = journal_append(publication->house->journal, tx, publication->type, data, NULL);
    }
    return result;
}

/* In one transaction; returns the last sequence. Every other message is from camera porch, the
 * others from drive; risk_score counts from 0 to 99 and again. */
static inline uint64_t house_publish_big(struct house *house, const char *type, int count,
                                         size_t padding)
{
    struct journal_position position;
    struct house_publication publication = {house, type, count, padding, 0};

    journal_position(house->journal, &position);
    publication.first = (int64_t)position.last + 1;
    assert_int_equal(store_write(house->database.store, house_append, &publication), 0);
    journal_position(house->journal, &position);
    return position.last;
}

static inline uint64_t house_publish(struct house *house, const char *type, int count)
{
    return house_publish_big(house, type, count, 0);
}

static inline struct broadcaster_stats house_stats(const struct house *house)
{
    struct broadcaster_stats stats;

    broadcaster_stats(house->broadcaster, &stats);
    return stats;
}

/* Waits until the expression is true, for 30 s at most. */
#define EVENTUALLY(expression)                                                                     \
    do {                                                                                           \
        for (int tries = 0; !(expression); tries++) {                                              \
            if (tries == 3000)                                                                     \
                fail_msg("not within 30 s: %s", #expression);                                      \
            poll(NULL, 0, 10);                                                                     \
        }                                                                                          \
    } while (0)

/* A journal over a database of its own, and a core loop that runs. */
#pragma once

#include "journal/journal.h"
#include "loop/latch.h"
#include "support/database.h"

struct journal_bench {
    struct database database;
    struct loop *core;
    struct journal *journal;
    struct journal_settings settings;
};

static inline void journal_start(struct journal_bench *bench)
{
    AUTO(buf_release) struct buf why = BUF_INIT;

    if (journal_open(bench->database.store, bench->core, &bench->settings, &bench->journal, &why) <
        0)
        fail_msg("%s", buf_text(&why));
}

static inline void journal_bench_open(struct journal_bench *bench, enum store_sync sync,
                                      uint64_t messages_max)
{
    bench->settings.messages_max = messages_max;
    database_open(&bench->database, sync);
    assert_int_equal(loop_new("core", &bench->core), 0);
    journal_start(bench);
    assert_int_equal(loop_start(bench->core), 0);
}

static inline void journal_bench_release(struct journal_bench *bench)
{
    journal_close(&bench->journal);
    if (bench->core) {
        loop_stop(bench->core);
        loop_join(bench->core);
        loop_free(&bench->core);
    }
    database_release(&bench->database);
}

/* The whole process again, but for the loop. */
static inline void journal_restart(struct journal_bench *bench, const char *sql_between)
{
    journal_close(&bench->journal);
    if (sql_between)
        database_exec(&bench->database, sql_between);
    store_close(&bench->database.store);
    database_start(&bench->database);
    journal_start(bench);
}

static inline uint64_t journal_add(struct journal_bench *bench, const char *type, json_t *data)
{
    uint64_t sequence = 0;

    assert_int_equal(journal_append_now(bench->journal, type, data, &sequence), 0);
    json_decref(data);
    return sequence;
}

/* Waits until the core loop has done all that was posted to it. */
static inline void journal_open_latch(void *latch)
{
    latch_open(latch);
}

static inline void journal_settle(struct journal_bench *bench)
{
    struct latch done;

    latch_init(&done);
    loop_post(bench->core, journal_open_latch, &done);
    latch_wait(&done);
    latch_release(&done);
}

#include "store/store.h"

#include "base/mem.h"
#include "base/time.h"
#include "store/store_private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static int readers_open(struct store *store, const struct store_settings *settings, struct buf *why)
{
    store->readers = mem_alloc_array(settings->readers, sizeof(store->readers[0]));
    store->idle_readers = pool_new(settings->readers);
    while (store->reader_count < settings->readers) {
        struct store_session **reader = &store->readers[store->reader_count];
        int result = session_open(store->driver, settings, STORE_READER, reader, why);

        if (result < 0)
            return result;
        store->reader_count++;
        pool_put(store->idle_readers, *reader);
    }
    return 0;
}

int store_open(const struct store_settings *settings, struct store **ret_store, struct buf *why)
{
    AUTO(store_close) struct store *store = mem_alloc(sizeof(*store));
    int result;

    assert(settings->readers >= 1);
    store->driver = &store_driver_sqlite;
    store->sync = settings->sync;
    result = session_open(store->driver, settings, STORE_WRITER, &store->writer, why);
    if (result >= 0)
        result = migrate(store->writer, why);
    if (result >= 0)
        result = readers_open(store, settings, why);
    if (result >= 0) {
        result = group_lane_new("store", store_write_group, store, STORE_GROUP_MAX,
                                STORE_WRITES_MAX, &store->lane);
        if (result < 0)
            buf_setf(why, "the writer's thread could not be started: %s", strerror(-result));
    }
    if (result < 0)
        return result;
    *ret_store = TAKE(store);
    return 0;
}

void store_close(struct store **address)
{
    struct store *store = TAKE(*address);

    if (!store)
        return;
    group_lane_free(&store->lane);
    for (unsigned i = 0; i < store->reader_count; i++)
        session_close(&store->readers[i]);
    session_close(&store->writer); /* last: it checkpoints */
    pool_free(&store->idle_readers);
    mem_free(&store->readers);
    mem_free(&store);
}

enum store_sync store_sync(const struct store *store)
{
    return store->sync;
}

int store_write_sync(struct store *store, enum store_sync sync, store_work *work, void *arg)
{
    struct store_write write = {.work = work, .arg = arg, .sync = sync};
    int result;

    latch_init(&write.done);
    result = group_lane_submit(store->lane, &write);
    if (result >= 0) {
        latch_wait(&write.done);
        result = write.result;
    }
    latch_release(&write.done);
    return result;
}

int store_write(struct store *store, store_work *work, void *arg)
{
    return store_write_sync(store, store->sync, work, arg);
}

void store_write_async(struct store *store, store_work *work, void *arg, store_on_done *on_done)
{
    struct store_write *write = mem_alloc(sizeof(*write));
    int result;

    *write =
        (struct store_write){.work = work, .arg = arg, .sync = store->sync, .on_done = on_done};
    latch_init(&write->done);
    result = group_lane_submit(store->lane, write);
    if (result >= 0)
        return;
    latch_release(&write->done);
    mem_free(&write);
    on_done(arg, result);
}

int store_read(struct store *store, store_work *work, void *arg)
{
    struct store_session *reader = pool_take(store->idle_readers);
    struct store_tx tx = {.session = reader, .role = STORE_READER};
    int result = store->driver->begin(reader->conn, store->sync);

    if (result >= 0) {
        result = work(&tx, arg);
        assert(reader->used == 0);
        if (tx.failed)
            result = tx.failed;
        store->driver->rollback(reader->conn);
    }
    pool_put(store->idle_readers, reader);
    return result;
}

int store_health(const struct store *store, struct buf *why)
{
    int error = atomic_load(&store->health);
    char when[TIME_TEXT_SIZE];

    if (error < 0)
        buf_setf(why, "the last write failed at %s: %s",
                 time_format(atomic_load(&store->health_since), when), strerror(-error));
    return error;
}

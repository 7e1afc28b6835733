/* Writes that wait together are committed together: one transaction, each write in a savepoint, one
 * wait for the disk. A write that fails is rolled back to its savepoint and takes nobody along. An
 * error that takes the transaction itself along (the disk is full, the server is away) is the
 * result of all that had run in it; those that had not yet run get a transaction of their own.
 *
 * What the writes' hooks undo depends on order. A rollback undoes newest first, before the next
 * write runs, so that whoever counts in its own memory can simply step back. */
#include "store/store_private.h"

#include "base/mem.h"
#include "base/time.h"

#include <assert.h>
#include <errno.h>

void store_tx_after(struct store_tx *tx, store_after *call, void *arg)
{
    assert(tx->role == STORE_WRITER);
    if (tx->hook_count == tx->hook_room) {
        tx->hook_room = tx->hook_room ? tx->hook_room * 2 : 4;
        tx->hooks = mem_resize(tx->hooks, tx->hook_room * sizeof(tx->hooks[0]));
    }
    tx->hooks[tx->hook_count++] = (struct store_hook){call, arg};
}

static void hooks_undo(struct store_tx *tx)
{
    while (tx->hook_count > 0) {
        const struct store_hook *hook = &tx->hooks[--tx->hook_count];
        hook->call(hook->arg, false);
    }
}

static void hooks_commit(struct store_tx *tx)
{
    for (size_t i = 0; i < tx->hook_count; i++)
        tx->hooks[i].call(tx->hooks[i].arg, true);
    tx->hook_count = 0;
}

bool store_is_trouble(int error)
{
    return error < 0 && error != -EEXIST && error != -ENOENT && error != -EINVAL &&
           error != -EMSGSIZE;
}

static void note_health(struct store *store, int error)
{
    if (error < 0)
        atomic_store(&store->health_since, time_now());
    atomic_store(&store->health, error);
}

/* Runs one write in a savepoint. Its result is in write->result; returns 0 while the transaction
 * lives, else -errno. */
static int run_write(struct store *store, struct store_write *write)
{
    const struct store_driver *driver = store->driver;
    struct store_conn *conn = store->writer->conn;
    int result = driver->savepoint(conn);

    write->tx = (struct store_tx){.session = store->writer, .role = STORE_WRITER};
    if (result >= 0) {
        result = write->work(&write->tx, write->arg);
        assert(store->writer->used == 0);
        if (write->tx.failed)
            result = write->tx.failed;
        if (store_is_trouble(write->tx.failed))
            note_health(store, write->tx.failed);
    }
    if (result >= 0) {
        int released = driver->release(conn);
        result = released < 0 ? released : result;
    }
    write->result = result;
    write->is_in = result >= 0;
    if (write->is_in)
        return 0;

    if (!driver->in_transaction(conn) || driver->rollback_to(conn) < 0) {
        driver->rollback(conn);
        hooks_undo(&write->tx);
        return result;
    }
    hooks_undo(&write->tx);
    return 0;
}

static void settle(struct store_write *write)
{
    mem_free(&write->tx.hooks);
    if (!write->on_done) {
        latch_open(&write->done); /* the write is the caller's: gone from here on */
        return;
    }
    write->on_done(write->arg, write->result);
    latch_release(&write->done);
    mem_free(&write);
}

/* All writes have run, the transaction is over: `error` is the commit's, or what ended it. */
static void settle_all(struct store *store, struct store_write **writes, size_t count, int error)
{
    bool is_any_in = false;

    for (size_t i = count; i-- > 0;) {
        is_any_in |= writes[i]->is_in;
        if (!writes[i]->is_in || error == 0)
            continue;
        writes[i]->result = error;
        hooks_undo(&writes[i]->tx);
    }
    if (error < 0)
        note_health(store, error);
    else if (is_any_in)
        note_health(store, 0);
    for (size_t i = 0; i < count; i++)
        if (writes[i]->is_in && error == 0)
            hooks_commit(&writes[i]->tx);
    for (size_t i = 0; i < count; i++)
        settle(writes[i]);
}

static enum store_sync strongest_sync(struct store_write **writes, size_t count)
{
    enum store_sync strongest = STORE_SYNC_OFF;

    for (size_t i = 0; i < count; i++)
        if (writes[i]->sync < strongest)
            strongest = writes[i]->sync;
    return strongest;
}

/* One transaction. Returns how many of the writes, from the first on, have their result. */
static size_t commit_group(struct store *store, struct store_write **writes, size_t count)
{
    const struct store_driver *driver = store->driver;
    struct store_conn *conn = store->writer->conn;
    int error = driver->begin(conn, strongest_sync(writes, count));
    size_t ran = 0;

    if (error < 0) {
        for (size_t i = 0; i < count; i++)
            writes[i]->result = error;
        settle_all(store, writes, count, error);
        return count;
    }
    while (ran < count && error == 0)
        error = run_write(store, writes[ran++]);
    if (error == 0) {
        error = driver->commit(conn);
        if (error < 0)
            driver->rollback(conn);
    }
    settle_all(store, writes, ran, error);
    return ran;
}

void store_write_group(void *owner, void **items, size_t count)
{
    struct store_write **writes = (struct store_write **)items;
    size_t done = 0;

    while (done < count)
        done += commit_group(owner, writes + done, count - done);
}

/* store: transactions and statements, the same over every driver.
 *
 * One writer commits in groups: write transactions that wait together share one commit, each in a
 * savepoint of its own, so one that fails takes nobody along. Readers see snapshots and never wait
 * for the writer. When store_write() returns 0 the change is durable (JOURNAL_SYNC).
 *
 * SQL is written once: parameters are $1 … $9 …; INSERT … RETURNING, ON CONFLICT,
 * CURRENT_TIMESTAMP-free. Values have neutral types; an instant is int64_t µs UTC (INTEGER in
 * SQLite, timestamptz in PostgreSQL), JSON is text.
 *
 * Thread: store_write() and store_read() block: workers only, never a loop. Within `work` only the
 *         given transaction may be used, and nothing else that blocks.
 * Errors: 0 or -errno; -ENOSPC disk full, -EEXIST a unique constraint, -ENOENT no such row or a
 * missing foreign row, -EINVAL another constraint, -EBUSY, -EIO (also: the file is damaged),
 * -ESTALE the file was deleted or replaced, -ENOTCONN the server is away. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
struct store_tx;
struct store_stmt;

#define STORE_WRITES_MAX 4096   /* writes wait; one more waits to wait */
#define STORE_GROUP_MAX 256     /* writes share one commit */
#define STORE_PARAMETERS_MAX 40 /* of one statement */

enum store_sync { STORE_SYNC_FULL, STORE_SYNC_NORMAL, STORE_SYNC_OFF }; /* JOURNAL_SYNC */

struct store_settings {
    const char *path; /* DATA_DIR/vigil.db; created with its folder's permissions, 0640 */
    enum store_sync sync;
    unsigned readers; /* snapshot connections, at least 1 */
};

/* Opens, migrates, checks. Returns 0 or -errno with `why`: -EBUSY another process has it open,
 * -EPROTO it is from a newer Vigil (refused by name), -EIO it is no database, not ours, damaged. */
MUST_CHECK int store_open(const struct store_settings *settings, struct store **ret_store,
                          struct buf *why);
void store_close(struct store **store); /* waits for writes, checkpoints */

enum store_sync store_sync(const struct store *store); /* as opened */

/* Returns what `work` returned (below 0: rolled back), or the commit's error. Once a statement has
 * failed the transaction is lost: further statements return the same error, and so does
 * store_write(), whatever `work` makes of it. */
typedef int store_work(struct store_tx *tx, void *arg);
MUST_CHECK int store_write(struct store *store, store_work *work, void *arg);
MUST_CHECK int store_read(struct store *store, store_work *work, void *arg);

/* As store_write() with a durability of its own instead of JOURNAL_SYNC. A group is committed with
 * the strongest wish of its members. NORMAL outlives the process, FULL outlives the power too. */
MUST_CHECK int store_write_sync(struct store *store, enum store_sync sync, store_work *work,
                                void *arg);

/* As store_write(), without waiting: on_done(arg, result) is called on the writer's thread after
 * the commit, and must be short (post it on). May be called from a loop; it waits only while
 * STORE_WRITES_MAX writes wait. Once store_close() began on_done gets -ESHUTDOWN at once, on the
 * calling thread. */
typedef void store_on_done(void *arg, int result);
void store_write_async(struct store *store, store_work *work, void *arg, store_on_done *on_done);

/* Within a write: call(arg, committed) once this transaction's fate is known, on the writer's
 * thread, before store_write() returns. Committed ones are called in commit order. After a rollback
 * (committed false) they are called newest first and before anything else is written, so that a
 * counter can be wound back. How the journal and the queues learn what became true. */
typedef void store_after(void *arg, bool committed);
void store_tx_after(struct store_tx *tx, store_after *call, void *arg);

/* Health: 0 when the last write went well, else its -errno, with the time of the failure. Any
 * thread, does not block. */
int store_health(const struct store *store, struct buf *why);

/* Writes what is there already: finds out whether writing works again when nothing else would.
 * Returns 0 or -errno, and is what store_health() then says. Blocks. */
MUST_CHECK int store_probe(struct store *store);

/* ---- Statements: prepared once per connection and kept ---- */

/* `sql` must be a string literal (its address is the cache's key). Never NULL: SQL that is wrong
 * ends the process, any other failure is what the first step returns.
 * AUTO(store_stmt_done): gives it back to the cache; every statement, before `work` returns. */
struct store_stmt *store_prepare(struct store_tx *tx, const char *sql);
/* The same for SQL built at run time (filters); not cached. */
struct store_stmt *store_prepare_dynamic(struct store_tx *tx, const char *sql);
void store_stmt_done(struct store_stmt **stmt);

/* Parameters are numbered from 1; text and spans are copied. A NULL text binds NULL. */
void store_bind_null(struct store_stmt *stmt, int at);
void store_bind_int(struct store_stmt *stmt, int at, int64_t value);
void store_bind_double(struct store_stmt *stmt, int at, double value);
void store_bind_bool(struct store_stmt *stmt, int at, bool value);
void store_bind_text(struct store_stmt *stmt, int at, const char *text);
void store_bind_span(struct store_stmt *stmt, int at, struct span text);
void store_bind_time(struct store_stmt *stmt, int at, int64_t instant);

/* 1: a row; 0: done; -errno. For statements without rows one call runs them. A step after 0 runs
 * the statement again. */
MUST_CHECK int store_step(struct store_stmt *stmt);
/* Runs to the end; returns 0 or -errno. */
MUST_CHECK int store_run(struct store_stmt *stmt);
int64_t store_changes(const struct store_tx *tx); /* rows touched by the last statement */

/* Columns are numbered from 0; text is valid until the next step, NULL for NULL. */
bool store_is_null(struct store_stmt *stmt, int column);
int64_t store_int(struct store_stmt *stmt, int column);
double store_double(struct store_stmt *stmt, int column);
bool store_bool(struct store_stmt *stmt, int column);
const char *store_text(struct store_stmt *stmt, int column);
int64_t store_time(struct store_stmt *stmt, int column);

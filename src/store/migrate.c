#include "store/store_private.h"

#include "base/time.h"

#include <errno.h>
#include <string.h>

struct migrating {
    struct store_session *session;
    const struct store_migration *migration;
    int newest; /* in the database */
    struct buf *why;
};

static int make_table(struct store_tx *tx, void *arg)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(tx, "CREATE TABLE IF NOT EXISTS schema_migrations ("
                                                "version INTEGER PRIMARY KEY, "
                                                "name TEXT NOT NULL, "
                                                "applied_at BIGINT NOT NULL)");

    return store_run(stmt);
}

static const struct store_migration *find(const struct store_migration *all, int64_t version)
{
    for (; all->version; all++)
        if (all->version == version)
            return all;
    return NULL;
}

/* Every migration the database has seen must be one that this program knows by the same name. */
static int compare(struct store_tx *tx, void *arg)
{
    struct migrating *run = arg;
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT version, name FROM schema_migrations ORDER BY version");
    int result;

    while ((result = store_step(stmt)) == 1) {
        int64_t version = store_int(stmt, 0);
        const char *name = store_text(stmt, 1);
        const struct store_migration *known = find(run->session->driver->migrations, version);

        if (!known || strcmp(known->name, name) != 0) {
            buf_setf(run->why,
                     "the database was made by a newer or another Vigil: its migration %04lld_%s "
                     "is unknown to this program",
                     (long long)version, name);
            return -EPROTO;
        }
        run->newest = known->version;
    }
    return result;
}

static int apply(struct store_tx *tx, void *arg)
{
    struct migrating *run = arg;
    int result = run->session->driver->script(run->session->conn, run->migration->sql, run->why);
    AUTO(store_stmt_done) struct store_stmt *stmt = NULL;

    if (result < 0)
        return result;
    stmt = store_prepare(
        tx, "INSERT INTO schema_migrations (version, name, applied_at) VALUES ($1, $2, $3)");
    store_bind_int(stmt, 1, run->migration->version);
    store_bind_text(stmt, 2, run->migration->name);
    store_bind_int(stmt, 3, time_now());
    return store_run(stmt);
}

static int apply_missing(struct migrating *run)
{
    for (run->migration = run->session->driver->migrations; run->migration->version;
         run->migration++) {
        int result;

        if (run->migration->version <= run->newest)
            continue;
        result = session_write(run->session, apply, run);
        if (result >= 0)
            continue;
        if (run->why && run->why->len == 0)
            buf_setf(run->why, "migration %04d_%s failed: %s", run->migration->version,
                     run->migration->name, strerror(-result));
        return result;
    }
    return 0;
}

int migrate(struct store_session *session, struct buf *why)
{
    struct migrating run = {.session = session, .why = why};
    int result = session_write(session, make_table, &run);

    if (result >= 0)
        result = session_write(session, compare, &run);
    if (result < 0) {
        if (why && why->len == 0)
            buf_setf(why, "the database's migrations could not be read: %s", strerror(-result));
        return result;
    }
    return apply_missing(&run);
}

/* A row that is set to what it was is written all the same. */
static int rewrite(struct store_tx *tx, void *arg)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "UPDATE schema_migrations SET applied_at = applied_at");

    (void)arg;
    return store_run(stmt);
}

int store_probe(struct store *store)
{
    return store_write(store, rewrite, NULL);
}

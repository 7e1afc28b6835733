/* What a driver is, and what the files of the store share.
 *
 * store.c opens and closes, group.c commits, statement.c prepares and binds, migrate.c runs the
 * numbered SQL files: all of it over this table. A driver is a const struct store_driver at the
 * foot of its file, listed in store.c. One connection is used by one thread at a time; it may be
 * another one each time. */
#pragma once

#include "base/map.h"
#include "loop/group_lane.h"
#include "loop/latch.h"
#include "loop/pool.h"
#include "store/store.h"

#include <stdatomic.h>

struct store_conn;   /* a driver's connection */
struct store_handle; /* a driver's prepared statement */

enum store_role { STORE_WRITER, STORE_READER };
enum store_kind { STORE_NULL, STORE_INT, STORE_DOUBLE, STORE_BOOL, STORE_TEXT, STORE_TIME };

struct store_value {
    enum store_kind kind;
    int64_t number; /* INT, BOOL, TIME */
    double real;
    struct span text; /* the driver copies it */
};

struct store_migration {
    int version; /* from 1, without gaps; 0 ends the table */
    const char *name;
    const char *sql;
};

extern const struct store_migration store_migrations_sqlite[];

/* Functions return 0 or -errno as store.h names them, unless said otherwise. */
struct store_driver {
    const char *name;
    const struct store_migration *migrations;

    /* STORE_WRITER comes first and finds or makes the database; `why` names the file or the host.
     */
    int (*open)(const struct store_settings *settings, enum store_role role,
                struct store_conn **ret_conn, struct buf *why);
    void (*close)(struct store_conn **conn); /* every handle is finished before */

    /* The writer takes the database's write lock at once and commits with `sync`; a reader sees one
     * snapshot from its first statement to the end. */
    int (*begin)(struct store_conn *conn, enum store_sync sync);
    int (*commit)(struct store_conn *conn);
    void (*rollback)(struct store_conn *conn); /* no transaction: does nothing */
    int (*savepoint)(struct store_conn *conn); /* one at a time */
    int (*release)(struct store_conn *conn);
    int (*rollback_to)(struct store_conn *conn); /* and releases */
    /* False after an error that took the whole transaction along. */
    bool (*in_transaction)(const struct store_conn *conn);
    int64_t (*changes)(const struct store_conn *conn);

    /* Several statements without parameters, in the current transaction. */
    int (*script)(struct store_conn *conn, const char *sql, struct buf *why);

    /* -EINVAL: the SQL is wrong, said in `why`. */
    int (*prepare)(struct store_conn *conn, const char *sql, struct store_handle **ret_handle,
                   struct buf *why);
    void (*finish)(struct store_conn *conn, struct store_handle **handle);
    void (*reset)(struct store_handle *handle); /* to be stepped from the start; values are kept */
    int (*bind)(struct store_handle *handle, int at, const struct store_value *value);
    int (*step)(struct store_conn *conn, struct store_handle *handle); /* 1: a row, 0: done */

    bool (*is_null)(struct store_handle *handle, int column);
    int64_t (*get_int)(struct store_handle *handle, int column);
    double (*get_double)(struct store_handle *handle, int column);
    bool (*get_bool)(struct store_handle *handle, int column);
    const char *(*get_text)(struct store_handle *handle, int column);
    int64_t (*get_time)(struct store_handle *handle, int column);
};

extern const struct store_driver store_driver_sqlite;

/* A connection with its statements. */
struct store_session {
    const struct store_driver *driver;
    struct store_conn *conn;
    struct map *statements; /* address of the literal -> struct store_stmt */
    unsigned used;          /* statements between prepare and done */
};

int session_open(const struct store_driver *driver, const struct store_settings *settings,
                 enum store_role role, struct store_session **ret_session, struct buf *why);
void session_close(struct store_session **session);

struct store_hook {
    store_after *call;
    void *arg;
};

struct store_tx {
    struct store_session *session;
    enum store_role role;
    int failed; /* the first statement's error, 0: none */
    struct store_hook *hooks;
    size_t hook_count, hook_room;
};

/* Runs `work` in a transaction of its own on this session alone; no hooks. For opening. */
int session_write(struct store_session *session, store_work *work, void *arg);

struct store {
    const struct store_driver *driver;
    enum store_sync sync;
    struct store_session *writer; /* the writer lane's thread */
    struct group_lane *lane;
    struct pool *idle_readers;
    struct store_session **readers;
    unsigned reader_count;
    atomic_int health; /* 0 or -errno of the last write that the database could not do */
    atomic_llong health_since;
};

/* The lane's callback: commits the waiting writes together. */
void store_write_group(void *store, void **writes, size_t count);

struct store_write {
    store_work *work;
    void *arg;
    enum store_sync sync;
    struct store_tx tx;
    int result;
    struct latch done;      /* of store_write() */
    store_on_done *on_done; /* of store_write_async(), which has the group free it */
    bool is_in;             /* it ran without error and waits for the commit */
};

/* Brings the database to the newest migration, or refuses it. */
int migrate(struct store_session *session, struct buf *why);

/* True for what says something about the database and not about the statement. */
bool store_is_trouble(int error);

#include "store/sqlite_private.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct store_handle {
    sqlite3_stmt *stmt;
    /* SQLite numbers "$7" by its first appearance, we by its name. 0: not in the statement. */
    int place[STORE_PARAMETERS_MAX + 1];
};

static int constraint_error(int rc)
{
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return -EEXIST;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return -ENOENT;
    default:
        return -EINVAL;
    }
}

static int last_errno(sqlite3 *db, int which)
{
    sqlite3_file *file = NULL;
    int error = 0;

    if (sqlite3_file_control(db, "main", which, &file) == SQLITE_OK && file && file->pMethods)
        (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    return error;
}

static bool is_no_room(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

/* SQLite knows a full disk, but a full quota or a file at its limit are just failed writes to it.
 */
static int write_error(sqlite3 *db)
{
    bool is_full = db && (is_no_room(last_errno(db, SQLITE_FCNTL_JOURNAL_POINTER)) ||
                          is_no_room(last_errno(db, SQLITE_FCNTL_FILE_POINTER)));

    return is_full ? -ENOSPC : -EIO;
}

int sqlite_error(sqlite3 *db, int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return 0;
    case SQLITE_CONSTRAINT:
        return constraint_error(rc);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_IOERR:
        return rc == SQLITE_IOERR_SHMSIZE ? -ENOSPC : write_error(db);
    case SQLITE_TOOBIG:
        return -EMSGSIZE;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EROFS;
    case SQLITE_MISMATCH:
        return -EINVAL;
    default:
        return -EIO; /* damaged, no database, cannot be opened */
    }
}

int sqlite_exec(struct store_conn *conn, const char *sql)
{
    return sqlite_error(conn->db, sqlite3_exec(conn->db, sql, NULL, NULL, NULL));
}

int sqlite_set_sync(struct store_conn *conn, enum store_sync sync)
{
    static const char *const pragmas[] = {
        [STORE_SYNC_FULL] = "PRAGMA synchronous = FULL",
        [STORE_SYNC_NORMAL] = "PRAGMA synchronous = NORMAL",
        [STORE_SYNC_OFF] = "PRAGMA synchronous = OFF",
    };
    int result = sqlite_exec(conn, pragmas[sync]);

    if (result >= 0)
        conn->sync = sync;
    return result;
}

/* A database that was deleted or replaced goes on working until its last descriptor is closed, and
 * then all of it is gone: better to say so at once. */
static int check_file(const struct store_conn *conn)
{
    struct stat status;

    if (stat(conn->path, &status) < 0)
        return errno == ENOENT ? -ESTALE : -errno;
    return status.st_dev == conn->device && status.st_ino == conn->inode ? 0 : -ESTALE;
}

static int begin(struct store_conn *conn, enum store_sync sync)
{
    int result = check_file(conn);

    if (result < 0)
        return result;
    if (conn->role == STORE_READER)
        return sqlite_exec(conn, "BEGIN");
    if (conn->sync != sync)
        result = sqlite_set_sync(conn, sync);
    return result < 0 ? result : sqlite_exec(conn, "BEGIN IMMEDIATE");
}

static int commit(struct store_conn *conn)
{
    return sqlite_exec(conn, "COMMIT");
}

static bool in_transaction(const struct store_conn *conn)
{
    return !sqlite3_get_autocommit(conn->db);
}

static void rollback(struct store_conn *conn)
{
    if (in_transaction(conn))
        (void)sqlite_exec(conn, "ROLLBACK");
}

static int savepoint(struct store_conn *conn)
{
    return sqlite_exec(conn, "SAVEPOINT one");
}

static int release(struct store_conn *conn)
{
    return sqlite_exec(conn, "RELEASE one");
}

static int rollback_to(struct store_conn *conn)
{
    return sqlite_exec(conn, "ROLLBACK TO one; RELEASE one");
}

static int64_t changes(const struct store_conn *conn)
{
    return sqlite3_changes64(conn->db);
}

static int script(struct store_conn *conn, const char *sql, struct buf *why)
{
    int result = sqlite_exec(conn, sql);

    if (result < 0)
        buf_setf(why, "%s", sqlite3_errmsg(conn->db));
    return result;
}

static void finish(struct store_conn *conn, struct store_handle **handle)
{
    sqlite3_finalize((*handle)->stmt);
    mem_free(handle);
}

static void find_places(struct store_handle *handle)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(handle->stmt); i++) {
        const char *name = sqlite3_bind_parameter_name(handle->stmt, i);
        long at = name && name[0] == '$' ? strtol(name + 1, NULL, 10) : 0;

        assert(at >= 1 && at <= STORE_PARAMETERS_MAX);
        handle->place[at] = i;
    }
}

static int prepare(struct store_conn *conn, const char *sql, struct store_handle **ret_handle,
                   struct buf *why)
{
    struct store_handle *handle = mem_alloc(sizeof(*handle));
    int rc = sqlite3_prepare_v3(conn->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle->stmt, NULL);

    if (rc != SQLITE_OK) {
        buf_setf(why, "%s", sqlite3_errmsg(conn->db));
        finish(conn, &handle);
        return (rc & 0xff) == SQLITE_ERROR ? -EINVAL : sqlite_error(conn->db, rc);
    }
    find_places(handle);
    *ret_handle = handle;
    return 0;
}

static void reset(struct store_handle *handle)
{
    (void)sqlite3_reset(handle->stmt); /* repeats the last step's error, which is known */
}

static int bind(struct store_handle *handle, int at, const struct store_value *value)
{
    sqlite3_stmt *stmt = handle->stmt;
    int place = handle->place[at];
    int rc = SQLITE_OK;

    assert(place > 0);
    switch (value->kind) {
    case STORE_NULL:
        rc = sqlite3_bind_null(stmt, place);
        break;
    case STORE_INT:
    case STORE_BOOL:
    case STORE_TIME:
        rc = sqlite3_bind_int64(stmt, place, value->number);
        break;
    case STORE_DOUBLE:
        rc = sqlite3_bind_double(stmt, place, value->real);
        break;
    case STORE_TEXT:
        rc = sqlite3_bind_text64(stmt, place, value->text.len ? value->text.at : "",
                                 value->text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
        break;
    }
    return sqlite_error(sqlite3_db_handle(stmt), rc);
}

static int step(struct store_conn *conn, struct store_handle *handle)
{
    int rc = sqlite3_step(handle->stmt);
    int result = rc == SQLITE_ROW ? 1 : sqlite_error(conn->db, rc);

    if (result != 1)
        sqlite3_reset(handle->stmt); /* one that is not reset keeps its snapshot open */
    return result;
}

static bool is_null(struct store_handle *handle, int column)
{
    return sqlite3_column_type(handle->stmt, column) == SQLITE_NULL;
}

static int64_t get_int(struct store_handle *handle, int column)
{
    return sqlite3_column_int64(handle->stmt, column);
}

static double get_double(struct store_handle *handle, int column)
{
    return sqlite3_column_double(handle->stmt, column);
}

static bool get_bool(struct store_handle *handle, int column)
{
    return sqlite3_column_int64(handle->stmt, column) != 0;
}

static const char *get_text(struct store_handle *handle, int column)
{
    return (const char *)sqlite3_column_text(handle->stmt, column);
}

const struct store_driver store_driver_sqlite = {
    .name = "sqlite",
    .migrations = store_migrations_sqlite,
    .open = sqlite_open,
    .close = sqlite_close,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .savepoint = savepoint,
    .release = release,
    .rollback_to = rollback_to,
    .in_transaction = in_transaction,
    .changes = changes,
    .script = script,
    .prepare = prepare,
    .finish = finish,
    .reset = reset,
    .bind = bind,
    .step = step,
    .is_null = is_null,
    .get_int = get_int,
    .get_double = get_double,
    .get_bool = get_bool,
    .get_text = get_text,
    .get_time = get_int,
};

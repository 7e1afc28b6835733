/* Opening a SQLite database: one process at a time, ours and undamaged, WAL.
 *
 * The lock is a file of its own beside the database: SQLite's locks are the kernel's per process
 * and vanish when any descriptor of the database is closed, so the database file itself is not
 * touched. */
#include "store/sqlite_private.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 5000
#define APPLICATION_ID 0x5669676c /* "Vigl", in the file's header */
#define DATABASE_MODE 0640
#define FOLDER_MODE 0750

static int refuse(struct buf *why, int error, const char *path, const char *what)
{
    buf_setf(why, "%s: %s", path, what);
    return error;
}

static int make_folder(const char *path, struct buf *why)
{
    AUTO(mem_free) char *copy = mem_strdup(path);
    const char *folder = dirname(copy);

    if (mkdir(folder, FOLDER_MODE) < 0 && errno != EEXIST) {
        int error = -errno;
        return refuse(why, error, folder, strerror(-error));
    }
    return 0;
}

/* Made by us and not by SQLite, so that it and its WAL get our mode. */
static int make_file(const char *path, struct buf *why)
{
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, DATABASE_MODE);
    int error = fd < 0 ? -errno : 0;

    if (error)
        return refuse(why, error, path, strerror(-error));
    close(fd);
    return 0;
}

/* The owner's process number lies in the lock file, for the sentence; the lock is what counts. */
static int refuse_locked(int fd, const char *path, struct buf *why)
{
    char owner[16] = "?";
    ssize_t length = pread(fd, owner, sizeof(owner) - 1, 0);

    owner[length > 0 ? length : 1] = '\0';
    AUTO(mem_free) char *reason = mem_printf("another process (%s) has this database open", owner);
    return refuse(why, -EBUSY, path, reason);
}

static int lock_database(const char *path, int *ret_lock, struct buf *why)
{
    AUTO(mem_free) char *name = mem_printf("%s.lock", path);
    int fd = open(name, O_CREAT | O_RDWR | O_CLOEXEC, DATABASE_MODE);
    int error = fd < 0 ? -errno : 0;

    if (error)
        return refuse(why, error, name, strerror(-error));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        error = errno;
        int result = error == EWOULDBLOCK ? refuse_locked(fd, path, why)
                                          : refuse(why, -error, name, strerror(error));
        close(fd);
        return result;
    }
    if (ftruncate(fd, 0) == 0)
        (void)dprintf(fd, "%ld", (long)getpid()); /* NOLINT(cert-err33-c) */
    *ret_lock = fd;
    return 0;
}

/* The first column of the first row, as a number. */
static int read_number(struct store_conn *conn, const char *sql, int64_t *ret_number)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return rc == SQLITE_ROW ? 0 : sqlite_error(conn->db, rc);
}

/* New and empty, or marked as ours. */
static int check_identity(struct store_conn *conn, const char *path, struct buf *why)
{
    int64_t id = 0, objects = 0;
    int result = read_number(conn, "PRAGMA application_id", &id);

    if (result >= 0)
        result = read_number(conn, "SELECT count(*) FROM sqlite_master", &objects);
    if (result < 0)
        return refuse(why, result, path, sqlite3_errmsg(conn->db));
    if (id == APPLICATION_ID)
        return 0;
    if (id != 0 || objects > 0)
        return refuse(why, -EIO, path, "this database belongs to another program");
    /* auto_vacuum can only be chosen while the file is empty. */
    static_assert(APPLICATION_ID == 1449748332, "a pragma takes a number");
    result = sqlite_exec(conn, "PRAGMA auto_vacuum = INCREMENTAL;"
                               "PRAGMA application_id = 1449748332");
    return result < 0 ? refuse(why, result, path, sqlite3_errmsg(conn->db)) : 0;
}

static int use_wal(struct store_conn *conn, const char *path, struct buf *why)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(conn->db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);
    bool is_wal;

    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    is_wal = rc == SQLITE_ROW && !strcmp((const char *)sqlite3_column_text(stmt, 0), "wal");
    sqlite3_finalize(stmt);
    if (rc != SQLITE_ROW)
        return refuse(why, sqlite_error(conn->db, rc), path, sqlite3_errmsg(conn->db));
    if (!is_wal)
        return refuse(why, -EIO, path, "this file system does not allow a write-ahead log");
    return 0;
}

static int configure(struct store_conn *conn, const struct store_settings *settings,
                     struct buf *why)
{
    const char *pragmas = conn->role == STORE_WRITER ? "PRAGMA application_id = 1449748332;"
                                                       "PRAGMA foreign_keys = ON;"
                                                       "PRAGMA temp_store = MEMORY;"
                                                       "PRAGMA cache_size = -2048;"
                                                       "PRAGMA journal_size_limit = 16777216;"
                                                     : "PRAGMA query_only = ON;"
                                                       "PRAGMA temp_store = MEMORY;"
                                                       "PRAGMA cache_size = -1024;";
    int result = sqlite_exec(conn, pragmas);

    if (result >= 0 && conn->role == STORE_WRITER)
        result = sqlite_set_sync(conn, settings->sync);
    return result < 0 ? refuse(why, result, settings->path, sqlite3_errmsg(conn->db)) : 0;
}

static int connect_to(struct store_conn *conn, const struct store_settings *settings,
                      struct buf *why)
{
    int rc = sqlite3_open_v2(settings->path, &conn->db,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
                             NULL);
    int result;

    if (rc != SQLITE_OK)
        return refuse(why, sqlite_error(conn->db, rc), settings->path, sqlite3_errstr(rc));
    sqlite3_extended_result_codes(conn->db, 1);
    sqlite3_busy_timeout(conn->db, BUSY_TIMEOUT_MS);
    if (conn->role == STORE_READER)
        return configure(conn, settings, why);
    result = check_identity(conn, settings->path, why);
    if (result >= 0)
        result = use_wal(conn, settings->path, why);
    return result < 0 ? result : configure(conn, settings, why);
}

static int note_file(struct store_conn *conn, const char *path, struct buf *why)
{
    struct stat status;

    if (stat(path, &status) < 0) {
        int error = -errno;
        return refuse(why, error, path, strerror(-error));
    }
    conn->path = mem_strdup(path);
    conn->device = status.st_dev;
    conn->inode = status.st_ino;
    return 0;
}

int sqlite_open(const struct store_settings *settings, enum store_role role,
                struct store_conn **ret_conn, struct buf *why)
{
    AUTO(sqlite_close) struct store_conn *conn = mem_alloc(sizeof(*conn));
    int result = 0;

    conn->role = role;
    conn->lock = -1;
    if (role == STORE_WRITER) {
        result = make_folder(settings->path, why);
        if (result >= 0)
            result = lock_database(settings->path, &conn->lock, why);
        if (result >= 0)
            result = make_file(settings->path, why);
    }
    if (result >= 0)
        result = connect_to(conn, settings, why);
    if (result >= 0)
        result = note_file(conn, settings->path, why);
    if (result < 0)
        return result;
    *ret_conn = TAKE(conn);
    return 0;
}

void sqlite_close(struct store_conn **address)
{
    struct store_conn *conn = TAKE(*address);

    if (!conn)
        return;
    /* Closing the last connection checkpoints; what it moves is to be on the disk whatever
     * JOURNAL_SYNC is. A failure leaves the WAL, which the next start reads. */
    if (conn->db && conn->role == STORE_WRITER)
        (void)sqlite_set_sync(conn, STORE_SYNC_FULL);
    sqlite3_close(conn->db);
    if (conn->lock >= 0)
        close(conn->lock);
    mem_free(&conn->path);
    mem_free(&conn);
}

/* What the two files of the SQLite driver share. */
#pragma once

#include "store/store_private.h"

#include <sqlite3.h>
#include <sys/types.h>

struct store_conn {
    sqlite3 *db;
    char *path;
    dev_t device; /* of the file that was opened */
    ino_t inode;
    enum store_role role;
    enum store_sync sync; /* as last told to SQLite */
    int lock;             /* the writer's: one process per database; -1 */
};

int sqlite_open(const struct store_settings *settings, enum store_role role,
                struct store_conn **ret_conn, struct buf *why);
void sqlite_close(struct store_conn **conn);

/* The connection's last error as -errno; rc is SQLite's extended code. */
int sqlite_error(sqlite3 *db, int rc);
int sqlite_exec(struct store_conn *conn, const char *sql);
int sqlite_set_sync(struct store_conn *conn, enum store_sync sync);

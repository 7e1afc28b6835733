/* A database in a folder of its own. */
#pragma once

#include "unit.h"

#include "base/time.h"
#include "store/store.h"
#include "support/scratch.h"

struct database {
    char *folder;
    char *path;
    struct store_settings settings;
    struct store *store;
};

static inline void database_start(struct database *database)
{
    AUTO(buf_release) struct buf why = BUF_INIT;

    if (store_open(&database->settings, &database->store, &why) < 0)
        fail_msg("%s", buf_text(&why));
}

static inline void database_open(struct database *database, enum store_sync sync)
{
    database->folder = scratch_new();
    database->path = mem_printf("%s/vigil.db", database->folder);
    database->settings =
        (struct store_settings){.path = database->path, .sync = sync, .readers = 2};
    database_start(database);
}

static inline void database_release(struct database *database)
{
    store_close(&database->store);
    scratch_free(&database->folder);
    mem_free(&database->path);
}

/* AUTO(database_release) struct database database = DATABASE; then database_open(). */
#define DATABASE                                                                                   \
    (struct database)                                                                              \
    {                                                                                              \
        0                                                                                          \
    }

/* One statement without parameters, in a transaction of its own. */
static inline int database_run_sql(struct store_tx *tx, void *sql)
{
    AUTO(store_stmt_done) struct store_stmt *stmt = store_prepare_dynamic(tx, sql);

    return store_run(stmt);
}

static inline void database_exec(struct database *database, const char *sql)
{
    assert_int_equal(store_write(database->store, database_run_sql, (void *)sql), 0);
}

struct database_number {
    const char *sql;
    int64_t number;
};

static inline int database_read_number(struct store_tx *tx, void *arg)
{
    struct database_number *number = arg;
    AUTO(store_stmt_done) struct store_stmt *stmt = store_prepare_dynamic(tx, number->sql);
    int result = store_step(stmt);

    if (result == 1)
        number->number = store_int(stmt, 0);
    return result < 0 ? result : 0;
}

/* The first column of the first row; -1 without rows. */
static inline int64_t database_int(struct database *database, const char *sql)
{
    struct database_number number = {sql, -1};

    assert_int_equal(store_read(database->store, database_read_number, &number), 0);
    return number.number;
}

/* The rows most tests speak of. */
static inline void database_add_camera(struct database *database)
{
    database_exec(database, "INSERT INTO cameras (id, name, folder_path, created_at) "
                            "VALUES ('porch', 'Porch', '/cameras/porch', 1)");
}

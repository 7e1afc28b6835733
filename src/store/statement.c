#include "store/store_private.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct store_stmt {
    struct store_tx *tx;
    struct store_session *session;
    struct store_handle *handle; /* NULL: it could not be prepared, `error` says why */
    char *sql;                   /* of a cached one */
    int error;
    bool is_cached;
    bool is_used;
    bool is_stepped; /* to be reset before new values */
};

static struct span key_of(const char *const *sql)
{
    return (struct span){(const char *)sql, sizeof(*sql)};
}

static struct store_stmt *statement_new(struct store_session *session, const char *sql)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct store_stmt *stmt = mem_alloc(sizeof(*stmt));

    stmt->session = session;
    stmt->error = session->driver->prepare(session->conn, sql, &stmt->handle, &why);
    if (stmt->error == -EINVAL) {
        fprintf(stderr, "vigil: wrong SQL: %s: %s\n", buf_text(&why), sql);
        abort();
    }
    return stmt;
}

static void statement_free(struct store_stmt *stmt)
{
    if (stmt->handle)
        stmt->session->driver->finish(stmt->session->conn, &stmt->handle);
    mem_free(&stmt->sql);
    mem_free(&stmt);
}

static struct store_stmt *statement_use(struct store_tx *tx, struct store_stmt *stmt)
{
    stmt->tx = tx;
    stmt->is_used = true;
    stmt->session->used++;
    if (stmt->error && !tx->failed)
        tx->failed = stmt->error;
    return stmt;
}

struct store_stmt *store_prepare(struct store_tx *tx, const char *sql)
{
    struct store_session *session = tx->session;
    struct store_stmt *stmt = map_get(session->statements, key_of(&sql));

    /* A statement that is being walked can be wanted again further in: that one is not kept. */
    if (stmt && stmt->is_used)
        return store_prepare_dynamic(tx, sql);
    if (!stmt) {
        stmt = statement_new(session, sql);
        stmt->is_cached = stmt->error == 0;
        stmt->sql = mem_strdup(sql);
        if (stmt->is_cached)
            map_set(session->statements, key_of(&sql), stmt);
    }
    assert(!strcmp(stmt->sql, sql)); /* else it was no literal, and its address has a new text */
    return statement_use(tx, stmt);
}

struct store_stmt *store_prepare_dynamic(struct store_tx *tx, const char *sql)
{
    return statement_use(tx, statement_new(tx->session, sql));
}

void store_stmt_done(struct store_stmt **address)
{
    struct store_stmt *stmt = TAKE(*address);

    if (!stmt)
        return;
    assert(stmt->is_used && stmt->session->used > 0);
    stmt->session->used--;
    stmt->is_used = false;
    if (!stmt->is_cached) {
        statement_free(stmt);
        return;
    }
    stmt->session->driver->reset(stmt->handle);
    stmt->is_stepped = false;
    stmt->tx = NULL;
}

static void bind(struct store_stmt *stmt, int at, const struct store_value *value)
{
    assert(at >= 1 && at <= STORE_PARAMETERS_MAX);
    if (stmt->error)
        return;
    if (stmt->is_stepped)
        stmt->session->driver->reset(stmt->handle);
    stmt->is_stepped = false;
    stmt->error = stmt->session->driver->bind(stmt->handle, at, value);
}

void store_bind_null(struct store_stmt *stmt, int at)
{
    bind(stmt, at, &(struct store_value){.kind = STORE_NULL});
}

void store_bind_int(struct store_stmt *stmt, int at, int64_t value)
{
    bind(stmt, at, &(struct store_value){.kind = STORE_INT, .number = value});
}

void store_bind_double(struct store_stmt *stmt, int at, double value)
{
    bind(stmt, at, &(struct store_value){.kind = STORE_DOUBLE, .real = value});
}

void store_bind_bool(struct store_stmt *stmt, int at, bool value)
{
    bind(stmt, at, &(struct store_value){.kind = STORE_BOOL, .number = value});
}

void store_bind_text(struct store_stmt *stmt, int at, const char *text)
{
    if (text)
        store_bind_span(stmt, at, span_of(text));
    else
        store_bind_null(stmt, at);
}

void store_bind_span(struct store_stmt *stmt, int at, struct span text)
{
    bind(stmt, at, &(struct store_value){.kind = STORE_TEXT, .text = text});
}

void store_bind_time(struct store_stmt *stmt, int at, int64_t instant)
{
    bind(stmt, at, &(struct store_value){.kind = STORE_TIME, .number = instant});
}

int store_step(struct store_stmt *stmt)
{
    int result;

    if (stmt->tx->failed)
        return stmt->tx->failed;
    stmt->is_stepped = true;
    result =
        stmt->error ? stmt->error : stmt->session->driver->step(stmt->session->conn, stmt->handle);
    if (result < 0)
        stmt->tx->failed = result;
    return result;
}

int store_run(struct store_stmt *stmt)
{
    int result;

    do
        result = store_step(stmt);
    while (result == 1);
    return result;
}

int64_t store_changes(const struct store_tx *tx)
{
    return tx->session->driver->changes(tx->session->conn);
}

bool store_is_null(struct store_stmt *stmt, int column)
{
    return stmt->session->driver->is_null(stmt->handle, column);
}

int64_t store_int(struct store_stmt *stmt, int column)
{
    return stmt->session->driver->get_int(stmt->handle, column);
}

double store_double(struct store_stmt *stmt, int column)
{
    return stmt->session->driver->get_double(stmt->handle, column);
}

bool store_bool(struct store_stmt *stmt, int column)
{
    return stmt->session->driver->get_bool(stmt->handle, column);
}

const char *store_text(struct store_stmt *stmt, int column)
{
    return stmt->session->driver->get_text(stmt->handle, column);
}

int64_t store_time(struct store_stmt *stmt, int column)
{
    return stmt->session->driver->get_time(stmt->handle, column);
}

/* ---- Sessions ---- */

int session_open(const struct store_driver *driver, const struct store_settings *settings,
                 enum store_role role, struct store_session **ret_session, struct buf *why)
{
    struct store_conn *conn = NULL;
    int result = driver->open(settings, role, &conn, why);

    if (result < 0)
        return result;
    *ret_session = mem_alloc(sizeof(**ret_session));
    (*ret_session)->driver = driver;
    (*ret_session)->conn = conn;
    (*ret_session)->statements = map_new();
    return 0;
}

void session_close(struct store_session **address)
{
    struct store_session *session = TAKE(*address);
    struct store_stmt *stmt;
    struct span key;
    size_t at = 0;

    if (!session)
        return;
    assert(session->used == 0);
    while ((stmt = map_next(session->statements, &at, &key)))
        statement_free(stmt);
    map_free(&session->statements);
    session->driver->close(&session->conn);
    mem_free(&session);
}

int session_write(struct store_session *session, store_work *work, void *arg)
{
    struct store_tx tx = {.session = session, .role = STORE_WRITER};
    int result = session->driver->begin(session->conn, STORE_SYNC_FULL);

    if (result < 0)
        return result;
    result = work(&tx, arg);
    assert(session->used == 0 && tx.hook_count == 0);
    if (result >= 0 && tx.failed)
        result = tx.failed;
    if (result >= 0) {
        int committed = session->driver->commit(session->conn);
        result = committed < 0 ? committed : result;
    }
    if (result < 0)
        session->driver->rollback(session->conn);
    return result;
}

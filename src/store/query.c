#include "store/query_private.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

void query_release(struct query *query)
{
    buf_release(&query->conditions);
}

static void add(struct query *query, const char *condition, struct store_value value)
{
    const char *mark = strchr(condition, '?');

    assert(mark && query->count < QUERY_VALUES_MAX);
    query->values[query->count++] = value;
    buf_addf(&query->conditions, " AND %.*s$%d%s", (int)(mark - condition), condition, query->count,
             mark + 1);
}

void query_text(struct query *query, const char *condition, const char *value)
{
    if (value)
        add(query, condition, (struct store_value){.kind = STORE_TEXT, .text = span_of(value)});
}

void query_time(struct query *query, const char *condition, int64_t instant)
{
    if (instant)
        add(query, condition, (struct store_value){.kind = STORE_TIME, .number = instant});
}

void query_double(struct query *query, const char *condition, double value)
{
    add(query, condition, (struct store_value){.kind = STORE_DOUBLE, .real = value});
}

void query_bool(struct query *query, const char *condition, bool value)
{
    add(query, condition, (struct store_value){.kind = STORE_BOOL, .number = value});
}

void query_condition(struct query *query, const char *condition)
{
    buf_addf(&query->conditions, " AND %s", condition);
}

static void bind_value(struct store_stmt *stmt, int at, const struct store_value *value)
{
    switch (value->kind) {
    case STORE_NULL:
        store_bind_null(stmt, at);
        break;
    case STORE_INT:
        store_bind_int(stmt, at, value->number);
        break;
    case STORE_DOUBLE:
        store_bind_double(stmt, at, value->real);
        break;
    case STORE_BOOL:
        store_bind_bool(stmt, at, value->number != 0);
        break;
    case STORE_TEXT:
        store_bind_span(stmt, at, value->text);
        break;
    case STORE_TIME:
        store_bind_time(stmt, at, value->number);
        break;
    }
}

struct store_stmt *query_prepare(const struct query *query, struct store_tx *tx, const char *select,
                                 const char *tail)
{
    AUTO(buf_release) struct buf sql = BUF_INIT;
    struct store_stmt *stmt;

    buf_addf(&sql, "%s WHERE 1 = 1%s %s", select, buf_text(&query->conditions), tail);
    stmt = store_prepare_dynamic(tx, buf_text(&sql));
    for (int i = 0; i < query->count; i++)
        bind_value(stmt, i + 1, &query->values[i]);
    return stmt;
}

int query_count(const struct query *query, struct store_tx *tx, const char *table,
                int64_t *ret_count)
{
    AUTO(buf_release) struct buf select = BUF_INIT;
    AUTO(store_stmt_done) struct store_stmt *stmt = NULL;
    int result;

    buf_addf(&select, "SELECT count(*) FROM %s", table);
    stmt = query_prepare(query, tx, buf_text(&select), "");
    result = step_one(stmt);
    if (result >= 0)
        *ret_count = store_int(stmt, 0);
    return result;
}

/* Rows after the cursor's in the order sort desc, id desc. */
static void add_cursor(struct query *query, const char *sort, const struct page *page)
{
    AUTO(buf_release) struct buf condition = BUF_INIT;

    assert(query->count + 2 <= QUERY_VALUES_MAX);
    buf_addf(&condition, "(%s, id) < ($%d, $%d)", sort, query->count + 1, query->count + 2);
    query_condition(query, buf_text(&condition));
    query->values[query->count++] =
        (struct store_value){.kind = STORE_TIME, .number = page->cursor_time};
    query->values[query->count++] =
        (struct store_value){.kind = STORE_INT, .number = page->cursor_id};
}

int query_page(struct query *query, struct store_tx *tx, const char *table, const char *columns,
               const char *sort, const struct page *page, struct page_result *ret_result,
               struct store_stmt **ret_stmt)
{
    AUTO(buf_release) struct buf select = BUF_INIT;
    AUTO(buf_release) struct buf tail = BUF_INIT;

    assert(page->limit >= 1 && page->limit <= 1000 && page->offset >= 0);
    *ret_result = (struct page_result){0};
    if (page->has_cursor) {
        add_cursor(query, sort, page);
    } else {
        int result = query_count(query, tx, table, &ret_result->total);
        if (result < 0)
            return result;
    }
    buf_addf(&select, "SELECT %s FROM %s", columns, table);
    buf_addf(&tail, "ORDER BY %s DESC, id DESC LIMIT %d OFFSET %d", sort, page->limit + 1,
             page->has_cursor ? 0 : page->offset);
    *ret_stmt = query_prepare(query, tx, buf_text(&select), buf_text(&tail));
    return 0;
}

char *row_text(struct store_stmt *stmt, int column)
{
    return mem_strdup(store_text(stmt, column));
}

void bind_time_or_null(struct store_stmt *stmt, int at, int64_t instant)
{
    if (instant)
        store_bind_time(stmt, at, instant);
    else
        store_bind_null(stmt, at);
}

void *rows_grow(void *items, size_t count, size_t size)
{
    bool is_full = count == 0 || (count >= 8 && (count & (count - 1)) == 0);

    if (is_full)
        items = mem_resize(items, (count ? count * 2 : 8) * size);
    memset((char *)items + count * size, 0, size);
    return items;
}

int step_one(struct store_stmt *stmt)
{
    int result = store_step(stmt);

    return result < 0 ? result : result == 1 ? 0 : -ENOENT;
}

int run_on_row(struct store_tx *tx, struct store_stmt *stmt)
{
    int result = store_run(stmt);

    return result < 0 ? result : store_changes(tx) > 0 ? 0 : -ENOENT;
}

/* query: a SELECT whose conditions depend on what was asked.
 *
 *   AUTO(query_release) struct query query = QUERY_INIT;
 *   query_text(&query, "camera_id = ?", filter->camera_id);     nothing for NULL
 *   query_page(&query, "started_at", page);
 *   stmt = query_prepare(&query, tx, "SELECT id FROM events", page's order and limit);
 *
 * Also here: what resource files say about rows again and again. */
#pragma once

#include "base/buf.h"
#include "store/page.h"
#include "store/store_private.h"

#define QUERY_VALUES_MAX 16

struct query {
    struct buf conditions; /* " AND a = $1 AND b > $2" */
    struct store_value values[QUERY_VALUES_MAX];
    int count;
};

#define QUERY_INIT                                                                                 \
    (struct query)                                                                                 \
    {                                                                                              \
        .conditions = BUF_INIT                                                                     \
    }

void query_release(struct query *query);

/* Each adds " AND <condition>" with $n for its "?"; texts are borrowed until the statement is
 * prepared. */
void query_text(struct query *query, const char *condition, const char *value); /* NULL: nothing */
void query_time(struct query *query, const char *condition, int64_t instant);   /* 0: nothing */
void query_double(struct query *query, const char *condition, double value);
void query_bool(struct query *query, const char *condition, bool value);
void query_condition(struct query *query, const char *condition); /* without a value */

/* "SELECT … WHERE 1 = 1 <conditions> <tail>" with its values bound. store_stmt_done(). */
struct store_stmt *query_prepare(const struct query *query, struct store_tx *tx, const char *select,
                                 const char *tail);

/* SELECT count(*) over the same conditions. */
MUST_CHECK int query_count(const struct query *query, struct store_tx *tx, const char *table,
                           int64_t *ret_count);

/* The page's part of a list in the order <sort> desc, id desc: counts what matches the conditions
 * so far (not with a cursor), then adds the cursor's condition, and prepares the SELECT with its
 * order and one row more than the page. */
MUST_CHECK int query_page(struct query *query, struct store_tx *tx, const char *table,
                          const char *columns, const char *sort, const struct page *page,
                          struct page_result *ret_result, struct store_stmt **ret_stmt);

/* ---- Rows ---- */

char *row_text(struct store_stmt *stmt, int column); /* copied; NULL for NULL */
void bind_time_or_null(struct store_stmt *stmt, int at, int64_t instant); /* 0: NULL */

/* Room for one more zeroed item after `count` of them; the array may move. */
void *rows_grow(void *items, size_t count, size_t size);

/* One step that must find a row: 0, -ENOENT, -errno. */
MUST_CHECK int step_one(struct store_stmt *stmt);
/* Runs a statement that must touch a row: 0, -ENOENT when it did not, -errno. */
MUST_CHECK int run_on_row(struct store_tx *tx, struct store_stmt *stmt);

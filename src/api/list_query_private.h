/* list_query: what the long lists have in common: limit, offset, cursor, fields, start_date,
 * end_date in; items, pagination, deprecation_warning out (rest-api contract §1.8, §1.9). */
#pragma once

#include "api/fields_private.h"
#include "api/param_private.h"
#include "store/page.h"

struct list_query {
    struct page page;
    int64_t start, end; /* 0: none */
    char *cursor;       /* as given; NULL: none */
    struct fields fields;
};

void list_query_read(struct call *call, const char *const *members, struct list_query *ret_query);
void list_query_release(struct list_query *query);

/* NULL when all is well; else the 422 with every fault of the call so far, or the 400 for reversed
 * dates, an unreadable cursor, an unknown field. To be called when all parameters are read; it
 * fills in the page's cursor. */
struct http_response *list_query_refusal(const struct call *call, struct list_query *query);

/* Takes items over. */
struct http_response *list_query_answer(const struct list_query *query,
                                        const struct page_result *result, json_t *items);

/* 400 or NULL. */
struct http_response *dates_refusal(const struct call *call, int64_t start, int64_t end);

/* The `pagination` member. cursor and next_cursor may be NULL; offset below 0: null. */
json_t *pagination_json(int64_t total, int64_t limit, int64_t offset, const char *cursor,
                        const char *next_cursor, bool has_more);

#include "api/answer_private.h"
#include "api/cursor_private.h"
#include "api/list_query_private.h"

#include "base/mem.h"

#define LIST_LIMIT_DEFAULT 50
#define LIST_LIMIT_MAX 100
#define LIST_OFFSET_MAX 1000000000

void list_query_read(struct call *call, const char *const *members, struct list_query *ret_query)
{
    *ret_query = (struct list_query){
        .page.limit = (int)param_int(call, "limit", 1, LIST_LIMIT_MAX, LIST_LIMIT_DEFAULT),
        .page.offset = (int)param_int(call, "offset", 0, LIST_OFFSET_MAX, 0),
        .start = param_instant(call, "start_date", PARAM_DAY_START),
        .end = param_instant(call, "end_date", PARAM_DAY_END),
        .cursor = param_text(call, "cursor"),
    };
    fields_read(call, members, &ret_query->fields);
    if (ret_query->cursor && !*ret_query->cursor)
        mem_free(&ret_query->cursor);
}

void list_query_release(struct list_query *query)
{
    mem_free(&query->cursor);
    fields_release(&query->fields);
}

struct http_response *dates_refusal(const struct call *call, int64_t start, int64_t end)
{
    if (start && end && start > end)
        return answer_problem(call, 400, "INVALID_DATE_RANGE",
                              "start_date must not be after end_date");
    return NULL;
}

struct http_response *list_query_refusal(const struct call *call, struct list_query *query)
{
    struct page *page = &query->page;

    if (call_has_faults(call))
        return answer_faults(call);
    struct http_response *refusal = dates_refusal(call, query->start, query->end);
    if (refusal)
        return refusal;
    if (query->cursor) {
        if (cursor_decode(span_of(query->cursor), &page->cursor_time, &page->cursor_id) < 0)
            return answer_problem(call, 400, "INVALID_PAGINATION",
                                  "cursor is not one that this server gave out");
        page->has_cursor = true;
    }
    return fields_refusal(call, &query->fields);
}

json_t *pagination_json(int64_t total, int64_t limit, int64_t offset, const char *cursor,
                        const char *next_cursor, bool has_more)
{
    json_t *pagination = json_object();
    json_object_set_new(pagination, "total", json_integer(total));
    json_object_set_new(pagination, "limit", json_integer(limit));
    json_object_set_new(pagination, "offset", offset < 0 ? json_null() : json_integer(offset));
    json_object_set_new(pagination, "cursor", cursor ? json_string(cursor) : json_null());
    json_object_set_new(pagination, "next_cursor",
                        next_cursor ? json_string(next_cursor) : json_null());
    json_object_set_new(pagination, "has_more", json_boolean(has_more));
    return pagination;
}

struct http_response *list_query_answer(const struct list_query *query,
                                        const struct page_result *result, json_t *items)
{
    static const char warning[] = "offset is deprecated: use cursor with pagination.next_cursor";
    AUTO(buf_release) struct buf next = BUF_INIT;
    const struct page *page = &query->page;
    bool deprecated = page->offset > 0 && !page->has_cursor;

    if (result->has_more)
        cursor_encode(result->last_time, result->last_id, &next);
    json_t *body = json_object();
    json_object_set_new(body, "items", items);
    json_object_set_new(body, "pagination",
                        pagination_json(result->total, page->limit,
                                        page->has_cursor ? -1 : page->offset, query->cursor,
                                        result->has_more ? buf_text(&next) : NULL,
                                        result->has_more));
    json_object_set_new(body, "deprecation_warning",
                        deprecated ? json_string(warning) : json_null());
    struct http_response *response = answer_json(200, body);
    if (deprecated)
        http_response_header(response, "Deprecation", "true");
    return response;
}

/* page: how every list is cut (rest-api contract §1.8).
 * Order is (sort instant desc, id desc); a cursor is the last row's pair; one row more than asked
 * is read to know whether there are more. The text form of a cursor is the API's business. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct page {
    int limit;  /* 1..1000 */
    int offset; /* ignored with a cursor */
    bool has_cursor;
    int64_t cursor_time;
    int64_t cursor_id;
};

struct page_result {
    bool has_more;
    int64_t total;     /* rows matching the filter; 0 on pages fetched by cursor */
    int64_t last_time; /* of the last row given, for the next cursor */
    int64_t last_id;
};

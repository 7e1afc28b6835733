#include "net/http/conditions_private.h"

#include <string.h>

/* ---- Validators ---- */

/* Cuts one entity tag off a list; the opaque part may hold commas. Empty at the end or at an error,
 * which ends the list. */
static struct span cut_tag(struct span *list)
{
    const struct span none = {NULL, 0};
    while (list->len > 0 && (list->at[0] == ',' || list->at[0] == ' ' || list->at[0] == '\t'))
        *list = (struct span){list->at + 1, list->len - 1};
    size_t quote = span_starts_with(*list, "W/") ? 2 : 0;
    if (list->len <= quote || list->at[quote] != '"')
        return none;
    const char *end = memchr(list->at + quote + 1, '"', list->len - quote - 1);
    if (!end)
        return none;
    struct span tag = {list->at, (size_t)(end - list->at) + 1};
    *list = (struct span){list->at + tag.len, list->len - tag.len};
    return tag;
}

static bool matches_weakly(struct span tag, const struct http_validators *validators)
{
    if (span_starts_with(tag, "W/"))
        tag = (struct span){tag.at + 2, tag.len - 2};
    return span_is(tag, validators->etag) ||
           (validators->other[0] != '\0' && span_is(tag, validators->other));
}

static bool list_matches(struct span list, const struct http_validators *validators)
{
    if (span_is(span_trim(list), "*"))
        return true;
    for (struct span tag; (tag = cut_tag(&list)).at;)
        if (matches_weakly(tag, validators))
            return true;
    return false;
}

bool http_is_unmodified(const struct http_request *request,
                        const struct http_validators *validators)
{
    if (request->method != METHOD_GET && request->method != METHOD_HEAD)
        return false;
    bool listed = false;
    for (size_t i = 0; i < request->header_count; i++) {
        if (!span_is_nocase(request->headers[i].name, "If-None-Match"))
            continue;
        listed = true;
        if (list_matches(request->headers[i].value, validators))
            return true;
    }
    int64_t since;
    struct span date = http_header_of(request, "If-Modified-Since");
    return !listed && date.at && http_date_parse(date, &since) == 0 &&
           validators->modified <= since;
}

/* ---- Ranges ---- */

/* Digits at the front of text, cut off; false when there are none. Saturates. */
static bool cut_number(struct span *text, int64_t *ret)
{
    int64_t number = 0;
    size_t used = 0;
    for (; used < text->len && text->at[used] >= '0' && text->at[used] <= '9'; used++) {
        int digit = text->at[used] - '0';
        number = number > (INT64_MAX - digit) / 10 ? INT64_MAX : number * 10 + digit;
    }
    *text = (struct span){text->at + used, text->len - used};
    *ret = number;
    return used > 0;
}

static enum http_range last_bytes(struct span text, int64_t size, int64_t *ret_first,
                                  int64_t *ret_length)
{
    int64_t count;
    if (!cut_number(&text, &count) || text.len > 0)
        return HTTP_RANGE_NONE;
    if (count == 0)
        return HTTP_RANGE_UNSATISFIABLE;
    if (size == 0)
        return HTTP_RANGE_NONE; /* satisfiable, but Content-Range has no words for it */
    *ret_length = count < size ? count : size;
    *ret_first = size - *ret_length;
    return HTTP_RANGE_ONE;
}

static enum http_range parse_range(struct span text, int64_t size, int64_t *ret_first,
                                   int64_t *ret_length)
{
    int64_t first;
    int64_t last = INT64_MAX;
    if (span_starts_with(text, "-"))
        return last_bytes((struct span){text.at + 1, text.len - 1}, size, ret_first, ret_length);
    if (!cut_number(&text, &first) || !span_starts_with(text, "-"))
        return HTTP_RANGE_NONE;
    text = (struct span){text.at + 1, text.len - 1};
    if (text.len > 0 && (!cut_number(&text, &last) || text.len > 0 || last < first))
        return HTTP_RANGE_NONE;
    if (first >= size)
        return HTTP_RANGE_UNSATISFIABLE;
    *ret_first = first;
    *ret_length = (last < size ? last + 1 : size) - first;
    return HTTP_RANGE_ONE;
}

/* If-Range must be the very state we would send: compared strongly, a date exactly. */
static bool if_range_holds(const struct http_request *request,
                           const struct http_validators *validators)
{
    struct span value = http_header_of(request, "If-Range");
    int64_t date;
    if (!value.at)
        return true;
    if (span_starts_with(value, "\"") || span_starts_with(value, "W/"))
        return span_is(value, validators->etag);
    return http_date_parse(value, &date) == 0 && date == validators->modified;
}

enum http_range http_find_range(const struct http_request *request,
                                const struct http_validators *validators, int64_t size,
                                int64_t *ret_first, int64_t *ret_length)
{
    struct span rest = http_header_of(request, "Range");
    if (request->method != METHOD_GET || !rest.at || !if_range_holds(request, validators))
        return HTTP_RANGE_NONE;
    struct span unit = span_cut(&rest, '=');
    if (!span_is_nocase(span_trim(unit), "bytes") || !rest.at)
        return HTTP_RANGE_NONE;
    return parse_range(span_trim(rest), size, ret_first, ret_length);
}

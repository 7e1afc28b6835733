#include "net/http/percent_private.h"
#include "net/http/reader_parts_private.h"

#include <string.h>

static int refuse(const char **ret_detail, const char *detail)
{
    *ret_detail = detail;
    return -400;
}

static bool cut_prefix(struct span *text, const char *prefix)
{
    size_t length = strlen(prefix);
    if (text->len < length || !span_is_nocase((struct span){text->at, length}, prefix))
        return false;
    *text = (struct span){text->at + length, text->len - length};
    return true;
}

/* "http://host/path", as a proxy sends it (RFC 9112, 3.2.2): the host must be the one of the Host
 * header, or two readers could disagree on whom this is for. */
static int cut_authority(const struct http_request *request, struct span *target,
                         const char **ret_detail)
{
    size_t length = 0;
    while (length < target->len && target->at[length] != '/' && target->at[length] != '?')
        length++;
    struct span authority = {target->at, length};
    if (!span_equal_nocase(authority, http_header_of(request, "Host")))
        return refuse(ret_detail, "The target and the Host header name different hosts.");
    *target = (struct span){target->at + length, target->len - length};
    if (target->len == 0)
        *target = SPAN_LITERAL("/");
    else if (target->at[0] == '?')
        return refuse(ret_detail, "The target has no path.");
    return 0;
}

static int check_form(const struct http_request *request, struct span *target,
                      const char **ret_detail)
{
    if (cut_prefix(target, "http://") || cut_prefix(target, "https://"))
        return cut_authority(request, target, ret_detail);
    bool asterisk = span_is(*target, "*") && request->method == METHOD_OPTIONS;
    if (!asterisk && !span_starts_with(*target, "/"))
        return refuse(ret_detail, "The target is not a path.");
    return 0;
}

int http_split_target(struct http_message *message, const char **ret_detail)
{
    struct http_request *request = &message->request;
    struct span target = request->target;
    int rc = check_form(request, &target, ret_detail);
    if (rc < 0)
        return rc;
    if (memchr(target.at, '#', target.len))
        return refuse(ret_detail, "The target holds a fragment.");
    request->target = target;
    struct span query = target;
    struct span path = span_cut(&query, '?');
    if (percent_decode_path(&message->path, path) < 0)
        return refuse(ret_detail, "The path holds a bad escape.");
    request->path = buf_span(&message->path);
    request->query = query.at ? query : SPAN_LITERAL("");
    return 0;
}

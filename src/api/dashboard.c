#include "api/handlers_private.h"

#include "api/answer_private.h"
#include "api/file_private.h"
#include "api/text_private.h"
#include "base/mem.h"

#include <errno.h>
#include <string.h>

#define FOR_EVER "public, max-age=31536000, immutable"
#define ASK_EACH_TIME "no-cache"

static const struct {
    const char *extension, *type;
} web_types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".ico", "image/x-icon"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

static const char *web_type(struct span path)
{
    struct span extension = text_extension(path);
    for (size_t i = 0; i < COUNT_OF(web_types); i++)
        if (span_is_nocase(extension, web_types[i].extension))
            return web_types[i].type;
    return "application/octet-stream";
}

static struct http_response *answer_no_path(const struct call *call)
{
    return answer_problem(call, 404, NULL, "There is no such path");
}

/* A file of the built dashboard, or NULL. `path` as requested, without its first slash. */
static struct http_response *web_file(struct call *call, struct span path, const char *cache)
{
    AUTO(mem_free) char *name = mem_strndup(path.at, path.len);
    int fd = -1;

    /* Nothing hidden, nothing above. */
    if (!call->api->settings.web_root || path.len == 0 || path.at[0] == '/' || path.at[0] == '.' ||
        strstr(name, "/.") || strstr(name, ".."))
        return NULL;
    if (file_open_below(call->api->settings.web_root, name, &fd) < 0)
        return NULL;
    return http_response_file(call->request, fd, web_type(path), cache);
}

static struct http_response *web_index(struct call *call)
{
    return web_file(call, SPAN_LITERAL("index.html"), ASK_EACH_TIME);
}

struct http_response *dashboard_index(struct call *call)
{
    struct http_response *response = web_index(call);
    if (response)
        return response;
    json_t *body = json_object();
    json_object_set_new(body, "status", json_string("ok"));
    json_object_set_new(body, "message",
                        json_string("Vigil is running; its dashboard is not installed"));
    return answer_json(200, body);
}

/* Its name changes with its content, so it never does. */
struct http_response *dashboard_asset(struct call *call)
{
    const struct span *path = &call->request->path;
    struct http_response *response =
        web_file(call, (struct span){path->at + 1, path->len - 1}, FOR_EVER);
    return response ? response : answer_no_path(call);
}

/* A file of the dashboard's, or one of its pages, whose path only the browser knows. */
struct http_response *dashboard_other(struct call *call)
{
    struct span path = {call->request->path.at + 1, call->request->path.len - 1};
    struct http_response *response = NULL;

    if (text_base_name(path).len > 0 && text_base_name(path).at[0] == '.')
        return answer_no_path(call);
    if (text_extension(path).len > 0)
        response = web_file(call, path, ASK_EACH_TIME);
    else
        response = web_index(call);
    return response ? response : answer_no_path(call);
}

struct http_response *openapi_get(struct call *call)
{
    const char *path = call->api->settings.openapi_path;
    AUTO(mem_free) char *folder = NULL;
    int fd = -1;

    if (!path)
        return answer_no_path(call);
    struct span name = text_base_name(span_of(path));
    folder = mem_strndup(path, strlen(path) - name.len);
    if (file_open_below(*folder ? folder : ".", name.at, &fd) < 0)
        return answer_no_path(call);
    return http_response_file(call->request, fd, "application/json", ASK_EACH_TIME);
}

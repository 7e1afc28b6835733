/* A file as an answer. A text file has two representations, plain and gzipped, with an entity tag
 * each; who asks for a range gets the plain one. */
#include "net/http/conditions_private.h"
#include "net/http/response_private.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_sent_packed(const struct http_request *request, const char *content_type,
                           int64_t size)
{
    return size >= HTTP_COMPRESS_MIN && size <= HTTP_COMPRESS_MAX &&
           http_is_text(span_of(content_type)) && http_accepts_gzip(request) &&
           !http_header_of(request, "Range").at;
}

static struct http_validators validators_of(const struct stat *stat, bool packed)
{
    struct http_validators validators = {.modified = stat->st_mtim.tv_sec};
    unsigned long long changed = (unsigned long long)stat->st_mtim.tv_sec * 1000000000ull +
                                 (unsigned long long)stat->st_mtim.tv_nsec;
    char *plain = packed ? validators.other : validators.etag;
    char *gzip = packed ? validators.etag : validators.other;
    snprintf(plain, HTTP_ETAG_SIZE, "\"%llx-%llx-%llx\"", (unsigned long long)stat->st_ino,
             (unsigned long long)stat->st_size, changed);
    snprintf(gzip, HTTP_ETAG_SIZE, "\"%llx-%llx-%llx-gz\"", (unsigned long long)stat->st_ino,
             (unsigned long long)stat->st_size, changed);
    return validators;
}

static struct http_response *start(int status, const struct http_validators *validators,
                                   const char *cache_control)
{
    struct http_response *response = http_response_new(status);
    char date[HTTP_DATE_SIZE];
    http_date_text(validators->modified, date);
    http_response_header(response, "ETag", "%s", validators->etag);
    http_response_header(response, "Last-Modified", "%s", date);
    http_response_header(response, "Accept-Ranges", "bytes");
    if (cache_control)
        http_response_header(response, "Cache-Control", "%s", cache_control);
    return response;
}

static struct http_response *unsatisfiable(const struct http_request *request, int64_t size)
{
    struct http_response *response =
        http_response_problem(416, "The file has no such range of bytes.", request->path);
    http_response_header(response, "Content-Range", "bytes */%lld", (long long)size);
    return response;
}

/* From here on fd is the response's. */
static struct http_response *answer(const struct http_request *request, int fd,
                                    const struct stat *stat, const char *content_type,
                                    const char *cache_control)
{
    bool packed = is_sent_packed(request, content_type, stat->st_size);
    struct http_validators validators = validators_of(stat, packed);
    int64_t first = 0;
    int64_t length = stat->st_size;
    enum http_range range = HTTP_RANGE_NONE;
    bool unmodified = http_is_unmodified(request, &validators);
    if (!unmodified)
        range = http_find_range(request, &validators, stat->st_size, &first, &length);
    if (unmodified || range == HTTP_RANGE_UNSATISFIABLE)
        close(fd);
    if (range == HTTP_RANGE_UNSATISFIABLE)
        return unsatisfiable(request, stat->st_size);

    int status = unmodified ? 304 : range == HTTP_RANGE_ONE ? 206 : 200;
    struct http_response *response = start(status, &validators, cache_control);
    response->compress = packed && !unmodified;
    if (!response->compress && http_is_text(span_of(content_type)))
        http_response_header(response, "Vary", "Accept-Encoding");
    if (unmodified)
        return response;
    if (range == HTTP_RANGE_ONE)
        http_response_header(response, "Content-Range", "bytes %lld-%lld/%lld", (long long)first,
                             (long long)(first + length - 1), (long long)stat->st_size);
    http_response_header(response, "Content-Type", "%s", content_type);
    response->file = fd;
    response->file_offset = first;
    response->file_length = length;
    return response;
}

struct http_response *http_response_file(const struct http_request *request, int fd,
                                         const char *content_type, const char *cache_control)
{
    struct stat stat;
    if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode))
        return answer(request, fd, &stat, content_type, cache_control);
    close(fd);
    return http_response_problem(404, "There is no such file.", request->path);
}

#include "main/environment.h"

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/span.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_COMPARED 64
#define SLIPS_MAX 2

extern char **environ;

struct environment {
    struct map *file; /* name to owned text */
};

static int read_file(const char *path, struct buf *ret_text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    ssize_t got = 0;
    while (ret_text->len <= ENVIRONMENT_FILE_MAX &&
           (got = read(fd, buf_reserve(ret_text, 4096), 4096)) > 0)
        ret_text->len += (size_t)got;
    int result = got < 0 ? -errno : ret_text->len > ENVIRONMENT_FILE_MAX ? -EFBIG : 0;
    close(fd);
    return result;
}

static bool is_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return name.len > 0;
}

static struct span unquote(struct span value)
{
    bool quoted = value.len >= 2 && (value.at[0] == '"' || value.at[0] == '\'') &&
                  value.at[value.len - 1] == value.at[0];
    if (quoted)
        return (struct span){value.at + 1, value.len - 2};
    return value;
}

static int read_line(struct environment *environment, struct span line)
{
    line = span_trim(line);
    if (line.len == 0 || line.at[0] == '#')
        return 0;
    if (span_starts_with(line, "export "))
        line = (struct span){line.at + 7, line.len - 7};
    struct span name = span_trim(span_cut(&line, '='));
    if (!line.at || !is_name(name))
        return -EINVAL;
    struct span value = unquote(span_trim(line));
    char *old = map_set(environment->file, name, mem_strndup(value.at, value.len));
    mem_free(&old);
    return 0;
}

int environment_read(const char *path, struct environment **ret_environment, struct buf *why)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    AUTO(environment_free) struct environment *environment = mem_alloc(sizeof(*environment));
    environment->file = map_new();
    int result = read_file(path, &text);
    if (result < 0 && result != -ENOENT) {
        buf_setf(why, "%s cannot be read: %s\n", path, strerror(-result));
        return -EINVAL;
    }
    struct span rest = buf_span(&text);
    for (int number = 1; rest.at && rest.len; number++) {
        if (read_line(environment, span_cut(&rest, '\n')) < 0) {
            buf_setf(why, "%s, line %d: NAME=value expected\n", path, number);
            return -EINVAL;
        }
    }
    *ret_environment = TAKE(environment);
    return 0;
}

void environment_free(struct environment **environment)
{
    if (!*environment)
        return;
    size_t at = 0;
    char *value = NULL;
    while ((value = map_next((*environment)->file, &at, NULL)))
        mem_free(&value);
    map_free(&(*environment)->file);
    mem_free(environment);
}

static const char *lookup(const struct environment *environment, const char *name)
{
    const char *value = getenv(name);
    return value ? value : map_get(environment->file, span_of(name));
}

bool environment_has(const struct environment *environment, const char *name)
{
    const char *value = lookup(environment, name);
    return value && *value;
}

int environment_get(const struct environment *environment, const char *name, char **ret_value,
                    struct buf *why)
{
    const char *value = lookup(environment, name);
    AUTO(mem_free) char *file_name = mem_printf("%s_FILE", name);
    const char *path = lookup(environment, file_name);
    if (!value && !path)
        return 0;
    if (value && path) {
        buf_addf(why, "%s and %s are both set: give one\n", name, file_name);
        return -EINVAL;
    }
    if (value) {
        *ret_value = mem_strdup(value);
        return 1;
    }
    AUTO(buf_release) struct buf text = BUF_INIT;
    int result = read_file(path, &text);
    if (result < 0) {
        buf_addf(why, "%s=%s is not allowed: %s\n", file_name, path, strerror(-result));
        return -EINVAL;
    }
    while (text.len && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r'))
        text.len--;
    *ret_value = mem_strndup(text.data ? text.data : "", text.len);
    return 1;
}

static size_t least_of(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Edit distance with one row; names longer than NAME_MAX_COMPARED are never alike. */
static size_t distance(struct span a, struct span b)
{
    size_t row[NAME_MAX_COMPARED + 1];
    if (a.len > NAME_MAX_COMPARED || b.len > NAME_MAX_COMPARED)
        return NAME_MAX_COMPARED;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = diagonal + (a.at[i - 1] != b.at[j - 1]);
            diagonal = row[j];
            row[j] = least_of(change, row[j] + 1, row[j - 1] + 1);
        }
    }
    return row[b.len];
}

static bool is_known(struct span name, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(known[i]);
        bool same = span_starts_with(name, known[i]);
        if (same &&
            (name.len == length || (name.len == length + 5 && span_ends_with(name, "_FILE"))))
            return true;
    }
    return false;
}

static void warn_of(struct span name, const char *const *known, size_t count)
{
    if (name.len < 6 || !memchr(name.at, '_', name.len) || is_known(name, known, count))
        return;
    for (size_t i = 0; i < count; i++) {
        if (distance(name, span_of(known[i])) <= SLIPS_MAX) {
            log_warning("config", "event=unknown_variable name=%.*s did you mean %s?",
                        (int)name.len, name.at, known[i]);
            return;
        }
    }
    if (span_starts_with(name, "VIGIL_"))
        log_warning("config", "event=unknown_variable name=%.*s no variable of vigil has this name",
                    (int)name.len, name.at);
}

void environment_warn_unknown(const struct environment *environment, const char *const *known,
                              size_t count)
{
    for (char **entry = environ; entry && *entry; entry++) {
        struct span rest = span_of(*entry);
        warn_of(span_cut(&rest, '='), known, count);
    }
    size_t at = 0;
    struct span name;
    while (map_next(environment->file, &at, &name))
        warn_of(name, known, count);
}

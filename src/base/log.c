#include "base/log.h"

#include "base/span.h"
#include "base/time.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096 /* PIPE_BUF: one write stays one piece on a pipe too */
#define VALUE_MAX 512
#define VALUES_KEPT 8
#define REPEAT_WINDOW (10 * TIME_SECOND)
#define REPEAT_SLOTS 256
#define REPEAT_PROBES 8

/* How often one line (level, component, format) was written lately. Atomics, because there are no
 * locks below loop/; a race costs a line more or less, never a wrong one. */
struct repeat {
    atomic_uint_fast64_t line; /* 0: free */
    atomic_llong since;
    atomic_uint count;
};

static atomic_int least_level = LOG_LEVEL_WARNING;
static struct repeat repeats[REPEAT_SLOTS];

static const char *const level_names[] = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};

void log_set_level(enum log_level least)
{
    atomic_store(&least_level, (int)least);
}

bool log_level_parse(const char *name, enum log_level *ret_level)
{
    for (size_t i = 0; name && i < COUNT_OF(level_names); i++) {
        if (!span_is_nocase(span_of(name), level_names[i]))
            continue;
        *ret_level = (enum log_level)i;
        return true;
    }
    return false;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    a = (a ^ b) * 0x9e3779b97f4a7c15u;
    return a ^ a >> 29;
}

/* The literals lie close together: each is mixed in before the next, or two pairs with the same
 * distance would share a name. Never 0. */
static uint64_t line_name(enum log_level level, const char *component, const char *format)
{
    uint64_t name = mix(level + 1, 0);

    name = mix(name, (uint64_t)(uintptr_t)component);
    return mix(name, (uint64_t)(uintptr_t)format) | 1;
}

/* The slot of a line: its own, a free one or an expired one; NULL when the neighbourhood is full.
 */
static struct repeat *repeat_slot(uint64_t line, int64_t now)
{
    for (size_t i = 0; i < REPEAT_PROBES; i++) {
        struct repeat *slot = &repeats[(line + i) % REPEAT_SLOTS];
        uint_fast64_t owner = atomic_load(&slot->line);
        if (owner == line)
            return slot;
        if (owner && now - atomic_load(&slot->since) < REPEAT_WINDOW)
            continue;
        if (!atomic_compare_exchange_strong(&slot->line, &owner, line))
            continue;
        atomic_store(&slot->since, now);
        atomic_store(&slot->count, 0);
        return slot;
    }
    return NULL;
}

/* False: this line was written often enough. *ret_left_out: how many were not, before this one. */
static bool repeat_allowed(uint64_t line, int64_t now, unsigned *ret_left_out)
{
    struct repeat *slot = repeat_slot(line, now);

    *ret_left_out = 0;
    if (!slot)
        return true;
    long long since = atomic_load(&slot->since);
    if (now - since >= REPEAT_WINDOW && atomic_compare_exchange_strong(&slot->since, &since, now)) {
        unsigned count = atomic_exchange(&slot->count, 1);
        *ret_left_out = count > LOG_REPEAT_MAX ? count - LOG_REPEAT_MAX : 0;
        return true;
    }
    return atomic_fetch_add(&slot->count, 1) < LOG_REPEAT_MAX;
}

static size_t add_time(char *line)
{
    char text[TIME_TEXT_SIZE];
    int64_t now = time_now();
    int millis = (int)(now / TIME_MS % 1000);

    time_format(now - now % TIME_SECOND, text);
    return (size_t)snprintf(line, LINE_MAX_BYTES, "%.19s.%03dZ", text, millis);
}

/* Whatever was in the arguments, one call is one line. */
static void flatten(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            text[i] = ' ';
}

static void write_all(const char *line, size_t len)
{
    while (len) {
        ssize_t written = write(STDERR_FILENO, line, len);
        if (written <= 0)
            return; /* a log that cannot be written must not stop the program */
        line += written;
        len -= (size_t)written;
    }
}

static size_t clamp(size_t used)
{
    /* Room for the count of lines left out and the line feed. */
    return used < LINE_MAX_BYTES - 64 ? used : LINE_MAX_BYTES - 64;
}

void log_write(enum log_level level, const char *component, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    unsigned left_out;
    va_list args;

    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed))
        return;
    if (!repeat_allowed(line_name(level, component, format), time_monotonic(), &left_out))
        return;
    size_t used = add_time(line);
    used += (size_t)snprintf(line + used, sizeof(line) - used, " %s %.64s ", level_names[level],
                             component);
    va_start(args, format);
    int length = vsnprintf(line + used, sizeof(line) - used, format, args);
    va_end(args);
    used = clamp(used + (length > 0 ? (size_t)length : 0));
    flatten(line, used);
    if (left_out)
        used += (size_t)snprintf(line + used, sizeof(line) - used, " left_out=%u", left_out);
    line[used++] = '\n';
    write_all(line, used);
}

static bool is_plain(const char *text)
{
    if (!*text || strlen(text) > VALUE_MAX)
        return false;
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f || strchr("\"\\=", *text))
            return false;
    return true;
}

/* One byte, escaped. Returns how many characters it became. */
static size_t escape(char c, char out[8])
{
    if (c == '"' || c == '\\')
        return (size_t)snprintf(out, 8, "\\%c", c);
    if (c == '\n')
        return (size_t)snprintf(out, 8, "\\n");
    if (c == '\r')
        return (size_t)snprintf(out, 8, "\\r");
    if (c == '\t')
        return (size_t)snprintf(out, 8, "\\t");
    if ((unsigned char)c < 0x20 || c == 0x7f)
        return (size_t)snprintf(out, 8, "\\x%02x", (unsigned)(unsigned char)c);
    out[0] = c;
    return 1;
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

static void quote(const char *text, char *value)
{
    static const char mark[] = "\xe2\x80\xa6"; /* an ellipsis */
    size_t used = 0;
    size_t last = 0; /* where the last whole character began */
    char piece[8];

    value[used++] = '"';
    for (; *text; text++) {
        size_t len = escape(*text, piece);
        if (!continues(*text))
            last = used;
        if (used + len > VALUE_MAX - sizeof(mark) - 1)
            break;
        memcpy(value + used, piece, len);
        used += len;
    }
    if (*text) {
        used = last;
        memcpy(value + used, mark, sizeof(mark) - 1);
        used += sizeof(mark) - 1;
    }
    value[used++] = '"';
    value[used] = '\0';
}

const char *log_value(const char *text)
{
    static _Thread_local char values[VALUES_KEPT][VALUE_MAX + 1];
    static _Thread_local unsigned next;
    char *value = values[next++ % VALUES_KEPT];

    if (!text)
        return "-";
    if (is_plain(text))
        memcpy(value, text, strlen(text) + 1);
    else
        quote(text, value);
    return value;
}

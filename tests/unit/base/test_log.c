#include "unit.h"

#include "base/buf.h"
#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int captured = -1, kept_stderr = -1;

static int capture_start(void **state)
{
    captured = memfd_create("log", MFD_CLOEXEC);
    fcntl(captured, F_SETFL, O_APPEND); /* several threads write */
    kept_stderr = dup(STDERR_FILENO);
    return dup2(captured, STDERR_FILENO) < 0;
}

static int capture_end(void **state)
{
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
    close(captured);
    log_set_level(LOG_LEVEL_WARNING);
    return 0;
}

static void read_lines(struct buf *lines)
{
    char chunk[4096];
    off_t at = 0;

    for (ssize_t got; (got = pread(captured, chunk, sizeof(chunk), at)) > 0; at += got)
        buf_add(lines, chunk, (size_t)got);
}

static size_t count_lines(const struct buf *lines)
{
    size_t count = 0;

    for (size_t i = 0; i < lines->len; i++)
        count += lines->data[i] == '\n';
    return count;
}

static void writes_one_line(void **state)
{
    AUTO(buf_release) struct buf lines = BUF_INIT;

    log_warning("watcher", "event=%s camera=%s", "seen", log_value("front porch"));
    read_lines(&lines);
    const char *line = buf_text(&lines);
    assert_int_equal(line[4], '-');
    assert_int_equal(line[10], 'T');
    assert_int_equal(line[19], '.');
    assert_int_equal(line[23], 'Z');
    assert_string_equal(line + 24, " WARNING watcher event=seen camera=\"front porch\"\n");
}

static void keeps_quiet_below_the_level(void **state)
{
    AUTO(buf_release) struct buf lines = BUF_INIT;

    log_info("test", "event=quiet");
    log_set_level(LOG_LEVEL_DEBUG);
    log_debug("test", "event=heard");
    log_set_level(LOG_LEVEL_CRITICAL);
    log_error("test", "event=quiet");
    read_lines(&lines);
    assert_int_equal(count_lines(&lines), 1);
    assert_non_null(strstr(buf_text(&lines), "event=heard"));
}

static void a_line_stays_one_line(void **state)
{
    AUTO(buf_release) struct buf lines = BUF_INIT;
    static char endless[10000];

    memset(endless, 'x', sizeof(endless) - 1);
    log_error("test", "%s", "two\nlines\r\x1b[2J");
    log_error("test", "long=%s", endless);
    read_lines(&lines);
    assert_int_equal(count_lines(&lines), 2);
    assert_true(lines.len < 4300);
    assert_null(strchr(buf_text(&lines), '\x1b'));
}

static void repeats_are_limited(void **state)
{
    AUTO(buf_release) struct buf lines = BUF_INIT;

    for (int i = 0; i < 1000; i++)
        log_error("test", "event=again number=%d", i);
    log_error("test", "event=other");
    read_lines(&lines);
    assert_int_equal(count_lines(&lines), LOG_REPEAT_MAX + 1);
    assert_non_null(strstr(buf_text(&lines), "event=other"));
}

static void *write_many(void *arg)
{
    for (int i = 0; i < 500; i++)
        log_error("threads", "event=race number=%d", i);
    return NULL;
}

static void threads_may_write(void **state)
{
    AUTO(buf_release) struct buf lines = BUF_INIT;
    pthread_t threads[4];

    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    read_lines(&lines);
    assert_true(count_lines(&lines) >= LOG_REPEAT_MAX);
    assert_true(count_lines(&lines) <= 4 * LOG_REPEAT_MAX);
}

static void values_are_quoted_when_they_must(void **state)
{
    assert_string_equal(log_value("plain/path.jpg"), "plain/path.jpg");
    assert_string_equal(log_value("caf\xc3\xa9"), "caf\xc3\xa9");
    assert_string_equal(log_value(""), "\"\"");
    assert_string_equal(log_value("a b"), "\"a b\"");
    assert_string_equal(log_value("a=b"), "\"a=b\"");
    assert_string_equal(log_value("say \"hi\"\n\t\\\x01"), "\"say \\\"hi\\\"\\n\\t\\\\\\x01\"");
    assert_string_equal(log_value(NULL), "-");
}

static void values_are_cut(void **state)
{
    char text[2001];

    for (size_t len = 500; len <= 530; len++) {
        memset(text, 'y', len);
        text[len] = '\0';
        assert_true(strlen(log_value(text)) <= 512);
    }
    /* Never in the middle of a character. */
    for (int shift = 0; shift < 2; shift++) {
        text[0] = 'a';
        for (int i = shift; i < 2000; i += 2)
            memcpy(text + i, "\xc3\xa9", 2);
        text[2000] = '\0';
        const char *value = log_value(text);
        size_t len = strlen(value);
        assert_true(len <= 512);
        assert_string_equal(value + len - 4, "\xe2\x80\xa6\"");
        assert_int_equal((unsigned char)value[len - 5], 0xa9);
    }
}

static void values_stay_for_eight_calls(void **state)
{
    const char *values[8];
    char text[2] = "a";

    for (int i = 0; i < 8; i++, text[0]++)
        values[i] = log_value(text);
    for (int i = 0; i < 8; i++)
        assert_int_equal(values[i][0], 'a' + i);
}

static void levels_have_names(void **state)
{
    enum log_level level;

    assert_true(log_level_parse("warning", &level));
    assert_int_equal(level, LOG_LEVEL_WARNING);
    assert_true(log_level_parse("DEBUG", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_false(log_level_parse("loud", &level));
    assert_false(log_level_parse(NULL, &level));
}

#define CAPTURED(test) cmocka_unit_test_setup_teardown(test, capture_start, capture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CAPTURED(writes_one_line),           CAPTURED(keeps_quiet_below_the_level),
        CAPTURED(a_line_stays_one_line),     CAPTURED(repeats_are_limited),
        CAPTURED(threads_may_write),         cmocka_unit_test(values_are_quoted_when_they_must),
        cmocka_unit_test(values_are_cut),    cmocka_unit_test(values_stay_for_eight_calls),
        cmocka_unit_test(levels_have_names),
    };
    return RUN_TESTS(tests);
}

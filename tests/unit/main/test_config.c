#include "unit.h"

#include "base/mem.h"
#include "base/time.h"
#include "main/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every test runs in an empty folder with none of our variables set. */
static int enter(void **state)
{
    static char folder[64];
    strcpy(folder, "/tmp/vigil-config-XXXXXX");
    if (!mkdtemp(folder) || chdir(folder) < 0)
        return -1;
    clearenv();
    return setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
}

static int leave(void **state)
{
    (void)unlink(".env");
    (void)unlink("secret");
    char *here = getcwd(NULL, 0);
    int result = chdir("/") < 0 || rmdir(here) < 0 ? -1 : 0;
    free(here);
    return result;
}

static void write_file(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void defaults_are_those_of_the_contract(void **state)
{
    struct config config;
    assert_int_equal(config_read(&config, NULL, NULL), 0);
    assert_string_equal(config.api_host, "0.0.0.0");
    assert_int_equal(config.api_port, 8000);
    assert_int_equal(config.batch_window, 90 * TIME_SECOND);
    assert_int_equal(config.batch_idle_timeout, 30 * TIME_SECOND);
    assert_int_equal(config.batch_max_detections, 500);
    assert_int_equal(config.severity_high_max, 84);
    assert_string_equal(config.fast_path_object_types[0], "person");
    assert_null(config.fast_path_object_types[1]);
    assert_int_equal(config.log_level, LOG_LEVEL_WARNING);
    assert_int_equal(config.data_dir[0], '/');
    assert_non_null(strstr(config.data_dir, "/data"));
    config_release(&config);
}

static void environment_beats_file_beats_default(void **state)
{
    struct config config;
    write_file(".env", "# a comment\n\nexport API_PORT=\"9001\"\nBATCH_WINDOW_SECONDS = "
                       "2.5\nAPI_HOST='127.0.0.1'\n");
    setenv("API_PORT", "9002", 1);
    const char *const overrides[] = {"BATCH_WINDOW_SECONDS=12", "BATCH_IDLE_TIMEOUT_SECONDS=4",
                                     NULL};
    assert_int_equal(config_read(&config, overrides, NULL), 0);
    assert_int_equal(config.api_port, 9002);
    assert_string_equal(config.api_host, "127.0.0.1");
    assert_int_equal(config.batch_window, 2500 * TIME_MS);
    assert_int_equal(config.batch_idle_timeout, 4 * TIME_SECOND);
    config_release(&config);
}

static void a_secret_comes_from_a_file(void **state)
{
    struct config config;
    write_file("secret", "[\"one\", \"two\"]\n");
    setenv("API_KEYS_FILE", "secret", 1);
    setenv("API_KEY_ENABLED", "yes", 1);
    assert_int_equal(config_read(&config, NULL, NULL), 0);
    assert_true(config.api_key_enabled);
    assert_string_equal(config.api_keys[0], "one");
    assert_string_equal(config.api_keys[1], "two");
    assert_null(config.api_keys[2]);
    config_release(&config);
}

static void lists_may_be_plain(void **state)
{
    struct config config;
    setenv("CORS_ORIGINS", " http://a , http://b,,", 1);
    assert_int_equal(config_read(&config, NULL, NULL), 0);
    assert_string_equal(config.cors_origins[0], "http://a");
    assert_string_equal(config.cors_origins[1], "http://b");
    assert_null(config.cors_origins[2]);
    config_release(&config);
}

static void all_bad_values_are_named_at_once(void **state)
{
    static const struct {
        const char *name, *value, *expected;
    } bad[] = {
        {"API_PORT", "65536", "API_PORT=65536 is not allowed: a whole number from 0 to 65535"},
        {"BATCH_MAX_DETECTIONS", "2.5", "BATCH_MAX_DETECTIONS=2.5 is not allowed: a whole number"},
        {"BATCH_WINDOW_SECONDS", "nan", "BATCH_WINDOW_SECONDS=nan is not allowed: a number"},
        {"BATCH_IDLE_TIMEOUT_SECONDS", "30s", "BATCH_IDLE_TIMEOUT_SECONDS=30s is not allowed"},
        {"DETECTION_CONFIDENCE_THRESHOLD", "", "DETECTION_CONFIDENCE_THRESHOLD= is not allowed"},
        {"FILE_WATCHER_POLLING", "maybe",
         "FILE_WATCHER_POLLING=maybe is not allowed: true or false"},
        {"LOG_LEVEL", "LOUD", "LOG_LEVEL=LOUD is not allowed: one of DEBUG|INFO"},
        {"API_KEYS", "[1]", "API_KEYS=[1] is not allowed: a JSON array of texts"},
        {"DATA_DIR", "", "DATA_DIR= is not allowed: the path of a folder"},
    };
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct config config;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        setenv(bad[i].name, bad[i].value, 1);
    assert_int_equal(config_read(&config, NULL, &why), -EINVAL);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_non_null(strstr(buf_text(&why), bad[i].expected));
}

static void what_does_not_fit_together_is_refused(void **state)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct config config;
    setenv("SEVERITY_LOW_MAX", "60", 1);
    setenv("API_KEY_ENABLED", "true", 1);
    assert_int_equal(config_read(&config, NULL, &why), -EINVAL);
    assert_non_null(strstr(buf_text(&why), "SEVERITY_LOW_MAX=60"));
    assert_non_null(strstr(buf_text(&why), "API_KEY_ENABLED=true"));
}

static void files_that_cannot_be_read_are_refused(void **state)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct config config;
    setenv("API_KEYS_FILE", "absent", 1);
    assert_int_equal(config_read(&config, NULL, &why), -EINVAL);
    assert_non_null(strstr(buf_text(&why), "API_KEYS_FILE=absent"));

    setenv("API_KEYS", "[]", 1);
    assert_int_equal(config_read(&config, NULL, &why), -EINVAL);
    assert_non_null(strstr(buf_text(&why), "both set"));

    write_file(".env", "API_PORT=1\nnonsense\n");
    assert_int_equal(config_read(&config, NULL, &why), -EINVAL);
    assert_non_null(strstr(buf_text(&why), ".env, line 2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults_are_those_of_the_contract, enter, leave),
        cmocka_unit_test_setup_teardown(environment_beats_file_beats_default, enter, leave),
        cmocka_unit_test_setup_teardown(a_secret_comes_from_a_file, enter, leave),
        cmocka_unit_test_setup_teardown(lists_may_be_plain, enter, leave),
        cmocka_unit_test_setup_teardown(all_bad_values_are_named_at_once, enter, leave),
        cmocka_unit_test_setup_teardown(what_does_not_fit_together_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(files_that_cannot_be_read_are_refused, enter, leave),
    };
    return RUN_TESTS(tests);
}

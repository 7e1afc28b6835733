#include "main/config.h"

#include "base/json.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/span.h"
#include "base/time.h"
#include "main/environment.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum setting_kind {
    SETTING_TEXT,
    SETTING_PATH, /* made absolute */
    SETTING_INT,
    SETTING_NUMBER,
    SETTING_SECONDS, /* a number of seconds, kept in µs */
    SETTING_BOOL,
    SETTING_CHOICE,
    SETTING_LIST, /* JSON array of texts; a plain comma list is accepted too */
};

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset;
    const char *fallback;
    double least, most;
    const char *choices; /* "a|b|c" */
    const char *help;
};

#define AT(member) offsetof(struct config, member)

static const struct setting settings[] = {
    {"API_HOST", SETTING_TEXT, AT(api_host), "0.0.0.0", 0, 0, NULL, "address to listen on"},
    {"API_PORT", SETTING_INT, AT(api_port), "8000", 0, 65535, NULL, "port to listen on; 0: any"},
    {"DATA_DIR", SETTING_PATH, AT(data_dir), "./data", 0, 0, NULL,
     "database, thumbnails, backgrounds"},
    {"FOSCAM_BASE_PATH", SETTING_PATH, AT(camera_root), NULL, 0, 0, NULL,
     "one folder per camera below it (default /export/foscam where it exists, else ./cameras)"},
    {"LOG_LEVEL", SETTING_CHOICE, AT(log_level_name), "WARNING", 0, 0,
     "DEBUG|INFO|WARNING|ERROR|CRITICAL", "least level of the log lines"},

    {"API_KEY_ENABLED", SETTING_BOOL, AT(api_key_enabled), "false", 0, 0, NULL, "require a key"},
    {"API_KEYS", SETTING_LIST, AT(api_keys), "[]", 0, 0, NULL, "the accepted keys"},
    {"CORS_ORIGINS", SETTING_LIST, AT(cors_origins),
     "[\"http://localhost:3000\",\"http://localhost:5173\"]", 0, 0, NULL,
     "origins allowed beside the server's own"},

    {"FILE_WATCHER_POLLING", SETTING_BOOL, AT(file_watcher_polling), "false", 0, 0, NULL,
     "look for files by listing (network file systems)"},
    {"FILE_WATCHER_POLLING_INTERVAL", SETTING_SECONDS, AT(file_watcher_polling_interval), "1.0",
     0.1, 30, NULL, "seconds between listings"},
    {"FILE_WATCHER_BACKFILL_SECONDS", SETTING_SECONDS, AT(file_watcher_backfill), "3600", 0,
     31536000, NULL, "unknown files found at start are taken when younger than this"},
    {"DEDUPE_TTL_SECONDS", SETTING_SECONDS, AT(dedupe_ttl), "300", 1, 3600, NULL,
     "how long the same bytes of a camera count as a duplicate"},
    {"BATCH_WINDOW_SECONDS", SETTING_SECONDS, AT(batch_window), "90", 0.05, 3600, NULL,
     "longest time detections are collected into one event"},
    {"BATCH_IDLE_TIMEOUT_SECONDS", SETTING_SECONDS, AT(batch_idle_timeout), "30", 0.05, 3600, NULL,
     "silence that ends a batch"},
    {"BATCH_CHECK_INTERVAL_SECONDS", SETTING_SECONDS, AT(batch_check_interval), "5", 0.05, 60, NULL,
     "deadlines are checked at least this often"},
    {"BATCH_MAX_DETECTIONS", SETTING_INT, AT(batch_max_detections), "500", 1, 10000, NULL,
     "size that ends a batch"},
    {"DETECTION_CONFIDENCE_THRESHOLD", SETTING_NUMBER, AT(detection_confidence_threshold), "0.5", 0,
     1, NULL, "detections below it are dropped"},
    {"FAST_PATH_CONFIDENCE_THRESHOLD", SETTING_NUMBER, AT(fast_path_confidence_threshold), "0.90",
     0, 2, NULL, "detections at or above it become an event at once (2: never)"},
    {"FAST_PATH_OBJECT_TYPES", SETTING_LIST, AT(fast_path_object_types), "[\"person\"]", 0, 0, NULL,
     "classes the fast path is for"},
    {"SCENE_CHANGE_THRESHOLD", SETTING_NUMBER, AT(scene_change_threshold), "0.90", 0, 1, NULL,
     "similarity below which the camera's view counts as changed"},
    {"SEVERITY_LOW_MAX", SETTING_INT, AT(severity_low_max), "29", 0, 100, NULL,
     "highest score of level low"},
    {"SEVERITY_MEDIUM_MAX", SETTING_INT, AT(severity_medium_max), "59", 0, 100, NULL,
     "highest score of level medium"},
    {"SEVERITY_HIGH_MAX", SETTING_INT, AT(severity_high_max), "84", 0, 100, NULL,
     "highest score of level high"},
    {"THUMBNAIL_WIDTH", SETTING_INT, AT(thumbnail_width), "320", 64, 1920, NULL, "pixels"},
    {"THUMBNAIL_HEIGHT", SETTING_INT, AT(thumbnail_height), "240", 48, 1080, NULL, "pixels"},
    {"THUMBNAIL_QUALITY", SETTING_INT, AT(thumbnail_quality), "85", 1, 100, NULL, "JPEG quality"},
    {"THUMBNAIL_FONT_SIZE", SETTING_INT, AT(thumbnail_font_size), "14", 8, 48, NULL, "pixels"},

    {"QUEUE_MAX_SIZE", SETTING_INT, AT(queue_max_size), "10000", 100, 100000, NULL,
     "jobs that may wait"},
    {"QUEUE_OVERFLOW_POLICY", SETTING_CHOICE, AT(queue_overflow_policy), "dlq", 0, 0,
     "dlq|reject|drop_oldest", "what a full queue does"},
    {"JOURNAL_SYNC", SETTING_CHOICE, AT(journal_sync), "full", 0, 0, "full|normal|off",
     "full: survives a power cut; normal: survives a crash of the program; off: for tests"},
    {"JOURNAL_MAX_MESSAGES", SETTING_INT, AT(journal_max_messages), "100000", 1000, 100000000, NULL,
     "messages kept per channel"},
    {"REPLAY_MAX", SETTING_INT, AT(replay_max), "10000", 100, 1000000, NULL,
     "messages replayed to one client at once"},

    {"NET_LOOPS", SETTING_INT, AT(net_loops), "0", 0, 64, NULL,
     "threads for sockets; 0: cores - 1"},
    {"CONNECTIONS_MAX", SETTING_INT, AT(connections_max), "10000", 10, 1000000, NULL,
     "open connections"},
    {"WEBSOCKET_PING_INTERVAL_SECONDS", SETTING_SECONDS, AT(websocket_ping_interval), "30", 5, 120,
     NULL, "seconds between pings"},
    {"WEBSOCKET_IDLE_TIMEOUT_SECONDS", SETTING_SECONDS, AT(websocket_idle_timeout), "300", 30, 3600,
     NULL, "silence of a client after which it is closed"},
    {"WEBSOCKET_MAX_MESSAGE_SIZE", SETTING_INT, AT(websocket_max_message_size), "65536", 1024,
     1048576, NULL, "bytes of one message from a client"},
};

/* Names of the contract that take effect with later parts of the system; setting one is said aloud,
 * not ignored. */
static const char *const unused_names[] = {
    "DATABASE_URL",
    "REDIS_URL",
    "YOLO26_URL",
    "NEMOTRON_URL",
    "FLORENCE_URL",
    "CLIP_URL",
    "ENRICHMENT_URL",
    "YOLO26_API_KEY",
    "NEMOTRON_API_KEY",
    "RETENTION_DAYS",
    "LOG_RETENTION_DAYS",
    "SMTP_HOST",
    "SMTP_PORT",
    "SMTP_USER",
    "SMTP_PASSWORD",
    "SMTP_FROM_ADDRESS",
    "SMTP_USE_TLS",
    "DEFAULT_WEBHOOK_URL",
    "WEBSOCKET_TOKEN",
    "NOTIFICATION_ENABLED",
    "TLS_MODE",
    "TLS_CERT_PATH",
    "TLS_KEY_PATH",
    "REDIS_PASSWORD",
    "RATE_LIMIT_ENABLED",
    "TRUSTED_PROXY_IPS",
    "VIDEO_MAX_FRAMES",
    "VIDEO_FRAME_INTERVAL_SECONDS",
    "GPU_POLL_INTERVAL_SECONDS",
    "WEBSOCKET_COMPRESSION_THRESHOLD",
    "REDIS_EVENT_CHANNEL",
    "CLIPS_DIRECTORY",
};

static void *member_of(struct config *config, const struct setting *setting)
{
    return (char *)config + setting->offset;
}

static void complain(struct buf *why, const struct setting *setting, const char *value,
                     const char *allowed)
{
    buf_addf(why, "%s=%s is not allowed: %s\n", setting->name, value, allowed);
}

static int set_number(struct config *config, const struct setting *setting, const char *value,
                      struct buf *why)
{
    char *end = NULL;
    errno = 0;
    double number = strtod(value, &end);
    bool whole = setting->kind == SETTING_INT;
    if (end == value || *end || errno || !isfinite(number) || number < setting->least ||
        number > setting->most || (whole && floor(number) != number)) {
        AUTO(mem_free)
        char *allowed = mem_printf("%s from %.12g to %.12g", whole ? "a whole number" : "a number",
                                   setting->least, setting->most);
        complain(why, setting, value, allowed);
        return -EINVAL;
    }
    if (whole)
        *(int *)member_of(config, setting) = (int)number;
    else if (setting->kind == SETTING_SECONDS)
        *(int64_t *)member_of(config, setting) = (int64_t)llround(number * (double)TIME_SECOND);
    else
        *(double *)member_of(config, setting) = number;
    return 0;
}

static int set_bool(struct config *config, const struct setting *setting, const char *value,
                    struct buf *why)
{
    static const char *const yes[] = {"true", "1", "yes", "on"};
    static const char *const no[] = {"false", "0", "no", "off"};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        bool is_yes = !strcasecmp(value, yes[i]);
        if (is_yes || !strcasecmp(value, no[i])) {
            *(bool *)member_of(config, setting) = is_yes;
            return 0;
        }
    }
    complain(why, setting, value, "true or false");
    return -EINVAL;
}

static int set_choice(struct config *config, const struct setting *setting, const char *value,
                      struct buf *why)
{
    struct span rest = span_of(setting->choices);
    while (rest.at) {
        struct span choice = span_cut(&rest, '|');
        if (span_is_nocase(choice, value)) {
            *(char **)member_of(config, setting) = mem_strndup(choice.at, choice.len);
            return 0;
        }
    }
    AUTO(mem_free) char *allowed = mem_printf("one of %s", setting->choices);
    complain(why, setting, value, allowed);
    return -EINVAL;
}

/* ["a","b"], or a,b for those who write .env files by hand. */
static int set_list(struct config *config, const struct setting *setting, const char *value,
                    struct buf *why)
{
    char **items = NULL;
    size_t count = 0;
    struct span text = span_trim(span_of(value));
    if (span_starts_with(text, "[")) {
        AUTO(json_release) json_t *array = NULL;
        bool good = json_parse(text, &array, NULL) == 0 && json_is_array(array);
        for (size_t i = 0; good && i < json_array_size(array); i++)
            good = json_is_string(json_array_get(array, i));
        if (!good) {
            complain(why, setting, value, "a JSON array of texts, as [\"a\",\"b\"], or a,b");
            return -EINVAL;
        }
        items = mem_alloc_array(json_array_size(array) + 1, sizeof(*items));
        for (; count < json_array_size(array); count++)
            items[count] = mem_strdup(json_string_value(json_array_get(array, count)));
    } else {
        items = mem_alloc_array(text.len + 2, sizeof(*items));
        while (text.at) {
            struct span item = span_trim(span_cut(&text, ','));
            if (item.len)
                items[count++] = mem_strndup(item.at, item.len);
        }
    }
    *(char ***)member_of(config, setting) = items;
    return 0;
}

static int set_path(struct config *config, const struct setting *setting, const char *value,
                    struct buf *why)
{
    char here[PATH_MAX];
    if (*value == '\0' || strlen(value) >= PATH_MAX / 2) {
        complain(why, setting, value, "the path of a folder");
        return -EINVAL;
    }
    if (*value == '/' || !getcwd(here, sizeof(here)))
        *(char **)member_of(config, setting) = mem_strdup(value);
    else
        *(char **)member_of(config, setting) =
            mem_printf("%s/%s", here, strncmp(value, "./", 2) ? value : value + 2);
    return 0;
}

static int set_value(struct config *config, const struct setting *setting, const char *value,
                     struct buf *why)
{
    switch (setting->kind) {
    case SETTING_TEXT:
        *(char **)member_of(config, setting) = mem_strdup(value);
        return 0;
    case SETTING_PATH:
        return set_path(config, setting, value, why);
    case SETTING_INT:
    case SETTING_NUMBER:
    case SETTING_SECONDS:
        return set_number(config, setting, value, why);
    case SETTING_BOOL:
        return set_bool(config, setting, value, why);
    case SETTING_CHOICE:
        return set_choice(config, setting, value, why);
    case SETTING_LIST:
        return set_list(config, setting, value, why);
    }
    return -EINVAL;
}

static const char *fallback_of(const struct setting *setting, const char *const *overrides)
{
    size_t length = strlen(setting->name);
    for (; overrides && *overrides; overrides++)
        if (!strncmp(*overrides, setting->name, length) && (*overrides)[length] == '=')
            return *overrides + length + 1;
    if (setting->fallback)
        return setting->fallback;
    return access("/export/foscam", F_OK) == 0 ? "/export/foscam" : "./cameras";
}

static int check_together(const struct config *config, struct buf *why)
{
    int result = 0;
    if (!(config->severity_low_max < config->severity_medium_max &&
          config->severity_medium_max < config->severity_high_max)) {
        buf_addf(why,
                 "SEVERITY_LOW_MAX=%d, SEVERITY_MEDIUM_MAX=%d, SEVERITY_HIGH_MAX=%d are not "
                 "allowed: each must be "
                 "greater than the one before\n",
                 config->severity_low_max, config->severity_medium_max, config->severity_high_max);
        result = -EINVAL;
    }
    if (config->api_key_enabled && !config->api_keys[0]) {
        buf_add_text(
            why,
            "API_KEY_ENABLED=true is not allowed without a key: set API_KEYS or API_KEYS_FILE\n");
        result = -EINVAL;
    }
    return result;
}

static void warn_of_names(const struct environment *environment)
{
    size_t known_count = COUNT_OF(settings) + COUNT_OF(unused_names);
    AUTO(mem_free) const char **known = mem_alloc_array(known_count, sizeof(*known));
    for (size_t i = 0; i < COUNT_OF(settings); i++)
        known[i] = settings[i].name;
    for (size_t i = 0; i < COUNT_OF(unused_names); i++) {
        known[COUNT_OF(settings) + i] = unused_names[i];
        if (environment_has(environment, unused_names[i]))
            log_warning("config",
                        "event=variable_without_effect name=%s this version does not use it yet",
                        unused_names[i]);
    }
    environment_warn_unknown(environment, known, known_count);
}

int config_read(struct config *ret_config, const char *const *overrides, struct buf *why)
{
    struct config config = {0};
    AUTO(environment_free) struct environment *environment = NULL;
    int result = environment_read(".env", &environment, why);
    if (result < 0)
        return result;

    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        AUTO(mem_free) char *value = NULL;
        int found = environment_get(environment, settings[i].name, &value, why);
        if (found < 0)
            result = found;
        else if (set_value(&config, &settings[i],
                           found ? value : fallback_of(&settings[i], overrides), why) < 0)
            result = -EINVAL;
    }
    if (result == 0)
        result = check_together(&config, why);
    if (result < 0) {
        config_release(&config);
        return result;
    }
    (void)log_level_parse(config.log_level_name, &config.log_level); /* the choices are its names */
    log_set_level(config.log_level);
    warn_of_names(environment);
    *ret_config = config;
    return 0;
}

void config_release(struct config *config)
{
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        void *member = member_of(config, &settings[i]);
        switch (settings[i].kind) {
        case SETTING_LIST:
            for (char **item = *(char ***)member; item && *item; item++)
                mem_free(item);
            mem_free(member);
            break;
        case SETTING_TEXT:
        case SETTING_PATH:
        case SETTING_CHOICE:
            mem_free(member);
            break;
        default:
            break;
        }
    }
}

void config_print_help(FILE *to)
{
    fputs("Variables (environment or .env; NAME_FILE reads the value from a file):\n\n", to);
    for (size_t i = 0; i < COUNT_OF(settings); i++)
        fprintf(to, "  %-32s %s\n  %-32s default %s%s%s\n", settings[i].name, settings[i].help, "",
                settings[i].fallback ? settings[i].fallback : "as said",
                settings[i].choices ? "; one of " : "",
                settings[i].choices ? settings[i].choices : "");
}

/* config: what the environment says.
 *
 * Precedence: process environment, then `.env` in the working directory, then the default.
 * NAME_FILE names a file that holds the value of NAME (secrets). A value that is not allowed stops
 * the start with the variable, the value and what is allowed. Names that look like one of ours but
 * are not are warned about, and so are names of the contract that this version knows but does not
 * use yet. Thread: read once at start, constant afterwards. */
#pragma once

#include "base/buf.h"
#include "base/log.h"
#include "base/own.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct config {
    /* where */
    char *api_host;    /* API_HOST */
    int api_port;      /* API_PORT; 0: the system chooses */
    char *data_dir;    /* DATA_DIR, made absolute */
    char *camera_root; /* FOSCAM_BASE_PATH, made absolute */
    char *log_level_name;
    enum log_level log_level;

    /* who may */
    bool api_key_enabled;
    char **api_keys; /* NULL-terminated lists */
    char **cors_origins;

    /* files and batches */
    bool file_watcher_polling;
    int64_t file_watcher_polling_interval;
    int64_t file_watcher_backfill;
    int64_t dedupe_ttl;
    int64_t batch_window;
    int64_t batch_idle_timeout;
    int64_t batch_check_interval;
    int batch_max_detections;
    double detection_confidence_threshold;
    double fast_path_confidence_threshold;
    char **fast_path_object_types;
    double scene_change_threshold;
    int severity_low_max, severity_medium_max, severity_high_max;
    int thumbnail_width, thumbnail_height, thumbnail_quality, thumbnail_font_size;

    /* queues and journal */
    int queue_max_size;
    char *queue_overflow_policy;
    char *journal_sync;
    int journal_max_messages;
    int replay_max;

    /* sockets */
    int net_loops;       /* NET_LOOPS; 0: cores - 1, at least 1 */
    int connections_max; /* CONNECTIONS_MAX */
    int64_t websocket_ping_interval;
    int64_t websocket_idle_timeout;
    int websocket_max_message_size;
};

/* Returns 0, or -EINVAL with `why` listing every bad value, a line each. Warnings go to the log.
 * Settings of `overrides`
 * ("NAME=value", NULL-terminated, may be NULL) replace defaults only, not what the user set. */
MUST_CHECK int config_read(struct config *ret_config, const char *const *overrides,
                           struct buf *why);
void config_release(struct config *config);

/* A table of every variable: name, default, what is allowed, what it does. */
void config_print_help(FILE *to);

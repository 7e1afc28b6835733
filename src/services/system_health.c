#include "services/system_health.h"

#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *const state_names[] = {
    [HEALTH_HEALTHY] = "healthy",
    [HEALTH_DEGRADED] = "degraded",
    [HEALTH_UNHEALTHY] = "unhealthy",
};

/* What one service has to say. */
struct finding {
    enum health_state state;
    struct buf message;
};

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *instant_json(int64_t instant)
{
    char text[TIME_TEXT_SIZE];
    return json_string(time_format(instant, text));
}

static json_t *finding_json(struct finding *finding, json_t *details)
{
    json_t *object = json_object();
    set(object, "status", json_string(state_names[finding->state]));
    set(object, "message", json_string(buf_text(&finding->message)));
    if (details)
        set(object, "details", details);
    buf_release(&finding->message);
    return object;
}

static struct finding look_at_database(const struct system_health_parts *parts)
{
    struct finding finding = {HEALTH_HEALTHY, BUF_INIT};
    if (store_health(parts->store, NULL) == 0 || store_probe(parts->store) == 0) {
        buf_setf(&finding.message, "SQLite, embedded");
        return finding;
    }
    finding.state = HEALTH_UNHEALTHY;
    (void)store_health(parts->store, &finding.message); /* for its words */
    return finding;
}

/* Bytes free in DATA_DIR, -1 when it cannot be looked at. A small disk is not low as long as a
 * tenth of it is left. */
static int64_t disk_free(const struct system_health_parts *parts, bool *ret_is_low)
{
    struct statvfs disk;
    if (statvfs(parts->data_dir, &disk) < 0)
        return -1;
    int64_t tenth = (int64_t)disk.f_blocks * (int64_t)disk.f_frsize / 10;
    int64_t free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    *ret_is_low = free_bytes < (tenth < HEALTH_DISK_LOW ? tenth : HEALTH_DISK_LOW);
    return free_bytes;
}

static struct finding look_at_disk(int64_t free_bytes, bool is_low)
{
    struct finding finding = {HEALTH_HEALTHY, BUF_INIT};
    if (free_bytes < 0) {
        finding.state = HEALTH_UNHEALTHY;
        buf_setf(&finding.message, "DATA_DIR cannot be looked at");
        return finding;
    }
    if (is_low)
        finding.state = HEALTH_DEGRADED;
    buf_setf(&finding.message, "%" PRId64 " MiB free in DATA_DIR", free_bytes >> 20);
    return finding;
}

static struct finding look_at_pipeline(const struct system_health_parts *parts)
{
    struct finding finding = {HEALTH_HEALTHY, BUF_INIT};
    struct pipeline_stats stats = {0};
    if (parts->pipeline)
        pipeline_stats(parts->pipeline, &stats);
    if (!stats.watcher_running || !stats.detection_worker_running ||
        !stats.analysis_worker_running) {
        finding.state = HEALTH_UNHEALTHY;
        buf_setf(&finding.message, "not all stages are running");
    } else if (stats.last_error[0]) {
        finding.state = HEALTH_DEGRADED;
        buf_setf(&finding.message, "%s", stats.last_error);
    } else {
        buf_setf(&finding.message, "watching (%s)", stats.watcher_kind);
    }
    return finding;
}

static json_t *queue_json(const struct queue *queue, bool *is_full_soon)
{
    struct queue_depth depth;
    json_t *object = json_object();
    queue_depth(queue, &depth);
    *is_full_soon |= depth.is_full_soon;
    set(object, "waiting", json_integer((json_int_t)depth.waiting));
    set(object, "taken", json_integer((json_int_t)depth.taken));
    set(object, "dead", json_integer((json_int_t)depth.dead));
    return object;
}

static struct finding look_at_queues(const struct system_health_parts *parts, json_t *details)
{
    struct finding finding = {HEALTH_HEALTHY, BUF_INIT};
    bool is_full_soon = false;
    set(details, QUEUE_DETECTION, queue_json(parts->detections, &is_full_soon));
    set(details, QUEUE_ANALYSIS, queue_json(parts->analyses, &is_full_soon));
    if (is_full_soon)
        finding.state = HEALTH_DEGRADED;
    buf_setf(&finding.message, is_full_soon ? "nearly full" : "in the database");
    return finding;
}

static json_t *embedded_json(const char *message)
{
    struct finding finding = {HEALTH_HEALTHY, BUF_INIT};
    buf_setf(&finding.message, "%s", message);
    return finding_json(&finding, NULL);
}

/* The contract's rule: no database is unhealthy; anything else that is not well is degraded. */
static void weigh(enum health_state *total, const struct finding *finding, enum health_state most)
{
    enum health_state state = finding->state < most ? finding->state : most;
    if (state > *total)
        *total = state;
}

static json_t *services_json(const struct system_health_parts *parts, enum health_state *ret_state)
{
    json_t *services = json_object(), *queues = json_object(), *space = json_object();
    bool is_low = false;
    int64_t free_bytes = disk_free(parts, &is_low);
    struct finding database = look_at_database(parts), disk = look_at_disk(free_bytes, is_low);
    struct finding pipeline = look_at_pipeline(parts), jobs = look_at_queues(parts, queues);

    *ret_state = HEALTH_HEALTHY;
    weigh(ret_state, &database, HEALTH_UNHEALTHY);
    weigh(ret_state, &disk, HEALTH_DEGRADED);
    weigh(ret_state, &pipeline, HEALTH_DEGRADED);
    weigh(ret_state, &jobs, HEALTH_DEGRADED);
    set(space, "free_bytes", json_integer(free_bytes));
    set(services, "database", finding_json(&database, NULL));
    set(services, "redis", embedded_json("not used: the bus is in the process"));
    set(services, "ai", embedded_json("built-in detector and verdict"));
    set(services, "pipeline", finding_json(&pipeline, NULL));
    set(services, "queues", finding_json(&jobs, queues));
    set(services, "disk", finding_json(&disk, space));
    return services;
}

/* Pages of resident and virtual memory; false when the system does not say. */
static bool read_memory(int64_t *ret_resident, int64_t *ret_virtual)
{
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return false;
    int64_t size = 0, resident = 0;
    char line[128];
    bool read =
        fgets(line, sizeof(line), file) &&
        sscanf(line, "%" SCNd64 " %" SCNd64, &size, &resident) == 2; /* NOLINT(cert-err34-c) */
    fclose(file);
    int64_t page = sysconf(_SC_PAGESIZE);
    *ret_resident = resident * page;
    *ret_virtual = size * page;
    return read;
}

static json_t *memory_json(void)
{
    int64_t resident = 0, size = 0;
    if (!read_memory(&resident, &size))
        return json_null();
    double total = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    double percent = 100 * (double)resident / total;
    json_t *object = json_object();
    set(object, "rss_mb", json_real((double)resident / (1 << 20)));
    set(object, "vms_mb", json_real((double)size / (1 << 20)));
    set(object, "percent", json_real(percent));
    set(object, "status",
        json_string(percent > 90   ? "critical"
                    : percent > 80 ? "warning"
                                   : "healthy"));
    return object;
}

json_t *system_health_report(const struct system_health_parts *parts, enum health_state *ret_state)
{
    json_t *report = json_object();
    json_t *services = services_json(parts, ret_state);
    set(report, "status", json_string(state_names[*ret_state]));
    set(report, "services", services);
    set(report, "timestamp", instant_json(time_now()));
    set(report, "recent_events", json_array());
    set(report, "memory", memory_json());
    return report;
}

static json_t *worker_json(const char *name, bool is_running)
{
    json_t *object = json_object();
    set(object, "name", json_string(name));
    set(object, "running", json_boolean(is_running));
    return object;
}

json_t *system_readiness_report(const struct system_health_parts *parts, bool *ret_ready)
{
    enum health_state state = HEALTH_HEALTHY;
    json_t *report = json_object(), *workers = json_array();
    json_t *services = services_json(parts, &state);
    struct pipeline_stats stats = {0};
    if (parts->pipeline)
        pipeline_stats(parts->pipeline, &stats);

    *ret_ready = state != HEALTH_UNHEALTHY && stats.detection_worker_running &&
                 stats.analysis_worker_running;
    json_array_append_new(workers, worker_json("file_watcher", stats.watcher_running));
    json_array_append_new(workers, worker_json("detection_worker", stats.detection_worker_running));
    json_array_append_new(workers, worker_json("analysis_worker", stats.analysis_worker_running));
    set(report, "ready", json_boolean(*ret_ready));
    set(report, "status", json_string(*ret_ready ? "ready" : "not_ready"));
    set(report, "services", services);
    set(report, "workers", workers);
    set(report, "timestamp", instant_json(time_now()));
    set(report, "supervisor_healthy", json_true());
    return report;
}

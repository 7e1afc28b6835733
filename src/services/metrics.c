#include "services/system_health.h"

#include "store/intake.h"

#include <inttypes.h>
#include <unistd.h>

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

static const char *const kind_names[] = {
    [METRIC_COUNTER] = "counter",
    [METRIC_GAUGE] = "gauge",
    [METRIC_HISTOGRAM] = "histogram",
};

static void describe(struct buf *out, const char *name, enum metric_kind kind, const char *help)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind_names[kind]);
}

static void add(struct buf *out, const char *name, enum metric_kind kind, const char *help,
                uint64_t value)
{
    describe(out, name, kind, help);
    buf_addf(out, "%s %" PRIu64 "\n", name, value);
}

static void add_queues(const struct system_health_parts *parts, struct buf *out)
{
    struct queue_depth depths[2];
    static const char *const names[] = {QUEUE_DETECTION, QUEUE_ANALYSIS};
    queue_depth(parts->detections, &depths[0]);
    queue_depth(parts->analyses, &depths[1]);
    add(out, "hsi_detection_queue_depth", METRIC_GAUGE, "Pictures that wait for detection.",
        depths[0].waiting);
    add(out, "hsi_analysis_queue_depth", METRIC_GAUGE, "Batches that wait for their verdict.",
        depths[1].waiting);
    describe(out, "vigil_queue_dead_letters", METRIC_GAUGE, "Jobs set aside with a reason.");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        buf_addf(out, "vigil_queue_dead_letters{queue_name=\"%s\"} %zu\n", names[i],
                 depths[i].dead);
    describe(out, "hsi_queue_overflow_total", METRIC_COUNTER, "Jobs pushed out of a full queue.");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        buf_addf(out, "hsi_queue_overflow_total{queue_name=\"%s\"} %" PRIu64 "\n", names[i],
                 depths[i].overflowed + depths[i].dropped + depths[i].rejected);
}

/* ---- What the stages did ---- */

/* `label` is "stage=\"detect\"" or "". */
static void add_histogram(struct buf *out, const char *name, const char *label,
                          const struct pipeline_histogram *of)
{
    const char *comma = label[0] ? "," : "", *open = label[0] ? "{" : "";
    const char *close = label[0] ? "}" : "";
    uint64_t count = 0;

    for (size_t i = 0; i < of->bound_count; i++) {
        count += of->counts[i];
        buf_addf(out, "%s_bucket{%s%sle=\"%g\"} %" PRIu64 "\n", name, label, comma, of->bounds[i],
                 count);
    }
    count += of->counts[of->bound_count];
    buf_addf(out, "%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", name, label, comma, count);
    buf_addf(out, "%s_sum%s%s%s %.6f\n", name, open, label, close, of->sum);
    buf_addf(out, "%s_count%s%s%s %" PRIu64 "\n", name, open, label, close, count);
}

static void add_histograms(const struct pipeline_stats *stats, struct buf *out)
{
    describe(out, "hsi_stage_duration_seconds", METRIC_HISTOGRAM, "How long a job took.");
    add_histogram(out, "hsi_stage_duration_seconds", "stage=\"detect\"", &stats->detect_seconds);
    add_histogram(out, "hsi_stage_duration_seconds", "stage=\"batch\"", &stats->batch_seconds);
    add_histogram(out, "hsi_stage_duration_seconds", "stage=\"analyze\"", &stats->analyze_seconds);
    describe(out, "hsi_detection_confidence", METRIC_HISTOGRAM, "Confidence of detections.");
    add_histogram(out, "hsi_detection_confidence", "", &stats->confidence);
    describe(out, "hsi_risk_score", METRIC_HISTOGRAM, "Risk score of events.");
    add_histogram(out, "hsi_risk_score", "", &stats->risk_score);
}

/* Labels come from fixed lists, so that nobody can make new series. */
static void add_kinds(const struct pipeline_stats *stats, struct buf *out)
{
    static const char *const levels[] = {"low", "medium", "high", "critical"};

    describe(out, "hsi_detections_by_class_total", METRIC_COUNTER, "Detections by their class.");
    for (size_t i = 0; i < PIPELINE_CLASSES; i++)
        buf_addf(out, "hsi_detections_by_class_total{object_class=\"%s\"} %" PRIu64 "\n",
                 pipeline_class_names[i], stats->detections_by_class[i]);
    describe(out, "hsi_events_by_risk_level_total", METRIC_COUNTER, "Events by their level.");
    for (size_t i = 0; i < COUNT_OF(levels); i++)
        buf_addf(out, "hsi_events_by_risk_level_total{level=\"%s\"} %" PRIu64 "\n", levels[i],
                 stats->events_by_level[i]);
    describe(out, "hsi_pipeline_errors_total", METRIC_COUNTER, "Jobs that could not be done.");
    buf_addf(out,
             "hsi_pipeline_errors_total{error_type=\"validation_error\"} %" PRIu64 "\n"
             "hsi_pipeline_errors_total{error_type=\"unknown_error\"} %" PRIu64 "\n",
             stats->jobs_refused, stats->outcomes[INTAKE_FAILED]);
}

static void add_pipeline(const struct system_health_parts *parts, struct buf *out)
{
    struct pipeline_stats stats = {0};
    if (parts->pipeline)
        pipeline_stats(parts->pipeline, &stats);
    describe(out, "vigil_files_total", METRIC_COUNTER,
             "Files by what became of them; queued counts all accepted.");
    for (int outcome = 0; outcome < INTAKE_OUTCOMES; outcome++)
        buf_addf(out, "vigil_files_total{outcome=\"%s\"} %" PRIu64 "\n",
                 intake_outcome_name((enum intake_outcome)outcome), stats.outcomes[outcome]);
    add(out, "vigil_files_pending", METRIC_GAUGE, "Files in debounce or stability wait.",
        stats.pending_files);
    add(out, "hsi_detections_processed_total", METRIC_COUNTER, "Detections stored.",
        stats.detections);
    add(out, "hsi_events_created_total", METRIC_COUNTER, "Events stored.", stats.events);
    add(out, "vigil_batches_open", METRIC_GAUGE, "Batches that still collect.", stats.open_batches);
    add(out, "vigil_batches_closed_total", METRIC_COUNTER, "Batches closed.", stats.batches_closed);
    describe(out, "hsi_pipeline_worker_state", METRIC_GAUGE, "0 stopped, 1 running.");
    buf_addf(out,
             "hsi_pipeline_worker_state{worker_name=\"file_watcher\"} %d\n"
             "hsi_pipeline_worker_state{worker_name=\"detection_worker\"} %d\n"
             "hsi_pipeline_worker_state{worker_name=\"analysis_worker\"} %d\n",
             stats.watcher_running, stats.detection_worker_running, stats.analysis_worker_running);
    add(out, "vigil_retries_total", METRIC_COUNTER, "Tries that were put off.", stats.retries);
    add_kinds(&stats, out);
    if (parts->pipeline)
        add_histograms(&stats, out);
}

static void add_realtime(const struct system_health_parts *parts, struct buf *out)
{
    struct broadcaster_stats stats;
    struct journal_position position;
    journal_position(parts->journal, &position);
    add(out, "vigil_journal_sequence", METRIC_GAUGE, "Number of the newest message.",
        position.last);
    if (!parts->broadcaster)
        return;
    broadcaster_stats(parts->broadcaster, &stats);
    add(out, "vigil_ws_connections", METRIC_GAUGE, "Clients connected.", stats.connections);
    add(out, "vigil_ws_connections_total", METRIC_COUNTER, "Clients accepted.",
        stats.connections_total);
    add(out, "vigil_ws_messages_total", METRIC_COUNTER, "Messages heard from the journal.",
        stats.messages);
    add(out, "vigil_ws_deliveries_total", METRIC_COUNTER,
        "Messages times the clients that got them.", stats.deliveries);
    add(out, "vigil_ws_sent_bytes_total", METRIC_COUNTER, "Bytes of these.", stats.bytes_sent);
    add(out, "vigil_ws_replays_total", METRIC_COUNTER, "Resumes and resyncs answered.",
        stats.replays);
    add(out, "vigil_ws_gaps_total", METRIC_COUNTER, "Gaps declared to clients.", stats.gaps);
    add(out, "vigil_ws_slow_closed_total", METRIC_COUNTER, "Clients closed for being too slow.",
        stats.slow_closed);
    add(out, "vigil_ws_acks_total", METRIC_COUNTER, "Acknowledgements received.", stats.acks);
}

void system_metrics(const struct system_health_parts *parts, struct buf *out)
{
    add_pipeline(parts, out);
    add_queues(parts, out);
    add_realtime(parts, out);
    add(out, "vigil_store_healthy", METRIC_GAUGE, "1 when the last write went well.",
        store_health(parts->store, NULL) == 0);
}

#include "pipeline/tally.h"

#include "base/log.h"
#include "base/span.h"
#include "base/time.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MILLION 1000000.0

const char *const pipeline_class_names[PIPELINE_CLASSES] = {
    "motion",  "person", "car", "truck", "bus",   "motorcycle",
    "bicycle", "dog",    "cat", "bird",  "other",
};

static const char *const level_names[4] = {"low", "medium", "high", "critical"};

static const double stage_bounds[] = {.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60};
static const double confidence_bounds[] = {.5, .6, .7, .8, .9, .95, .99};
static const double risk_bounds[] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100};

static_assert(COUNT_OF(stage_bounds) <= PIPELINE_BUCKETS_MAX, "a histogram holds so many");

static const struct {
    const char *component;
    const char *what;
} faults[] = {
    [FAULT_ROOT] = {"file_watcher", "the camera root cannot be read"},
    [FAULT_INTAKE] = {"file_watcher", "files wait because the store cannot write"},
    [FAULT_DETECTION] = {"detection_queue_worker", "jobs wait because the store does not answer"},
    [FAULT_BATCHES] = {"batch_aggregator", "batches stay open because the store cannot write"},
    [FAULT_ANALYSIS] = {"analysis_queue_worker", "jobs wait because the store does not answer"},
};

static void set_bounds(struct tally_histogram *histogram, const double *bounds, size_t count)
{
    histogram->bounds = bounds;
    histogram->bound_count = count;
}

void tally_init(struct tally *tally)
{
    set_bounds(&tally->detect_seconds, stage_bounds, COUNT_OF(stage_bounds));
    set_bounds(&tally->batch_seconds, stage_bounds, COUNT_OF(stage_bounds));
    set_bounds(&tally->analyze_seconds, stage_bounds, COUNT_OF(stage_bounds));
    set_bounds(&tally->confidence, confidence_bounds, COUNT_OF(confidence_bounds));
    set_bounds(&tally->risk_score, risk_bounds, COUNT_OF(risk_bounds));
}

/* ---- Counting ---- */

void tally_observe(struct tally_histogram *histogram, double value)
{
    size_t at = 0;

    while (at < histogram->bound_count && value > histogram->bounds[at])
        at++;
    atomic_fetch_add(&histogram->counts[at], 1);
    atomic_fetch_add(&histogram->sum_millionths, (long long)(value * MILLION));
}

void tally_seconds(struct tally_histogram *histogram, int64_t since)
{
    tally_observe(histogram, (double)(time_monotonic() - since) / TIME_SECOND);
}

void tally_detection(struct tally *tally, const char *object_type, double confidence)
{
    size_t at = 0;

    while (at < PIPELINE_CLASSES - 1 &&
           !span_is_nocase(span_of(object_type), pipeline_class_names[at]))
        at++;
    atomic_fetch_add(&tally->detections, 1);
    atomic_fetch_add(&tally->detections_by_class[at], 1);
    tally_observe(&tally->confidence, confidence);
}

void tally_event(struct tally *tally, int risk_score, const char *risk_level)
{
    for (size_t i = 0; i < COUNT_OF(level_names); i++) {
        if (strcmp(level_names[i], risk_level) == 0)
            atomic_fetch_add(&tally->events_by_level[i], 1);
    }
    atomic_fetch_add(&tally->events, 1);
    tally_observe(&tally->risk_score, risk_score);
}

/* ---- Faults ---- */

void tally_fault(struct tally *tally, enum fault fault, int error)
{
    int before = atomic_exchange(&tally->faults[fault], error);

    if (error < 0 && before != error)
        log_error(faults[fault].component, "event=stalled reason=%s error=%s",
                  log_value(faults[fault].what), log_value(strerror(-error)));
    else if (error == 0 && before < 0)
        log_warning(faults[fault].component, "event=goes_on after=%s",
                    log_value(strerror(-before)));
}

void tally_last_error(const struct tally *tally, char *text, size_t size)
{
    if (size > 0)
        text[0] = '\0';
    for (size_t i = 0; i < FAULTS; i++) {
        int error = atomic_load(&tally->faults[i]);
        if (error < 0) {
            snprintf(text, size, "%s: %s: %s", faults[i].component, faults[i].what,
                     strerror(-error));
            return;
        }
    }
}

bool is_store_trouble(int error)
{
    return error == -ENOSPC || error == -EIO || error == -EBUSY || error == -ENOTCONN ||
           error == -EAGAIN || error == -EDQUOT || error == -EROFS || error == -EFBIG;
}

/* ---- Reading ---- */

static struct pipeline_histogram read_histogram(const struct tally_histogram *histogram)
{
    struct pipeline_histogram read = {.bounds = histogram->bounds,
                                      .bound_count = histogram->bound_count,
                                      .sum = (double)atomic_load(&histogram->sum_millionths) /
                                             MILLION};

    for (size_t i = 0; i <= histogram->bound_count; i++)
        read.counts[i] = atomic_load(&histogram->counts[i]);
    return read;
}

void tally_read(const struct tally *tally, struct pipeline_stats *ret_stats)
{
    *ret_stats = (struct pipeline_stats){
        .watcher_running = atomic_load(&tally->is_watching),
        .watcher_kind = atomic_load(&tally->is_polling) ? "polling" : "native",
        .pending_files = atomic_load(&tally->pending_files),
        .files_seen = atomic_load(&tally->files_seen),
        .detections = atomic_load(&tally->detections),
        .batches_closed = atomic_load(&tally->batches_closed),
        .events = atomic_load(&tally->events),
        .jobs_refused = atomic_load(&tally->jobs_refused),
        .retries = atomic_load(&tally->retries),
        .detect_seconds = read_histogram(&tally->detect_seconds),
        .batch_seconds = read_histogram(&tally->batch_seconds),
        .analyze_seconds = read_histogram(&tally->analyze_seconds),
        .confidence = read_histogram(&tally->confidence),
        .risk_score = read_histogram(&tally->risk_score),
        .open_batches = atomic_load(&tally->open_batches),
        .detection_worker_running = atomic_load(&tally->is_detecting),
        .analysis_worker_running = atomic_load(&tally->is_analysing),
    };
    for (size_t i = 0; i < INTAKE_OUTCOMES; i++)
        ret_stats->outcomes[i] = atomic_load(&tally->outcomes[i]);
    for (size_t i = 0; i < PIPELINE_CLASSES; i++)
        ret_stats->detections_by_class[i] = atomic_load(&tally->detections_by_class[i]);
    for (size_t i = 0; i < COUNT_OF(level_names); i++)
        ret_stats->events_by_level[i] = atomic_load(&tally->events_by_level[i]);
    tally_last_error(tally, ret_stats->last_error, sizeof(ret_stats->last_error));
}

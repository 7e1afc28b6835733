#include "pipeline/analysis.h"

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "media/picture.h"
#include "pipeline/announce.h"
#include "pipeline/camera_file.h"
#include "pipeline/thumbnail_generator.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COMPONENT "analysis_queue_worker"

void analysis_release(struct analysis *analysis)
{
    detection_list_release(&analysis->detections);
    mem_free(&analysis->camera_name);
    rule_verdict_release(&analysis->verdict);
    buf_release(&analysis->thumbnail);
}

/* ---- Reading ---- */

static int read_camera(struct analysis *analysis, struct store_tx *tx)
{
    AUTO(camera_release) struct camera camera = {0};

    snprintf(analysis->camera_id, sizeof(analysis->camera_id), "%s",
             analysis->detections.items[0].camera_id);
    int r = cameras_get(tx, analysis->camera_id, &camera);
    if (r < 0 && r != -ENOENT)
        return r;
    analysis->camera_name = mem_strdup(r == 0 ? camera.name : analysis->camera_id);
    return 0;
}

static int read_baselines(struct analysis *analysis, struct store_tx *tx)
{
    struct rule_input *input = &analysis->input;
    struct batch_view *view = &analysis->view;
    int r = 0;

    for (size_t i = 0; i < view->class_count && r == 0; i++)
        r = baselines_class(tx, analysis->camera_id, view->classes[i].object_type, input->hour,
                            analysis->now, &view->classes[i].usual);
    if (r == 0)
        r = baselines_activity(tx, analysis->camera_id, input->hour, input->weekday, analysis->now,
                               &input->activity);
    if (r == 0)
        r = baselines_since(tx, analysis->camera_id, &input->watched_since);
    return r;
}

static int read_previous(struct analysis *analysis, struct store_tx *tx)
{
    AUTO(event_list_release) struct event_list list = {0};
    struct event_filter filter = {.camera_id = analysis->camera_id, .reviewed = -1};
    struct page page = {.limit = 1};
    struct page_result result = {0};

    int r = events_list(tx, &filter, &page, &list, &result);
    if (r == 0 && list.count > 0)
        analysis->input.previous_event_end =
            list.items[0].ended_at ? list.items[0].ended_at : list.items[0].started_at;
    return r;
}

static void fill_input(struct analysis *analysis)
{
    const struct pipeline_settings *settings = &analysis->stage->settings;
    const struct batch_view *view = &analysis->view;

    analysis->input = (struct rule_input){.camera_name = analysis->camera_name,
                                          .started_at = view->started_at,
                                          .ended_at = view->ended_at,
                                          .classes = view->classes,
                                          .class_count = view->class_count,
                                          .detections = view->detections,
                                          .pictures = view->pictures,
                                          .largest_share = view->largest_share,
                                          .approach = view->approach,
                                          .stationary = view->stationary,
                                          .low_max = settings->severity_low_max,
                                          .medium_max = settings->severity_medium_max,
                                          .high_max = settings->severity_high_max};
    time_local(view->started_at, &analysis->input.hour, &analysis->input.weekday);
}

static int read_all(struct store_tx *tx, void *arg)
{
    struct analysis *analysis = arg;

    int r = detections_by_ids(tx, analysis->job->detection_ids, analysis->job->detection_count,
                              &analysis->detections);
    if (r == 0)
        r = batch_view_make(&analysis->detections, &analysis->view);
    if (r == 0)
        r = read_camera(analysis, tx);
    if (r < 0)
        return r;
    fill_input(analysis);
    r = read_baselines(analysis, tx);
    return r == 0 ? read_previous(analysis, tx) : r;
}

/* ---- The thumbnail ---- */

/* An event without a thumbnail is an event: its picture may be gone, the disk may be full. */
static void draw_thumbnail(struct analysis *analysis)
{
    const struct pipeline_settings *settings = &analysis->stage->settings;
    const struct detection *best = analysis->view.best;
    AUTO(mem_free) char *folder = mem_printf("%s/thumbnails", settings->data_dir);
    AUTO(buf_release) struct buf bytes = BUF_INIT;
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(fd_close) int fd = -1;
    struct thumbnail_settings how = {.folder = folder,
                                     .width = settings->thumbnail_width,
                                     .height = settings->thumbnail_height,
                                     .quality = settings->thumbnail_quality,
                                     .font_size = settings->thumbnail_font};

    int r = camera_file_open(settings->camera_root, best->file_path, O_RDONLY, &fd);
    if (r == 0)
        r = camera_file_read(fd, PICTURE_BYTES_MAX, &bytes);
    if (r < 0)
        buf_setf(&why, "%s", strerror(-r));
    else
        r = thumbnail_generate(&how, best, buf_span(&bytes), &analysis->thumbnail, &why);
    if (r < 0) {
        buf_reset(&analysis->thumbnail);
        log_warning(COMPONENT, "event=no_thumbnail batch=%s detection=%" PRId64 " error=%s",
                    log_value(analysis->job->batch_id), best->id, log_value(buf_text(&why)));
    }
}

/* ---- Writing ---- */

static int observe(const struct analysis *analysis, struct store_tx *tx)
{
    int r = 0;

    for (size_t i = 0; i < analysis->view.class_count && r == 0; i++)
        r = baselines_observe(tx, analysis->camera_id, analysis->view.classes[i].object_type,
                              analysis->input.hour, analysis->input.weekday, analysis->now);
    if (r == 0 && analysis->thumbnail.len)
        r = detections_set_thumbnail(tx, analysis->view.best->id, buf_text(&analysis->thumbnail));
    return r;
}

static int announce(struct analysis *analysis, struct store_tx *tx, struct event *event)
{
    size_t count = analysis->detections.count;
    AUTO(mem_free) int64_t *ids = mem_alloc_array(count, sizeof(*ids));

    for (size_t i = 0; i < count; i++)
        ids[i] = analysis->detections.items[i].id;
    event->detection_ids = ids;
    event->detection_count = count;
    int r = events_insert(tx, event, ids, count, &event->id);
    analysis->event_id = event->id;
    analysis->is_doubled = r == -EEXIST;
    if (r < 0)
        return analysis->is_doubled ? 0 : r;
    r = observe(analysis, tx);
    if (r == 0)
        r = announce_event(analysis->stage->parts.journal, tx,
                           &(struct event_news){.event = event,
                                                .camera_name = analysis->camera_name,
                                                .thumbnail_detection = analysis->view.best->id,
                                                .at = analysis->now});
    return r;
}

static bool is_fast_path(const struct analysis *analysis)
{
    return span_starts_with(span_of(analysis->job->batch_id), "fast_path_");
}

static int write_event(struct store_tx *tx, void *arg)
{
    struct analysis *analysis = arg;
    AUTO(json_release)
    json_t *factors = factors_to_json(analysis->verdict.factors, analysis->verdict.factor_count);
    AUTO(buf_release) struct buf factors_text = BUF_INIT;
    AUTO(mem_free) char *types = batch_view_types(&analysis->view);

    buf_add_json(&factors_text, factors);
    struct event event = {.batch_id = analysis->job->batch_id,
                          .camera_id = analysis->camera_id,
                          .started_at = analysis->view.started_at,
                          .ended_at = analysis->view.ended_at,
                          .risk_score = analysis->verdict.score,
                          .risk_level = (char *)analysis->verdict.level,
                          .summary = (char *)buf_text(&analysis->verdict.summary),
                          .reasoning = (char *)buf_text(&analysis->verdict.reasoning),
                          .factors = factors_text.data,
                          .assessed_by = "rules",
                          .is_fast_path = is_fast_path(analysis),
                          .object_types = types};
    int r = announce(analysis, tx, &event);
    if (r == 0)
        r = queue_finish(analysis->stage->parts.analyses, tx, analysis->queue_job);
    return r;
}

static int finish_job(struct store_tx *tx, void *arg)
{
    const struct analysis *analysis = arg;

    return queue_finish(analysis->stage->parts.analyses, tx, analysis->queue_job);
}

int analysis_run(struct analysis *analysis)
{
    struct store *store = analysis->stage->parts.store;

    analysis->now = time_now();
    int r = store_read(store, read_all, analysis);
    if (r == 0)
        r = rule_verdict_make(&analysis->input, &analysis->verdict);
    if (r == -ENODATA) {
        r = store_write(store, finish_job, analysis);
        return r < 0 ? r : -ENODATA;
    }
    if (r < 0)
        return r;
    draw_thumbnail(analysis);
    return store_write(store, write_event, analysis);
}

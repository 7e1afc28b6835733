#include "pipeline/pipeline.h"

#include "base/log.h"
#include "base/mem.h"
#include "loop/latch.h"
#include "loop/loop.h"
#include "pipeline/analysis_queue_worker.h"
#include "pipeline/batch_aggregator.h"
#include "pipeline/camera_registry.h"
#include "pipeline/detection_queue_worker.h"
#include "pipeline/file_watcher.h"
#include "pipeline/motion_detector.h"
#include "pipeline/on_loop.h"
#include "pipeline/stage.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define COMPONENT "pipeline"

/* The stages stand on a loop of their own: the core loop belongs to the journal's followers. */
struct pipeline {
    struct stage stage;
    struct tally tally;
    char *camera_root, *data_dir;
    char **fast_path_types;
    struct loop *loop;
    struct detector *detector;
    bool is_detector_ours;
    struct camera_registry *registry;
    struct batch_aggregator *aggregator;
    struct detection_queue_worker *detection;
    struct analysis_queue_worker *analysis;
    struct file_watcher *watcher;
};

/* ---- Settings ---- */

static char *copy_folder(const char *path)
{
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/')
        len--;
    return mem_strndup(path, len);
}

static char **copy_texts(const char *const *texts)
{
    size_t count = 0;

    while (texts && texts[count])
        count++;
    char **copy = mem_alloc_array(count + 1, sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        copy[i] = mem_strdup(texts[i]);
    return copy;
}

static void copy_settings(struct pipeline *pipeline, const struct pipeline_settings *settings)
{
    struct pipeline_settings *ours = &pipeline->stage.settings;

    *ours = *settings;
    ours->camera_root = pipeline->camera_root = copy_folder(settings->camera_root);
    ours->data_dir = pipeline->data_dir = copy_folder(settings->data_dir);
    pipeline->fast_path_types = copy_texts(settings->fast_path_types);
    ours->fast_path_types = (const char *const *)pipeline->fast_path_types;
    if (ours->detect_threads < 1)
        ours->detect_threads = 1;
}

static void free_settings(struct pipeline *pipeline)
{
    for (char **text = pipeline->fast_path_types; text && *text; text++)
        mem_free(text);
    mem_free(&pipeline->fast_path_types);
    mem_free(&pipeline->camera_root);
    mem_free(&pipeline->data_dir);
}

/* ---- Start ---- */

static int make_folder(const char *parent, const char *name, struct buf *why)
{
    AUTO(mem_free) char *path = mem_printf("%s/%s", parent, name);

    if (mkdir(path, 0750) == 0 || errno == EEXIST)
        return 0;
    int r = -errno;
    buf_setf(why, "%s cannot be made: %s", path, strerror(-r));
    return r;
}

static int open_detector(struct pipeline *pipeline)
{
    const struct pipeline_settings *settings = &pipeline->stage.settings;

    pipeline->detector = pipeline->stage.parts.detector;
    if (pipeline->detector)
        return 0;
    AUTO(mem_free) char *folder = mem_printf("%s/backgrounds", settings->data_dir);
    int r = motion_detector_new(folder, settings->scene_change_threshold, &pipeline->detector);
    pipeline->is_detector_ours = r == 0;
    return r;
}

static int read_last_seen(struct store_tx *tx, void *arg)
{
    return intake_last_seen(tx, arg);
}

static int start_workers(struct pipeline *pipeline)
{
    int r = loop_new("pipeline", &pipeline->loop);
    if (r == 0)
        r = loop_start(pipeline->loop);
    if (r == 0)
        r = batch_aggregator_new(&pipeline->stage, pipeline->loop, &pipeline->aggregator);
    if (r == 0)
        r = analysis_queue_worker_start(&pipeline->stage, pipeline->loop, &pipeline->analysis);
    if (r == 0)
        r = detection_queue_worker_start(&pipeline->stage, pipeline->loop, pipeline->detector,
                                         pipeline->aggregator, &pipeline->detection);
    if (r == 0)
        batch_aggregator_start(pipeline->aggregator);
    return r;
}

static int start_watcher(struct pipeline *pipeline, struct buf *why)
{
    const struct stage *stage = &pipeline->stage;
    int64_t last_seen = 0;

    int r = store_read(stage->parts.store, read_last_seen, &last_seen);
    if (r < 0)
        return r;
    pipeline->registry =
        camera_registry_new(stage->parts.store, stage->parts.journal, stage->settings.camera_root);
    r = camera_registry_bootstrap(pipeline->registry);
    if (r < 0 && r != -ENOENT) /* the root is made by the watcher; a full disk passes */
        log_warning(COMPONENT, "event=cameras_not_made error=%s", log_value(strerror(-r)));
    return file_watcher_start(stage, pipeline->registry, NULL, last_seen, &pipeline->watcher, why);
}

int pipeline_start(const struct pipeline_settings *settings, const struct pipeline_parts *parts,
                   struct pipeline **ret_pipeline, struct buf *why)
{
    struct pipeline *pipeline = mem_alloc(sizeof(*pipeline));

    copy_settings(pipeline, settings);
    pipeline->stage.parts = *parts;
    pipeline->stage.tally = &pipeline->tally;
    tally_init(&pipeline->tally);
    int r = make_folder(pipeline->data_dir, "backgrounds", why);
    if (r == 0)
        r = make_folder(pipeline->data_dir, "thumbnails", why);
    if (r == 0)
        r = open_detector(pipeline);
    if (r == 0)
        r = start_workers(pipeline);
    if (r == 0)
        r = start_watcher(pipeline, why);
    if (r < 0) {
        if (why && !why->len)
            buf_setf(why, "the pipeline cannot be started: %s", strerror(-r));
        pipeline_stop(&pipeline);
        return r;
    }
    *ret_pipeline = pipeline;
    return 0;
}

/* ---- Stop ---- */

static void on_idle(void *arg)
{
    latch_open(arg);
}

struct stopping {
    struct batch_aggregator *aggregator;
    struct latch idle;
};

static void stop_aggregator(void *arg)
{
    struct stopping *stopping = arg;

    batch_aggregator_stop(stopping->aggregator, on_idle, &stopping->idle);
}

/* What feeds stops before what is fed; what is under way is finished and written. */
static void stop_workers(struct pipeline *pipeline)
{
    file_watcher_stop(&pipeline->watcher);
    if (pipeline->detection)
        detection_queue_worker_stop(pipeline->detection);
    if (pipeline->aggregator) {
        struct stopping stopping = {.aggregator = pipeline->aggregator};
        latch_init(&stopping.idle);
        on_loop(pipeline->loop, stop_aggregator, &stopping);
        latch_wait(&stopping.idle);
        latch_release(&stopping.idle);
    }
    if (pipeline->analysis)
        analysis_queue_worker_stop(pipeline->analysis);
}

void pipeline_stop(struct pipeline **address)
{
    struct pipeline *pipeline = *address;

    *address = NULL;
    if (!pipeline)
        return;
    stop_workers(pipeline);
    if (pipeline->loop) {
        loop_stop(pipeline->loop);
        loop_join(pipeline->loop);
    }
    detection_queue_worker_free(&pipeline->detection);
    analysis_queue_worker_free(&pipeline->analysis);
    batch_aggregator_free(&pipeline->aggregator);
    loop_free(&pipeline->loop);
    camera_registry_free(&pipeline->registry);
    if (pipeline->is_detector_ours) {
        if (pipeline->detector->type->save)
            pipeline->detector->type->save(pipeline->detector);
        pipeline->detector->type->free(&pipeline->detector);
    }
    free_settings(pipeline);
    mem_free(&pipeline);
}

/* ---- Numbers ---- */

void pipeline_stats(const struct pipeline *pipeline, struct pipeline_stats *ret_stats)
{
    tally_read(&pipeline->tally, ret_stats);
}

#include "pipeline/camera_order.h"

#include "base/map.h"
#include "base/mem.h"
#include "loop/lane.h"
#include "pipeline/on_loop.h"

#include <stdio.h>

struct camera_line {
    char camera_id[CAMERA_ID_SIZE];
    struct list waiting;
    bool is_busy;
};

struct camera_order {
    struct loop *loop;
    struct lane *lane;
    struct map *lines; /* of cameras with work */
    bool is_stopping;
};

int camera_order_new(struct loop *loop, const char *name, unsigned threads, size_t at_once_max,
                     struct camera_order **ret_order)
{
    struct camera_order *order = mem_alloc(sizeof(*order));

    int r = lane_new(name, threads, at_once_max, &order->lane);
    if (r < 0) {
        mem_free(&order);
        return r;
    }
    order->loop = loop;
    order->lines = map_new();
    *ret_order = order;
    return 0;
}

static void start_next(struct camera_order *order, struct camera_line *line);

static void on_done(void *arg)
{
    struct camera_work *work = arg;

    work->line->is_busy = false;
    start_next(work->order, work->line);
    work->on_done(work->arg);
}

static void on_worker(void *arg)
{
    struct camera_work *work = arg;

    work->do_work(work->arg);
    loop_post(work->order->loop, on_done, work);
}

static void start_next(struct camera_order *order, struct camera_line *line)
{
    struct list *node = line->waiting.next;

    if (order->is_stopping)
        return;
    if (list_is_empty(&line->waiting)) {
        map_remove(order->lines, span_of(line->camera_id));
        mem_free(&line);
        return;
    }
    struct camera_work *work = CONTAINER_OF(node, struct camera_work, node);
    if (lane_submit(order->lane, on_worker, work) < 0)
        return; /* more at once than was said: it waits for its camera's next turn */
    list_remove(node);
    line->is_busy = true;
}

void camera_order_submit(struct camera_order *order, const char *camera_id,
                         struct camera_work *work)
{
    struct camera_line *line = map_get(order->lines, span_of(camera_id));

    if (!line) {
        line = mem_alloc(sizeof(*line));
        snprintf(line->camera_id, sizeof(line->camera_id), "%s", camera_id);
        list_init(&line->waiting);
        map_set(order->lines, span_of(camera_id), line);
    }
    work->order = order;
    work->line = line;
    list_append(&line->waiting, &work->node);
    if (!line->is_busy)
        start_next(order, line);
}

static void start_no_more(void *arg)
{
    struct camera_order *order = arg;

    order->is_stopping = true;
}

void camera_order_stop(struct camera_order *order)
{
    on_loop(order->loop, start_no_more, order);
    lane_free(&order->lane);
}

void camera_order_free(struct camera_order **order, camera_work_drop *drop)
{
    struct camera_line *line;
    struct list *node;
    size_t at = 0;

    if (!*order)
        return;
    while ((line = map_next((*order)->lines, &at, NULL))) {
        while ((node = list_take_first(&line->waiting)))
            drop(CONTAINER_OF(node, struct camera_work, node));
        mem_free(&line);
    }
    map_free(&(*order)->lines);
    mem_free(order);
}

/* camera_order: work of one camera one after another, of different cameras side by side.
 *
 * A lane of workers, and for each camera with work a line: only its first is with a worker. Thread:
 * the loop's. Limit: the caller's; what waits lies in the callers' structs. */
#pragma once

#include "base/list.h"
#include "base/own.h"
#include "loop/loop.h"
#include "pipeline/camera_folder.h"

struct camera_order;

/* Lies in the caller's struct. do_work is called on a worker, then on_done on the loop; when that
 * is called the camera's next one may already be with a worker. */
struct camera_work {
    struct list node;
    struct camera_order *order;
    struct camera_line *line;
    loop_call *do_work, *on_done;
    void *arg;
};

MUST_CHECK int camera_order_new(struct loop *loop, const char *name, unsigned threads,
                                size_t at_once_max, struct camera_order **ret_order);
void camera_order_submit(struct camera_order *order, const char *camera_id,
                         struct camera_work *work);

/* What is with a worker ends and its on_done is in the loop's mailbox; do_work of the others is
 * never called. Not on the loop's thread, while it runs. */
void camera_order_stop(struct camera_order *order);
/* After the loop has ended: what never began is given to `drop`. */
typedef void camera_work_drop(struct camera_work *work);
void camera_order_free(struct camera_order **order, camera_work_drop *drop);

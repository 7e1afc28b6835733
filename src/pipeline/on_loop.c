#include "pipeline/on_loop.h"

#include "loop/latch.h"

#include <assert.h>

struct waited_call {
    loop_call *call;
    void *arg;
    struct latch done;
};

static void call(void *arg)
{
    struct waited_call *waited = arg;

    waited->call(waited->arg);
    latch_open(&waited->done);
}

void on_loop(struct loop *loop, loop_call *wanted, void *arg)
{
    struct waited_call waited = {.call = wanted, .arg = arg};

    assert(!loop_is_here(loop));
    latch_init(&waited.done);
    loop_post(loop, call, &waited);
    latch_wait(&waited.done);
    latch_release(&waited.done);
}

#include "pipeline/dead_letters_sweep.h"

#include "base/log.h"
#include "pipeline/job.h"
#include "store/dead_letters.h"

#include <inttypes.h>

#define PAGE 500

struct sweep {
    const char *name;
    int offset;
    size_t count; /* letters of this page */
    unsigned failed;
};

static int sweep_letter(struct store_tx *tx, const struct dead_letter *letter, unsigned *failed)
{
    AUTO(detection_job_release) struct detection_job job = {0};

    if (detection_job_parse(span_of(letter->original_job), &job, NULL) < 0 || !job.intake_id)
        return 0;
    int r = intake_fail_queued(tx, job.intake_id,
                               letter->error_type ? letter->error_type : "failed", letter->error);
    if (r > 0)
        (*failed)++;
    return r < 0 ? r : 0;
}

static int sweep_page(struct store_tx *tx, void *arg)
{
    struct sweep *sweep = arg;
    AUTO(dead_letter_list_release) struct dead_letter_list list = {0};

    sweep->failed = 0;
    int r = dead_letters_list(tx, sweep->name, PAGE, sweep->offset, &list);
    sweep->count = list.count;
    for (size_t i = 0; i < list.count && r == 0; i++)
        r = sweep_letter(tx, &list.items[i], &sweep->failed);
    return r;
}

int dead_letters_sweep(const struct stage *stage)
{
    static const char *const names[] = {"dlq:" QUEUE_DETECTION, "dlq:overflow:" QUEUE_DETECTION};
    unsigned failed = 0;
    int r = 0;

    for (size_t i = 0; i < COUNT_OF(names) && r == 0; i++) {
        struct sweep sweep = {.name = names[i], .count = PAGE};
        for (; sweep.count == PAGE && r == 0; sweep.offset += PAGE) {
            r = store_write(stage->parts.store, sweep_page, &sweep);
            failed += r == 0 ? sweep.failed : 0;
        }
    }
    atomic_fetch_add(&stage->tally->outcomes[INTAKE_FAILED], failed);
    if (failed)
        log_warning("detection_queue_worker",
                    "event=files_set_aside count=%u: their jobs are dead "
                    "letters",
                    failed);
    return r;
}

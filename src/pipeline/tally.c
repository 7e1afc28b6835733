#include "pipeline/tally.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

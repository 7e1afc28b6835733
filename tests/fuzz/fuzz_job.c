/* What lies in a queue, read by whoever takes it; what was accepted is written and read again. */
#include "base/buf.h"
#include "pipeline/job.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void try_detection(struct span text)
{
    AUTO(detection_job_release) struct detection_job job = {0}, again = {0};
    AUTO(buf_release) struct buf why = BUF_INIT, body = BUF_INIT;

    if (detection_job_parse(text, &job, &why) < 0) {
        if (why.len == 0)
            abort();
        return;
    }
    detection_job_write(&job, &body);
    if (detection_job_parse(buf_span(&body), &again, NULL) < 0 ||
        strcmp(job.file_path, again.file_path) != 0 || job.timestamp != again.timestamp)
        abort();
}

static void try_analysis(struct span text)
{
    AUTO(analysis_job_release) struct analysis_job job = {0}, again = {0};
    AUTO(buf_release) struct buf why = BUF_INIT, body = BUF_INIT;

    if (analysis_job_parse(text, &job, &why) < 0) {
        if (why.len == 0)
            abort();
        return;
    }
    analysis_job_write(&job, &body);
    if (analysis_job_parse(buf_span(&body), &again, NULL) < 0 ||
        job.detection_count != again.detection_count)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct span text = {(const char *)bytes, len};

    try_detection(text);
    try_analysis(text);
    return 0;
}

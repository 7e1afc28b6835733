/* job: what lies in detection_queue and analysis_queue (pipeline contract §1.2), and how it is
 * checked.
 *
 * A queue is a way in: other programs may write into it, so a job is validated when it is taken.
 * Ours carry two members more: intake_id (the row to finish) and file_time (when the picture was
 * taken). Thread: any. Limit: JOB_BYTES_MAX of text, JOB_DETECTIONS_MAX ids. */
#pragma once

#include "base/buf.h"
#include "base/digest.h"
#include "base/own.h"
#include "base/span.h"
#include "pipeline/camera_folder.h"

#include <stddef.h>
#include <stdint.h>

#define JOB_BYTES_MAX (256 * 1024)
#define JOB_PATH_MAX 4096
#define JOB_BATCH_ID_MAX 128
#define JOB_DETECTIONS_MAX 10000

struct detection_job {
    char camera_id[CAMERA_ID_SIZE];
    char *file_path;
    int64_t timestamp;
    enum media_kind media;
    char file_hash[DIGEST_SHA256_HEX_SIZE]; /* "": not given */
    int64_t pipeline_start;                 /* 0: not given */
    int64_t intake_id;                      /* 0: not ours */
    int64_t file_time;                      /* 0: not given */
};

void detection_job_release(struct detection_job *job);
void detection_job_write(const struct detection_job *job, struct buf *out);
/* Returns 0, or -EINVAL with a sentence that names the member. The job is then untouched. */
MUST_CHECK int detection_job_parse(struct span body, struct detection_job *ret_job,
                                   struct buf *why);

struct analysis_job {
    char *batch_id;
    char camera_id[CAMERA_ID_SIZE]; /* "": not given */
    int64_t *detection_ids;         /* NULL: not given */
    size_t detection_count;
    int64_t pipeline_start; /* 0: not given */
    int64_t timestamp;      /* when the batch was closed; written, not checked */
    const char *reason;     /* "timeout", "idle", "max_size", "fast_path"; written, not read */
};

void analysis_job_release(struct analysis_job *job);
void analysis_job_write(const struct analysis_job *job, struct buf *out);
MUST_CHECK int analysis_job_parse(struct span body, struct analysis_job *ret_job, struct buf *why);

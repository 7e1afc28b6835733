#include "unit.h"

#include "base/mem.h"
#include "base/time.h"
#include "pipeline/job.h"

#include <errno.h>
#include <string.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static int detection(const char *body)
{
    AUTO(detection_job_release) struct detection_job job = {0};
    AUTO(buf_release) struct buf why = BUF_INIT;
    int r = detection_job_parse(span_of(body), &job, &why);

    assert_int_equal(r == 0, job.file_path != NULL);
    assert_int_equal(r == 0, why.len == 0);
    return r;
}

static void a_detection_job_comes_back(void **state)
{
    AUTO(detection_job_release) struct detection_job read = {0};
    AUTO(buf_release) struct buf body = BUF_INIT;
    char path[] = "/srv/cams/porch/a..b\n\"\xc3\xa9\".jpg";
    struct detection_job job = {.camera_id = "porch",
                                .file_path = path,
                                .timestamp = 1763720130123456,
                                .media = MEDIA_IMAGE,
                                .file_hash = HASH,
                                .pipeline_start = 1763720130000000,
                                .intake_id = 42,
                                .file_time = 1763720129000001};

    detection_job_write(&job, &body);
    assert_int_equal(detection_job_parse(buf_span(&body), &read, NULL), 0);
    assert_string_equal(read.camera_id, job.camera_id);
    assert_string_equal(read.file_path, job.file_path);
    assert_string_equal(read.file_hash, job.file_hash);
    assert_int_equal(read.timestamp, job.timestamp);
    assert_int_equal(read.pipeline_start, job.pipeline_start);
    assert_int_equal(read.file_time, job.file_time);
    assert_int_equal(read.media, MEDIA_IMAGE);
    assert_int_equal(read.intake_id, 42);
}

static void takes_what_the_contract_allows(void **state)
{
    AUTO(detection_job_release) struct detection_job job = {0};
    const char *body = "{\"camera_id\":\"Front-Door_1\",\"file_path\":\"/a\",\"timestamp\":"
                       "\"2026-01-01T00:00:00Z\",\"file_hash\":null,\"more\":[1]}";

    assert_int_equal(detection_job_parse(span_of(body), &job, NULL), 0);
    assert_int_equal(job.media, MEDIA_IMAGE);
    assert_int_equal(job.intake_id, 0);
    assert_string_equal(job.file_hash, "");
    assert_int_equal(job.timestamp, 1767225600 * TIME_SECOND);
    assert_int_equal(detection("{\"camera_id\":\"a\",\"file_path\":\"/a\",\"media_type\":\"video\","
                               "\"timestamp\":\"2026-01-01T00:00:00\"}"),
                     0);
}

#define D(camera, path, rest)                                                                      \
    "{\"camera_id\":" camera ",\"file_path\":" path ",\"timestamp\":\"2026-01-01T00:00:00Z\"" rest \
    "}"

static void refuses_bad_detection_jobs(void **state)
{
    static const char *const wrong[] = {
        "",
        "x",
        "[]",
        "{}",
        "null",
        D("\"\"", "\"/a\"", ""),
        D("\"a b\"", "\"/a\"", ""),
        D("\"a/b\"", "\"/a\"", ""),
        D("\"\\u00e9\"", "\"/a\"", ""),
        D("1", "\"/a\"", ""),
        D("null", "\"/a\"", ""),
        D("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "\"/a\"", ""),
        D("\"a\"", "\"a\"", ""),
        D("\"a\"", "\"\"", ""),
        D("\"a\"", "\"/a/../b\"", ""),
        D("\"a\"", "\"/..\"", ""),
        D("\"a\"", "\"/a\\u0000b\"", ""),
        D("\"a\"", "[]", ""),
        D("\"a\"", "\"/a\"", ",\"media_type\":\"audio\""),
        D("\"a\"", "\"/a\"", ",\"media_type\":1"),
        D("\"a\"", "\"/a\"", ",\"file_hash\":\"abc\""),
        D("\"a\"", "\"/a\"", ",\"file_hash\":\"" HASH "0\""),
        D("\"a\"", "\"/a\"", ",\"file_hash\":\"g123456789abcdef" HASH "\""),
        D("\"a\"", "\"/a\"", ",\"pipeline_start_time\":\"soon\""),
        D("\"a\"", "\"/a\"", ",\"intake_id\":-1"),
        D("\"a\"", "\"/a\"", ",\"intake_id\":\"1\""),
        "{\"camera_id\":\"a\",\"file_path\":\"/a\"}",
        "{\"camera_id\":\"a\",\"file_path\":\"/a\",\"timestamp\":12}",
        "{\"camera_id\":\"a\",\"file_path\":\"/a\",\"timestamp\":\"yesterday\"}",
    };

    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(detection(wrong[i]), -EINVAL);
}

static void refuses_long_paths(void **state)
{
    AUTO(buf_release) struct buf body = BUF_INIT;
    char *path = mem_alloc(JOB_PATH_MAX + 2);
    struct detection_job job = {.camera_id = "a", .file_path = path, .timestamp = 1};

    memset(path, 'a', JOB_PATH_MAX);
    path[0] = '/';
    detection_job_write(&job, &body);
    assert_int_equal(detection(buf_text(&body)), 0);
    path[JOB_PATH_MAX] = 'a';
    buf_reset(&body);
    detection_job_write(&job, &body);
    assert_int_equal(detection(buf_text(&body)), -EINVAL);
    mem_free(&path);
}

static int analysis(const char *body)
{
    AUTO(analysis_job_release) struct analysis_job job = {0};
    AUTO(buf_release) struct buf why = BUF_INIT;
    int r = analysis_job_parse(span_of(body), &job, &why);

    assert_int_equal(r == 0, job.batch_id != NULL);
    assert_int_equal(r == 0, why.len == 0);
    return r;
}

static void an_analysis_job_comes_back(void **state)
{
    AUTO(analysis_job_release) struct analysis_job read = {0};
    AUTO(buf_release) struct buf body = BUF_INIT;
    int64_t ids[] = {1, 900719925474099, 3};
    char batch[] = "batch-0a1b2c3d";
    struct analysis_job job = {.batch_id = batch,
                               .camera_id = "porch",
                               .detection_ids = ids,
                               .detection_count = COUNT_OF(ids),
                               .pipeline_start = 1763720130000000,
                               .timestamp = 1763720130500000,
                               .reason = "idle"};

    analysis_job_write(&job, &body);
    assert_int_equal(analysis_job_parse(buf_span(&body), &read, NULL), 0);
    assert_string_equal(read.batch_id, batch);
    assert_string_equal(read.camera_id, "porch");
    assert_int_equal(read.pipeline_start, job.pipeline_start);
    assert_int_equal(read.detection_count, COUNT_OF(ids));
    assert_memory_equal(read.detection_ids, ids, sizeof(ids));
}

static void takes_ids_as_text_or_not_at_all(void **state)
{
    AUTO(analysis_job_release) struct analysis_job job = {0};

    assert_int_equal(analysis_job_parse(
                         span_of("{\"batch_id\":\"b\",\"detection_ids\":[\"17\",2]}"), &job, NULL),
                     0);
    assert_int_equal(job.detection_ids[0], 17);
    assert_string_equal(job.camera_id, "");
    assert_int_equal(analysis("{\"batch_id\":\"b\",\"detection_ids\":null,\"camera_id\":null}"), 0);
    assert_int_equal(analysis("{\"batch_id\":\"b\",\"detection_ids\":[]}"), 0);
}

static void refuses_bad_analysis_jobs(void **state)
{
    static const char *const wrong[] = {
        "{}",
        "{\"batch_id\":\"\"}",
        "{\"batch_id\":7}",
        "{\"batch_id\":\"a\\nb\"}",
        "{\"batch_id\":\"a\\rb\"}",
        "{\"batch_id\":\"b\",\"camera_id\":\"a b\"}",
        "{\"batch_id\":\"b\",\"detection_ids\":7}",
        "{\"batch_id\":\"b\",\"detection_ids\":{}}",
        "{\"batch_id\":\"b\",\"detection_ids\":[0]}",
        "{\"batch_id\":\"b\",\"detection_ids\":[-1]}",
        "{\"batch_id\":\"b\",\"detection_ids\":[1.5]}",
        "{\"batch_id\":\"b\",\"detection_ids\":[\"\"]}",
        "{\"batch_id\":\"b\",\"detection_ids\":[\"1x\"]}",
        "{\"batch_id\":\"b\",\"detection_ids\":[\"99999999999999999999\"]}",
        "{\"batch_id\":\"b\",\"detection_ids\":[null]}",
        "{\"batch_id\":\"b\",\"pipeline_start_time\":1}",
    };

    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(analysis(wrong[i]), -EINVAL);
}

static void refuses_too_many_ids(void **state)
{
    AUTO(buf_release) struct buf body = BUF_INIT;

    buf_add_text(&body, "{\"batch_id\":\"b\",\"detection_ids\":[1");
    for (int i = 1; i < JOB_DETECTIONS_MAX; i++)
        buf_add_text(&body, ",1");
    size_t len = body.len;
    buf_add_text(&body, "]}");
    assert_int_equal(analysis(buf_text(&body)), 0);
    body.len = len;
    buf_add_text(&body, ",1]}");
    assert_int_equal(analysis(buf_text(&body)), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_detection_job_comes_back),
        cmocka_unit_test(takes_what_the_contract_allows),
        cmocka_unit_test(refuses_bad_detection_jobs),
        cmocka_unit_test(refuses_long_paths),
        cmocka_unit_test(an_analysis_job_comes_back),
        cmocka_unit_test(takes_ids_as_text_or_not_at_all),
        cmocka_unit_test(refuses_bad_analysis_jobs),
        cmocka_unit_test(refuses_too_many_ids),
    };
    return RUN_TESTS(tests);
}

#include "support/pipeline.h"

#include "pipeline/file_intake.h"
#include "pipeline/job.h"

#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

/* Examines, and enters what is to be entered. */
static enum file_verdict take_in(struct stage_bench *bench, const char *path,
                                 enum intake_outcome *ret_outcome)
{
    AUTO(file_intake_release)
    struct file_intake intake = {
        .stage = &bench->stage, .registry = bench->registry, .path = mem_strdup(path)};

    file_intake_examine(&intake);
    if (intake.verdict == FILE_ACCEPTED || intake.verdict == FILE_REFUSED)
        assert_int_equal(store_write(bench->journal.database.store, file_intake_enter, &intake), 0);
    if (ret_outcome)
        *ret_outcome = intake.outcome;
    return intake.verdict;
}

static enum file_verdict take_in_name(struct stage_bench *bench, const char *name,
                                      enum intake_outcome *ret_outcome)
{
    AUTO(mem_free) char *path = bench_path(bench, name);

    return take_in(bench, path, ret_outcome);
}

static void assert_refused(struct stage_bench *bench, const char *name, const char *reason)
{
    AUTO(mem_free)
    char *sql = mem_printf("SELECT reason FROM intake WHERE file_path LIKE '%%/%s'", name);
    enum intake_outcome outcome = INTAKE_QUEUED;

    assert_int_equal(take_in_name(bench, name, &outcome), FILE_REFUSED);
    assert_int_equal(outcome, INTAKE_REFUSED);
    bench_assert_text(bench, sql, reason);
    assert_int_equal(bench_int(bench, "SELECT count(*) FROM jobs"), 0);
}

static void a_picture_becomes_a_row_a_camera_and_a_job(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};
    AUTO(queue_job_release) struct queue_job taken = {0};
    AUTO(detection_job_release) struct detection_job job = {0};
    enum intake_outcome outcome;

    stage_bench_open(&bench);
    bench_mkdir(&bench, "Front Door");
    bench_drop_picture(&bench, "Front Door/a.jpg", 1);
    assert_int_equal(take_in_name(&bench, "Front Door/a.jpg", &outcome), FILE_ACCEPTED);
    assert_int_equal(outcome, INTAKE_QUEUED);
    bench_assert_text(&bench, "SELECT camera_id FROM intake", "front_door");
    bench_assert_text(&bench, "SELECT name FROM cameras WHERE id = 'front_door'", "Front Door");

    AUTO(json_release) json_t *told = bench_message(&bench, "camera_status", 0);
    assert_string_equal(json_member_text(told, "event_type"), "camera.online");
    assert_string_equal(json_member_text(told, "camera_id"), "front_door");
    assert_string_equal(json_member_text(told, "status"), "online");
    assert_true(json_is_null(json_object_get(told, "previous_status")));

    assert_int_equal(queue_take(bench.detections, PATIENCE_US, &taken), 1);
    assert_int_equal(detection_job_parse(span_of(taken.body), &job, NULL), 0);
    assert_string_equal(job.camera_id, "front_door");
    assert_int_equal(job.intake_id, bench_int(&bench, "SELECT id FROM intake"));
    AUTO(mem_free) char *hash = bench_text(&bench, "SELECT file_hash FROM intake");
    assert_string_equal(job.file_hash, hash);
    assert_int_equal(job.file_time, bench_int(&bench, "SELECT modified_at FROM intake"));
}

static void the_same_file_is_known(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    bench_drop_picture(&bench, "cam/a.jpg", 1);
    assert_int_equal(take_in_name(&bench, "cam/a.jpg", NULL), FILE_ACCEPTED);
    assert_int_equal(take_in_name(&bench, "cam/a.jpg", NULL), FILE_KNOWN);
    assert_int_equal(bench_int(&bench, "SELECT count(*) FROM intake"), 1);
}

static void the_same_bytes_are_a_duplicate_of_their_camera_only(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};
    enum intake_outcome outcome;

    stage_bench_open(&bench);
    bench_mkdir(&bench, "one");
    bench_mkdir(&bench, "two");
    bench_drop_picture(&bench, "one/a.jpg", 1);
    bench_drop_picture(&bench, "one/b.jpg", 1);
    bench_drop_picture(&bench, "two/a.jpg", 1);
    take_in_name(&bench, "one/a.jpg", &outcome);
    assert_int_equal(outcome, INTAKE_QUEUED);
    take_in_name(&bench, "one/b.jpg", &outcome);
    assert_int_equal(outcome, INTAKE_DUPLICATE);
    take_in_name(&bench, "two/a.jpg", &outcome);
    assert_int_equal(outcome, INTAKE_QUEUED);
    assert_int_equal(bench_int(&bench, "SELECT count(*) FROM jobs"), 2);
}

static void a_claim_ends(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};
    enum intake_outcome outcome;

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    for (int i = 0; i < 3; i++) {
        AUTO(mem_free) char *name = mem_printf("cam/%d.jpg", i);
        bench_drop_picture(&bench, name, 1);
        take_in_name(&bench, name, &outcome);
        assert_int_equal(outcome, i == 2 ? INTAKE_DUPLICATE : INTAKE_QUEUED);
        /* The first claim grows old; the second stays. */
        if (i == 0)
            bench_exec(&bench, "UPDATE intake SET seen_at = seen_at - 301000000");
    }
}

static void a_failed_file_holds_no_claim(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};
    enum intake_outcome outcome;

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    bench_drop_picture(&bench, "cam/a.jpg", 1);
    bench_drop_picture(&bench, "cam/b.jpg", 1);
    take_in_name(&bench, "cam/a.jpg", NULL);
    bench_exec(&bench, "UPDATE intake SET outcome = 'failed'");
    take_in_name(&bench, "cam/b.jpg", &outcome);
    assert_int_equal(outcome, INTAKE_QUEUED);
}

/* ---- Bad files ---- */

static void write_large_png(struct buf *out)
{
    size_t side = 7200; /* 51.8 million pixels */
    uint8_t *pixels = mem_alloc_array(side * side, 1);

    add_png(out, pixels, (int)side, (int)side, PNG_FORMAT_GRAY, NULL, 0);
    mem_free(&pixels);
}

static void bad_content_is_refused_with_its_reason(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};
    AUTO(buf_release) struct buf picture = BUF_INIT, large = BUF_INIT, text = BUF_INIT;

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    bench_picture(1, &picture);
    write_large_png(&large);
    while (text.len < 20000)
        buf_add_text(&text, "not a picture at all\n");

    bench_write(&bench, "cam/empty.jpg", SPAN_LITERAL(""));
    assert_refused(&bench, "cam/empty.jpg", "empty");
    bench_write(&bench, "cam/half.jpg", (struct span){picture.data, picture.len / 2});
    assert_refused(&bench, "cam/half.jpg", "truncated");
    bench_write(&bench, "cam/text.jpg", buf_span(&text));
    assert_refused(&bench, "cam/text.jpg", "not_a_picture");
    bench_write(&bench, "cam/large.png", buf_span(&large));
    assert_refused(&bench, "cam/large.png", "too_many_pixels");
    assert_int_equal(bench_int(&bench, "SELECT count(*) FROM intake WHERE detail <> ''"), 4);
}

static void a_sparse_giant_is_refused_unread(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    bench_write(&bench, "cam/giant.jpg", SPAN_LITERAL("x"));
    AUTO(mem_free) char *path = bench_path(&bench, "cam/giant.jpg");
    assert_int_equal(truncate(path, 1LL << 40), 0);
    assert_refused(&bench, "cam/giant.jpg", "too_large");
}

static void what_is_no_file_is_refused(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int socket_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    bench_mkdir(&bench, "cam/folder.jpg");
    assert_refused(&bench, "cam/folder.jpg", "not_a_file");
    AUTO(mem_free) char *pipe_path = bench_path(&bench, "cam/pipe.jpg");
    assert_int_equal(mkfifo(pipe_path, 0644), 0);
    assert_refused(&bench, "cam/pipe.jpg", "not_a_file");
    AUTO(mem_free) char *socket_path = bench_path(&bench, "cam/s.jpg");
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
    assert_int_equal(bind(socket_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_refused(&bench, "cam/s.jpg", "not_a_file");
    close(socket_fd);
    AUTO(mem_free) char *link_path = bench_path(&bench, "cam/link.jpg");
    assert_int_equal(symlink("/etc/passwd", link_path), 0);
    assert_refused(&bench, "cam/link.jpg", "symlink");
    assert_refused(&bench, "cam/never.jpg", "vanished");
}

static void a_link_on_the_way_is_refused(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};
    AUTO(scratch_free) char *outside = scratch_new();

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    AUTO(mem_free) char *secret = mem_printf("%s/secret.jpg", outside);
    AUTO(buf_release) struct buf picture = BUF_INIT;
    bench_picture(1, &picture);
    FILE *file = fopen(secret, "w");
    fwrite(picture.data, 1, picture.len, file);
    fclose(file);
    AUTO(mem_free) char *link_path = bench_path(&bench, "cam/out");
    assert_int_equal(symlink(outside, link_path), 0);
    assert_refused(&bench, "cam/out/secret.jpg", "symlink");
}

static void a_png_named_jpg_is_taken(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};
    AUTO(picture_free) struct picture *picture = paint_scene(160, 120);
    AUTO(buf_release) struct buf png = BUF_INIT;

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    add_png(&png, picture->pixels, 160, 120, PNG_FORMAT_RGB, NULL, 0);
    bench_write(&bench, "cam/a.jpg", buf_span(&png));
    assert_int_equal(take_in_name(&bench, "cam/a.jpg", NULL), FILE_ACCEPTED);
}

static void odd_names_are_handled(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    bench_drop_picture(&bench, "cam/new\nline.jpg", 1);
    assert_int_equal(take_in_name(&bench, "cam/new\nline.jpg", NULL), FILE_ACCEPTED);
    bench_drop_picture(&bench, "cam/two..dots.jpg", 2);
    assert_int_equal(take_in_name(&bench, "cam/two..dots.jpg", NULL), FILE_ACCEPTED);
    bench_drop_picture(&bench, "cam/\xff\xfe.jpg", 3);
    assert_int_equal(take_in_name(&bench, "cam/\xff\xfe.jpg", NULL), FILE_REFUSED);
    bench_assert_text(&bench, "SELECT reason FROM intake WHERE outcome = 'refused'", "bad_name");
    assert_int_equal(take_in_name(&bench, "cam/\xff\xfe.jpg", NULL), FILE_KNOWN);
}

/* Root reads everything; without these two it is held to the modes like anybody. */
static void respect_modes(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];

    assert_int_equal(syscall(SYS_capget, &header, data), 0);
    data[0].effective &= ~(1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH);
    assert_int_equal(syscall(SYS_capset, &header, data), 0);
}

static void an_unreadable_file_is_refused(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    bench_drop_picture(&bench, "cam/a.jpg", 1);
    AUTO(mem_free) char *path = bench_path(&bench, "cam/a.jpg");
    assert_int_equal(chmod(path, 0), 0);
    assert_refused(&bench, "cam/a.jpg", "unreadable");
}

static void a_file_in_an_unreadable_folder_waits(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    bench_drop_picture(&bench, "cam/a.jpg", 1);
    AUTO(mem_free) char *folder = bench_path(&bench, "cam");
    assert_int_equal(chmod(folder, 0), 0);
    assert_int_equal(take_in_name(&bench, "cam/a.jpg", NULL), FILE_LATER);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(take_in_name(&bench, "cam/a.jpg", NULL), FILE_ACCEPTED);
    assert_int_equal(take_in_name(&bench, "gone/a.jpg", NULL), FILE_GONE);
}

static void files_of_a_deleted_camera_are_refused(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    bench_drop_picture(&bench, "cam/a.jpg", 1);
    bench_drop_picture(&bench, "cam/b.jpg", 2);
    take_in_name(&bench, "cam/a.jpg", NULL);
    bench_exec(&bench, "DELETE FROM jobs");
    bench_exec(&bench, "UPDATE cameras SET deleted_at = 1");
    take_in_name(&bench, "cam/b.jpg", NULL);
    bench_assert_text(&bench, "SELECT reason FROM intake WHERE outcome = 'refused'",
                      "camera_deleted");
    assert_int_equal(bench_int(&bench, "SELECT count(*) FROM jobs"), 0);
}

static void a_deleted_camera_elsewhere_keeps_its_id(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};
    AUTO(file_intake_release) struct file_intake intake = {.stage = &bench.stage};

    stage_bench_open(&bench);
    bench_exec(&bench, "INSERT INTO cameras (id, name, folder_path, created_at, deleted_at) "
                       "VALUES ('cam', 'Old one', '/elsewhere', 1, 2)");
    bench_mkdir(&bench, "cam");
    bench_drop_picture(&bench, "cam/a.jpg", 1);
    intake.registry = bench.registry;
    intake.path = bench_path(&bench, "cam/a.jpg");
    file_intake_examine(&intake);
    assert_int_equal(store_write(bench.journal.database.store, file_intake_enter, &intake),
                     -EEXIST);
    bench_count(&bench, "queued", 0);
    file_intake_refuse_camera(&intake);
    assert_int_equal(store_write(bench.journal.database.store, file_intake_enter, &intake), 0);
    bench_assert_text(&bench, "SELECT reason FROM intake", "camera_conflict");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_becomes_a_row_a_camera_and_a_job),
        cmocka_unit_test(the_same_file_is_known),
        cmocka_unit_test(the_same_bytes_are_a_duplicate_of_their_camera_only),
        cmocka_unit_test(a_claim_ends),
        cmocka_unit_test(a_failed_file_holds_no_claim),
        cmocka_unit_test(bad_content_is_refused_with_its_reason),
        cmocka_unit_test(a_sparse_giant_is_refused_unread),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(a_link_on_the_way_is_refused),
        cmocka_unit_test(a_png_named_jpg_is_taken),
        cmocka_unit_test(odd_names_are_handled),
        cmocka_unit_test(files_of_a_deleted_camera_are_refused),
        cmocka_unit_test(a_deleted_camera_elsewhere_keeps_its_id),
        cmocka_unit_test(an_unreadable_file_is_refused),
        cmocka_unit_test(a_file_in_an_unreadable_folder_waits),
    };

    respect_modes();
    return RUN_TESTS(tests);
}

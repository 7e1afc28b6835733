#include "support/pipeline.h"

#include "pipeline/camera_registry.h"
#include "store/cameras.h"

struct resolving {
    struct stage_bench *bench;
    const char *folder;
    char id[CAMERA_ID_SIZE];
};

static int resolve_in_tx(struct store_tx *tx, void *arg)
{
    struct resolving *resolving = arg;

    return camera_registry_resolve(resolving->bench->registry, tx, span_of(resolving->folder),
                                   resolving->id);
}

static int resolve(struct stage_bench *bench, const char *folder, const char *expected)
{
    struct resolving resolving = {.bench = bench, .folder = folder};
    int r = store_write(bench->journal.database.store, resolve_in_tx, &resolving);

    if (expected)
        assert_string_equal(resolving.id, expected);
    return r;
}

static void makes_a_camera_of_a_folder_once(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    assert_int_equal(resolve(&bench, "Front Door", "front_door"), 0);
    assert_int_equal(resolve(&bench, "Front Door", "front_door"), 0);
    assert_int_equal(bench_int(&bench, "SELECT count(*) FROM cameras"), 1);
    assert_int_equal(bench_messages(&bench, "camera_status"), 1);
    AUTO(mem_free) char *path = bench_path(&bench, "Front Door");
    bench_assert_text(&bench, "SELECT folder_path FROM cameras", path);
}

static void folders_with_one_id_share_the_camera(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    assert_int_equal(resolve(&bench, "Front Door", "front_door"), 0);
    assert_int_equal(resolve(&bench, "front-door", "front_door"), 0);
    assert_int_equal(bench_int(&bench, "SELECT count(*) FROM cameras"), 1);
}

static void a_camera_of_the_owners_keeps_its_folder(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};
    AUTO(mem_free) char *sql = NULL;

    stage_bench_open(&bench);
    sql = mem_printf("INSERT INTO cameras (id, name, folder_path, created_at) VALUES "
                     "('my_camera', 'Mine', '%s/feed 1', 1), ('x', 'garden', '/elsewhere', 1)",
                     bench.root);
    bench_exec(&bench, sql);
    assert_int_equal(resolve(&bench, "feed 1", "my_camera"), 0);
    /* The name is taken by another camera: the id tells them apart. */
    assert_int_equal(resolve(&bench, "garden", "garden"), 0);
    bench_assert_text(&bench, "SELECT name FROM cameras WHERE id = 'garden'", "garden (garden)");
}

static void refuses_what_cannot_be_a_camera(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    assert_int_equal(resolve(&bench, "---", NULL), -EINVAL);
    assert_int_equal(resolve(&bench, "a\xff", NULL), -EINVAL);
    assert_int_equal(resolve(&bench, "cam", "cam"), 0);
    bench_exec(&bench, "UPDATE cameras SET deleted_at = 1");
    assert_int_equal(resolve(&bench, "cam", "cam"), -ENOENT);
    assert_int_equal(bench_int(&bench, "SELECT count(*) FROM cameras"), 1);
}

static void a_name_is_made_readable(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    assert_int_equal(resolve(&bench, "new\nline", "new_line"), 0);
    bench_assert_text(&bench, "SELECT name FROM cameras", "new line");
}

static void begins_with_the_folders_there_are(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    bench_mkdir(&bench, "Porch");
    bench_mkdir(&bench, "garden");
    bench_mkdir(&bench, ".hidden");
    bench_mkdir(&bench, "lost+found");
    bench_mkdir(&bench, "---");
    bench_write(&bench, "file.jpg", SPAN_LITERAL("x"));
    assert_int_equal(camera_registry_bootstrap(bench.registry), 2);
    assert_int_equal(bench_int(&bench, "SELECT count(*) FROM cameras"), 2);
    bench_mkdir(&bench, "later");
    assert_int_equal(camera_registry_bootstrap(bench.registry), 0);
}

static void tells_what_changed_and_nothing_else(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    bench_mkdir(&bench, "cam");
    bench_mkdir(&bench, "silent");
    assert_int_equal(camera_registry_bootstrap(bench.registry), 2);
    bench_exec(&bench, "INSERT INTO cameras (id, name, folder_path, created_at) VALUES "
                       "('planned', 'Planned', '/nowhere/planned', 1)");
    assert_int_equal(camera_registry_check(bench.registry), 0);
    assert_int_equal(camera_registry_check(bench.registry), 0);
    assert_int_equal(bench_messages(&bench, "camera_status"), 2);

    AUTO(mem_free) char *path = bench_path(&bench, "cam");
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(camera_registry_check(bench.registry), 0);
    assert_int_equal(camera_registry_check(bench.registry), 0);
    AUTO(json_release) json_t *gone = bench_message(&bench, "camera_status", 2);
    assert_string_equal(json_member_text(gone, "event_type"), "camera.error");
    assert_string_equal(json_member_text(gone, "status"), "error");
    assert_string_equal(json_member_text(gone, "previous_status"), "online");
    assert_string_equal(json_member_text(gone, "reason"), "folder_missing");
    assert_non_null(strstr(json_member_text(gone, "details"), path));

    bench_write(&bench, "cam", SPAN_LITERAL("a file now"));
    bench_mkdir(&bench, "other");
    assert_int_equal(camera_registry_check(bench.registry), 0);
    assert_int_equal(unlink(path), 0);
    bench_mkdir(&bench, "cam");
    assert_int_equal(camera_registry_check(bench.registry), 0);
    assert_int_equal(bench_messages(&bench, "camera_status"), 4);
    AUTO(json_release) json_t *back = bench_message(&bench, "camera_status", 3);
    assert_string_equal(json_member_text(back, "event_type"), "camera.online");
    assert_string_equal(json_member_text(back, "previous_status"), "error");
    bench_assert_text(&bench, "SELECT status FROM cameras WHERE id = 'planned'", "online");
}

static void after_a_restart_a_missing_folder_is_still_missed(void **state)
{
    AUTO(stage_bench_release) struct stage_bench bench = {0};

    stage_bench_open(&bench);
    bench_exec(&bench, "INSERT INTO cameras (id, name, folder_path, created_at, last_seen_at) "
                       "VALUES ('cam', 'Cam', '/nowhere/cam', 1, 2)");
    assert_int_equal(camera_registry_check(bench.registry), 0);
    bench_assert_text(&bench, "SELECT status FROM cameras", "error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_a_camera_of_a_folder_once),
        cmocka_unit_test(folders_with_one_id_share_the_camera),
        cmocka_unit_test(a_camera_of_the_owners_keeps_its_folder),
        cmocka_unit_test(refuses_what_cannot_be_a_camera),
        cmocka_unit_test(a_name_is_made_readable),
        cmocka_unit_test(begins_with_the_folders_there_are),
        cmocka_unit_test(tells_what_changed_and_nothing_else),
        cmocka_unit_test(after_a_restart_a_missing_folder_is_still_missed),
    };
    return RUN_TESTS(tests);
}

#include "unit.h"

#include "store/cameras.h"
#include "support/database.h"

#include <errno.h>

static int good_life(struct store_tx *tx, void *arg)
{
    AUTO(camera_release) struct camera read = {0};
    struct camera camera = {.id = "porch", .name = "Porch", .folder_path = "/c/porch"};
    int64_t before = time_now();

    assert_int_equal(cameras_get(tx, "porch", &read), -ENOENT);
    assert_int_equal(cameras_insert(tx, &camera), 0);
    assert_int_equal(cameras_get(tx, "porch", &read), 0);
    assert_string_equal(read.name, "Porch");
    assert_string_equal(read.folder_path, "/c/porch");
    assert_int_equal(read.status, CAMERA_ONLINE);
    assert_true(read.created_at >= before);
    assert_int_equal(read.last_seen_at, 0);
    assert_int_equal(read.deleted_at, 0);
    camera_release(&read);

    assert_int_equal(cameras_set_status(tx, "porch", CAMERA_ONLINE), 0);
    assert_int_equal(cameras_set_status(tx, "porch", CAMERA_ERROR), 1);
    assert_int_equal(cameras_set_status(tx, "none", CAMERA_ERROR), -ENOENT);
    assert_int_equal(cameras_touch(tx, "porch", 500), 0);
    assert_int_equal(cameras_touch(tx, "porch", 400), 0);
    assert_int_equal(cameras_touch(tx, "none", 400), -ENOENT);
    camera.name = "Front";
    camera.folder_path = "/c/front";
    camera.status = CAMERA_OFFLINE;
    assert_int_equal(cameras_update(tx, &camera), 0);
    assert_int_equal(cameras_get(tx, "porch", &read), 0);
    assert_string_equal(read.name, "Front");
    assert_int_equal(read.status, CAMERA_OFFLINE);
    assert_int_equal(read.last_seen_at, 500);
    return 0;
}

static void a_camera_lives(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    assert_int_equal(store_write(database.store, good_life, NULL), 0);
}

/* All refusals in one transaction: none of them costs it. */
static int conflicts(struct store_tx *tx, void *arg)
{
    AUTO(camera_release) struct camera by_folder = {0}, by_name = {0};
    struct camera porch = {.id = "porch", .name = "Porch", .folder_path = "/c/porch"};
    struct camera yard = {.id = "yard", .name = "Yard", .folder_path = "/c/yard"};
    struct camera camera;

    assert_int_equal(cameras_insert(tx, &porch), 0);
    assert_int_equal(cameras_insert(tx, &yard), 0);
    assert_int_equal(cameras_insert(tx, &porch), -EEXIST);
    camera = (struct camera){.id = "new", .name = "Porch", .folder_path = "/c/new"};
    assert_int_equal(cameras_insert(tx, &camera), -EEXIST);
    camera = (struct camera){.id = "new", .name = "New", .folder_path = "/c/porch"};
    assert_int_equal(cameras_insert(tx, &camera), -EEXIST);
    camera = (struct camera){.id = "yard", .name = "Porch", .folder_path = "/c/yard"};
    assert_int_equal(cameras_update(tx, &camera), -EEXIST);
    camera = (struct camera){.id = "yard", .name = "Yard", .folder_path = "/c/porch"};
    assert_int_equal(cameras_update(tx, &camera), -EEXIST);
    camera = (struct camera){.id = "none", .name = "None", .folder_path = "/c/none"};
    assert_int_equal(cameras_update(tx, &camera), -ENOENT);
    assert_int_equal(cameras_find_folder(tx, "/c/porch", &by_folder), 0);
    assert_string_equal(by_folder.id, "porch");
    assert_int_equal(cameras_find_name(tx, "Yard", &by_name), 0);
    assert_string_equal(by_name.id, "yard");
    assert_int_equal(cameras_find_name(tx, "None", &by_name), -ENOENT);
    return 0;
}

static void names_and_folders_are_taken_once(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    assert_int_equal(store_write(database.store, conflicts, NULL), 0);
    assert_int_equal(database_int(&database, "SELECT count(*) FROM cameras"), 2);
}

static int deletes(struct store_tx *tx, void *arg)
{
    AUTO(camera_list_release) struct camera_list list = {0};
    AUTO(camera_release) struct camera found = {0};
    struct camera porch = {.id = "porch", .name = "Porch", .folder_path = "/c/porch"};
    struct camera attic = {
        .id = "attic", .name = "Attic", .folder_path = "/c/attic", .status = CAMERA_ERROR};
    enum camera_status online = CAMERA_ONLINE;

    assert_int_equal(cameras_insert(tx, &porch), 0);
    assert_int_equal(cameras_insert(tx, &attic), 0);
    assert_int_equal(cameras_list(tx, NULL, &list), 0);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].id, "attic"); /* by name */
    camera_list_release(&list);
    assert_int_equal(cameras_list(tx, &online, &list), 0);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].id, "porch");
    camera_list_release(&list);

    assert_int_equal(cameras_delete(tx, "porch"), 0);
    assert_int_equal(cameras_delete(tx, "porch"), -ENOENT);
    assert_int_equal(cameras_get(tx, "porch", &found), -ENOENT);
    assert_int_equal(cameras_set_status(tx, "porch", CAMERA_ERROR), -ENOENT);
    assert_int_equal(cameras_update(tx, &porch), -ENOENT);
    assert_int_equal(cameras_list(tx, NULL, &list), 0);
    assert_int_equal(list.count, 1);
    assert_int_equal(cameras_find_folder(tx, "/c/porch", &found), 0);
    assert_true(found.deleted_at > 0);

    assert_int_equal(cameras_restore(tx, &attic), -ENOENT); /* it is not deleted */
    porch.name = "Attic";
    assert_int_equal(cameras_restore(tx, &porch), -EEXIST);
    porch.name = "Porch again";
    assert_int_equal(cameras_restore(tx, &porch), 0);
    camera_release(&found);
    assert_int_equal(cameras_get(tx, "porch", &found), 0);
    assert_string_equal(found.name, "Porch again");
    assert_int_equal(found.deleted_at, 0);
    return 0;
}

static void a_deleted_one_is_hidden_and_keeps_its_name(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    assert_int_equal(store_write(database.store, deletes, NULL), 0);
}

static void a_status_has_a_name(void **state)
{
    enum camera_status status;

    for (int i = CAMERA_ONLINE; i <= CAMERA_UNKNOWN; i++) {
        assert_int_equal(camera_status_parse(camera_status_name((enum camera_status)i), &status),
                         0);
        assert_int_equal(status, i);
    }
    assert_int_equal(camera_status_parse("Online", &status), -EINVAL);
    assert_int_equal(camera_status_parse("", &status), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_camera_lives),
        cmocka_unit_test(names_and_folders_are_taken_once),
        cmocka_unit_test(a_deleted_one_is_hidden_and_keeps_its_name),
        cmocka_unit_test(a_status_has_a_name),
    };

    return RUN_TESTS(tests);
}

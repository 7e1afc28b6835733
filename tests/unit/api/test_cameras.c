#include "site.h"

static int set_up(void **state)
{
    *state = site_open(NULL);
    return 0;
}

static int tear_down(void **state)
{
    struct site *site = *state;
    site_close(&site);
    return 0;
}

static void test_a_camera_lives(void **state)
{
    struct site *site = *state;
    AUTO(mem_free) char *folder = mem_printf("%s/Front Door", site->cameras);

    site_send(site, "POST", "/api/cameras",
              "{\"name\":\"  Front door \",\"folder_path\":\"./Front Door//\",\"extra\":1}", 201);
    assert_true(site_header_is(site, "Location", "/api/cameras/front_door"));
    assert_member(site, "id", "front_door");
    assert_member(site, "name", "Front door");
    assert_member(site, "folder_path", folder);
    assert_member(site, "status", "online");
    assert_member(site, "last_seen_at", "");

    site_send(site, "PATCH", "/api/cameras/front_door", "{\"status\":\"offline\"}", 200);
    assert_member(site, "name", "Front door");
    site_get(site, "/api/cameras/front_door", 200);
    assert_member(site, "status", "offline");
    site_send(site, "PATCH", "/api/cameras/front_door", "{\"name\":\"Door\",\"status\":null}", 200);
    assert_member(site, "name", "Door");
    assert_member(site, "status", "offline");

    site_ask(site, "DELETE", "/api/cameras/front_door", "", 204);
    assert_int_equal(site->answer.body.len, 0);
    site_get(site, "/api/cameras/front_door", 404);
    assert_member(site, "error_code", "CAMERA_NOT_FOUND");
    site_ask(site, "DELETE", "/api/cameras/front_door", "", 404);
    site_send(site, "PATCH", "/api/cameras/front_door", "{}", 404);
}

static void test_the_same_folder_is_the_same_camera_again(void **state)
{
    struct site *site = *state;
    site_send(site, "POST", "/api/cameras", "{\"name\":\"A\",\"folder_path\":\"porch\"}", 201);
    site_ask(site, "DELETE", "/api/cameras/porch", "", 204);
    site_send(site, "POST", "/api/cameras", "{\"name\":\"B\",\"folder_path\":\"porch\"}", 201);
    assert_member(site, "id", "porch");
    assert_member(site, "name", "B");
    site_get(site, "/api/cameras", 200);
    assert_member(site, "pagination.total", "1");
}

static void test_names_and_folders_are_taken_once(void **state)
{
    struct site *site = *state;
    site_send(site, "POST", "/api/cameras", "{\"name\":\"A\",\"folder_path\":\"one/porch\"}", 201);
    site_send(site, "POST", "/api/cameras", "{\"name\":\"A\",\"folder_path\":\"two\"}", 409);
    assert_member(site, "error_code", "CAMERA_ALREADY_EXISTS");
    assert_member(site, "detail", "Camera 'porch' has this name");
    site_send(site, "POST", "/api/cameras", "{\"name\":\"B\",\"folder_path\":\"one//porch/\"}",
              409);
    assert_member(site, "detail", "Camera 'porch' has this folder");
    site_send(site, "POST", "/api/cameras", "{\"name\":\"B\",\"folder_path\":\"two/Porch\"}", 201);
    assert_member(site, "id", "porch_2");
    site_send(site, "POST", "/api/cameras", "{\"name\":\"C\",\"folder_path\":\"three/porch\"}",
              201);
    assert_member(site, "id", "porch_3");
    site_send(site, "PATCH", "/api/cameras/porch_2", "{\"name\":\"A\"}", 409);
    site_send(site, "PATCH", "/api/cameras/porch_2", "{\"folder_path\":\"one/porch\"}", 409);
    site_send(site, "PATCH", "/api/cameras/porch_2",
              "{\"name\":\"B\",\"folder_path\":\"two/Porch\"}", 200);
}

static void test_wrong_members_are_all_named(void **state)
{
    struct site *site = *state;
    static const struct {
        const char *body, *field;
    } wrong[] = {
        {"{\"folder_path\":\"a\"}", "body.name"},
        {"{\"name\":null,\"folder_path\":\"a\"}", "body.name"},
        {"{\"name\":\"  \",\"folder_path\":\"a\"}", "body.name"},
        {"{\"name\":7,\"folder_path\":\"a\"}", "body.name"},
        {"{\"name\":\"a\\nb\",\"folder_path\":\"a\"}", "body.name"},
        {"{\"name\":\"a\\u007f\",\"folder_path\":\"a\"}", "body.name"},
        {"{\"name\":\"a\"}", "body.folder_path"},
        {"{\"name\":\"a\",\"folder_path\":\"\"}", "body.folder_path"},
        {"{\"name\":\"a\",\"folder_path\":\".\"}", "body.folder_path"},
        {"{\"name\":\"a\",\"folder_path\":\"a/../b\"}", "body.folder_path"},
        {"{\"name\":\"a\",\"folder_path\":\"..\"}", "body.folder_path"},
        {"{\"name\":\"a\",\"folder_path\":\"a|b\"}", "body.folder_path"},
        {"{\"name\":\"a\",\"folder_path\":\"a\\tb\"}", "body.folder_path"},
        {"{\"name\":\"a\",\"folder_path\":\"/etc\"}", "body.folder_path"},
        {"{\"name\":\"a\",\"folder_path\":\"/\"}", "body.folder_path"},
        {"{\"name\":\"a\",\"folder_path\":\"!!\"}", "body.folder_path"},
        {"{\"name\":\"a\",\"folder_path\":\"a\",\"status\":\"asleep\"}", "body.status"},
        {"{\"name\":\"a\",\"folder_path\":\"a\",\"status\":1}", "body.status"},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        site_send(site, "POST", "/api/cameras", wrong[i].body, 422);
        assert_member(site, "error.errors.0.field", wrong[i].field);
        assert_member(site, "error.errors.1.field", "");
    }
    site_send(site, "POST", "/api/cameras", "{\"name\":5,\"folder_path\":\"..\",\"status\":\"x\"}",
              422);
    assert_member(site, "error.errors.0.value", "5");
    assert_member(site, "error.errors.1.value", "..");
    assert_member(site, "error.errors.2.value", "x");
    site_get(site, "/api/cameras", 200);
    assert_member(site, "pagination.total", "0");
}

static void test_an_absolute_folder_below_the_root_is_fine(void **state)
{
    struct site *site = *state;
    AUTO(mem_free)
    char *body = mem_printf("{\"name\":\"a\",\"folder_path\":\"%s/yard\"}", site->cameras);
    AUTO(mem_free)
    char *twin = mem_printf("{\"name\":\"b\",\"folder_path\":\"%s-twin/yard\"}", site->cameras);
    AUTO(mem_free)
    char *root = mem_printf("{\"name\":\"c\",\"folder_path\":\"%s/\"}", site->cameras);
    site_send(site, "POST", "/api/cameras", body, 201);
    assert_member(site, "id", "yard");
    site_send(site, "POST", "/api/cameras", twin, 422);
    site_send(site, "POST", "/api/cameras", root, 422);
}

static void test_the_list_is_filtered_and_trimmed(void **state)
{
    struct site *site = *state;
    site_add_camera(site, "b", "Bravo");
    site_add_camera(site, "a", "Alpha");
    site_send(site, "PATCH", "/api/cameras/b", "{\"status\":\"error\"}", 200);

    site_get(site, "/api/cameras?limit=1000", 200);
    assert_member(site, "items.0.name", "Alpha");
    assert_member(site, "items.1.name", "Bravo");
    assert_member(site, "pagination.total", "2");
    assert_member(site, "pagination.has_more", "false");
    site_get(site, "/api/cameras?status=error&fields=id,%20status", 200);
    assert_member(site, "items", "[{\"id\":\"b\",\"status\":\"error\"}]");
    site_get(site, "/api/cameras?status=asleep", 422);
    assert_member(site, "error.errors.0.field", "query.status");
    assert_member(site, "error.errors.0.value", "asleep");
    site_get(site, "/api/cameras?fields=id,secret", 400);
}

/* What changes here is told to whoever watches, in the same transaction. */
static void test_changes_are_in_the_journal(void **state)
{
    struct site *site = *state;
    struct message *messages[8];

    site_send(site, "POST", "/api/cameras", "{\"name\":\"A\",\"folder_path\":\"a\"}", 201);
    site_send(site, "PATCH", "/api/cameras/a", "{\"status\":\"offline\"}", 200);
    site_send(site, "PATCH", "/api/cameras/a", "{\"name\":\"\"}", 422);
    assert_int_equal(journal_read(site->journal, 1, COUNT_OF(messages), messages), 2);
    assert_true(span_is(messages[1]->type, "camera_status"));
    AUTO(json_release) json_t *data = NULL;
    assert_int_equal(json_parse(messages[1]->data, &data, NULL), 0);
    assert_string_equal(json_member_text(data, "event_type"), "camera.offline");
    assert_string_equal(json_member_text(data, "previous_status"), "online");
    message_unref(&messages[0]);
    message_unref(&messages[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_camera_lives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_same_folder_is_the_same_camera_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_names_and_folders_are_taken_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_members_are_all_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_absolute_folder_below_the_root_is_fine, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_list_is_filtered_and_trimmed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_changes_are_in_the_journal, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}

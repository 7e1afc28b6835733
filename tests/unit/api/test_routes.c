/* The route table and docs/openapi.yaml say the same, in both directions; and which path finds
 * which route. */
#include "api/route_private.h"

#include "base/json.h"
#include "unit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static json_t *openapi_load(void)
{
    json_error_t error;
    const char *path = getenv("VIGIL_OPENAPI"); /* what the build made of docs/openapi.yaml */
    assert_non_null(path);
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!document)
        fail_msg("%s: %s", path, error.text);
    return document;
}

static const json_t *operation_of(const json_t *paths, const struct route *route)
{
    char method[8] = "";
    const char *name = route_method_name(route->method);
    for (size_t i = 0; i < sizeof(method) - 1 && name[i]; i++)
        method[i] = (char)tolower((unsigned char)name[i]);
    return json_object_get(json_object_get(paths, route->pattern), method);
}

static void test_every_route_is_documented(void **state)
{
    const json_t *paths = json_object_get(*state, "paths");
    for (size_t i = 0; i < routes_count; i++)
        if (!operation_of(paths, &routes[i]))
            fail_msg("%s %s is not in docs/openapi.yaml", route_method_name(routes[i].method),
                     routes[i].pattern);
}

static bool has_route(const char *method, const char *pattern)
{
    for (size_t i = 0; i < routes_count; i++)
        if (!strcasecmp(route_method_name(routes[i].method), method) &&
            !strcmp(routes[i].pattern, pattern))
            return true;
    return false;
}

static void test_everything_documented_is_a_route(void **state)
{
    const char *pattern, *method;
    json_t *path, *operation;
    size_t operations = 0;

    json_object_foreach(json_object_get(*state, "paths"), pattern, path)
        json_object_foreach(path, method, operation)
    {
        if (!strcmp(method, "parameters"))
            continue;
        operations++;
        if (!has_route(method, pattern))
            fail_msg("%s %s is documented and is no route", method, pattern);
    }
    assert_int_equal(operations, routes_count);
}

/* `security: []` is how the document says that no key is asked for. */
static void test_open_routes_are_the_documented_ones(void **state)
{
    const json_t *paths = json_object_get(*state, "paths");
    for (size_t i = 0; i < routes_count; i++) {
        const json_t *security = json_object_get(operation_of(paths, &routes[i]), "security");
        bool documented_open = json_is_array(security) && json_array_size(security) == 0;
        bool own_way = !strcmp(routes[i].pattern, "/api/realtime/publish");
        if (!own_way && documented_open != ((routes[i].flags & ROUTE_OPEN) != 0))
            fail_msg("%s: the table and the document differ on whether a key is asked for",
                     routes[i].pattern);
    }
}

static const char *parameter_name(const json_t *document, const json_t *parameter)
{
    const char *reference = json_member_text(parameter, "$ref");
    if (reference)
        parameter =
            json_object_get(json_object_get(json_object_get(document, "components"), "parameters"),
                            strrchr(reference, '/') + 1);
    const char *in = json_member_text(parameter, "in");
    return in && !strcmp(in, "path") ? json_member_text(parameter, "name") : NULL;
}

static bool names_parameter(const json_t *document, const json_t *owner, const char *name)
{
    const json_t *parameter;
    size_t i;
    json_array_foreach(json_object_get(owner, "parameters"), i, parameter)
    {
        const char *found = parameter_name(document, parameter);
        if (found && !strcmp(found, name))
            return true;
    }
    return false;
}

static void test_path_parameters_are_documented(void **state)
{
    const json_t *document = *state, *paths = json_object_get(document, "paths");
    for (size_t i = 0; i < routes_count; i++) {
        const char *open = strchr(routes[i].pattern, '{');
        if (!open)
            continue;
        char name[32] = "";
        memcpy(name, open + 1, strcspn(open + 1, "}"));
        if (!names_parameter(document, operation_of(paths, &routes[i]), name) &&
            !names_parameter(document, json_object_get(paths, routes[i].pattern), name))
            fail_msg("%s: parameter %s is not documented", routes[i].pattern, name);
    }
}

/* ---- which path finds which route ---- */

static const char *found(enum http_method method, const char *path, struct span *ret_param,
                         enum route_match expected, const char *allow)
{
    AUTO(buf_release) struct buf allowed = BUF_INIT;
    struct span params[ROUTE_PARAMS_MAX] = {{NULL, 0}};
    const struct route *route = NULL;

    assert_int_equal(route_find(method, span_of(path), &route, params, &allowed), expected);
    if (allow)
        assert_string_equal(buf_text(&allowed), allow);
    *ret_param = params[0];
    return route ? route->pattern : NULL;
}

static void test_paths_find_their_route(void **state)
{
    struct span param;
    assert_string_equal(found(METHOD_GET, "/", &param, ROUTE_FOUND, NULL), "/");
    assert_string_equal(found(METHOD_GET, "/api/events/stats", &param, ROUTE_FOUND, NULL),
                        "/api/events/stats");
    assert_string_equal(found(METHOD_HEAD, "/api/events/12", &param, ROUTE_FOUND, NULL),
                        "/api/events/{event_id}");
    assert_true(span_is(param, "12"));
    assert_string_equal(found(METHOD_GET, "/assets/a/b.js", &param, ROUTE_FOUND, NULL),
                        "/assets/{path}");
    assert_true(span_is(param, "a/b.js"));
    assert_string_equal(found(METHOD_GET, "/api/media/thumbnails/../x", &param, ROUTE_FOUND, NULL),
                        "/api/media/thumbnails/{filename}");
    assert_true(span_is(param, "../x"));
}

static void test_other_methods_and_unknown_paths(void **state)
{
    struct span param;
    found(METHOD_DELETE, "/api/cameras", &param, ROUTE_OTHER_METHOD, "GET, HEAD, POST, OPTIONS");
    found(METHOD_PUT, "/api/cameras/x", &param, ROUTE_OTHER_METHOD,
          "GET, HEAD, PATCH, DELETE, OPTIONS");
    found(METHOD_PATCH, "/api/events/stats", &param, ROUTE_OTHER_METHOD, "GET, HEAD, OPTIONS");
    found(METHOD_GET, "/api/realtime/publish", &param, ROUTE_OTHER_METHOD, "POST, OPTIONS");
    found(METHOD_OTHER, "/health", &param, ROUTE_OTHER_METHOD, "GET, HEAD, OPTIONS");
    assert_null(found(METHOD_GET, "/api/cameras/", &param, ROUTE_UNKNOWN, NULL));
    assert_null(found(METHOD_GET, "/api/cameras/a/b", &param, ROUTE_UNKNOWN, NULL));
    assert_null(found(METHOD_GET, "/api", &param, ROUTE_UNKNOWN, NULL));
    assert_null(found(METHOD_GET, "//", &param, ROUTE_UNKNOWN, NULL));
    assert_null(found(METHOD_GET, "", &param, ROUTE_UNKNOWN, NULL));
    assert_null(found(METHOD_GET, "/api/media/thumbnails/", &param, ROUTE_UNKNOWN, NULL));
}

static int set_up(void **state)
{
    *state = openapi_load();
    return 0;
}

static int tear_down(void **state)
{
    json_decref(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route_is_documented),
        cmocka_unit_test(test_everything_documented_is_a_route),
        cmocka_unit_test(test_open_routes_are_the_documented_ones),
        cmocka_unit_test(test_path_parameters_are_documented),
        cmocka_unit_test(test_paths_find_their_route),
        cmocka_unit_test(test_other_methods_and_unknown_paths),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

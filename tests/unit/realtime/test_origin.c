#include "unit.h"

#include "realtime/origin.h"

static const char *const listed[] = {"http://localhost:5173", "https://Home.example/", NULL};

static bool allowed(const char *origin, const char *host)
{
    return origin_allowed(span_of(origin), span_of(host), listed);
}

static void programs_without_an_origin_pass(void **state)
{
    assert_true(allowed(NULL, "vigil.local:8000"));
    assert_true(allowed(NULL, NULL));
}

static void the_host_itself_passes(void **state)
{
    assert_true(allowed("http://vigil.local:8000", "vigil.local:8000"));
    assert_true(allowed("https://vigil.local:8000", "VIGIL.local:8000"));
    assert_true(allowed("http://vigil.local", "vigil.local:80"));
    assert_true(allowed("https://vigil.local", "vigil.local:443"));
    assert_true(allowed("http://vigil.local:80", "vigil.local"));
    assert_true(allowed("http://[::1]:8000", "[::1]:8000"));
}

static void others_do_not(void **state)
{
    assert_false(allowed("http://evil.example", "vigil.local:8000"));
    assert_false(allowed("http://vigil.local:9000", "vigil.local:8000"));
    assert_false(allowed("http://vigil.local:8000.evil.example", "vigil.local:8000"));
    assert_false(allowed("http://evil.example/vigil.local:8000", "vigil.local:8000"));
    assert_false(allowed("null", "vigil.local:8000"));
    assert_false(allowed("null", "null"));
    assert_false(allowed("", ""));
    assert_false(allowed("http://", ""));
    assert_false(allowed("file://vigil.local:8000", "vigil.local:8000"));
    assert_false(allowed("vigil.local:8000", "vigil.local:8000"));
}

static void the_list_passes(void **state)
{
    static const char *const everyone[] = {"*", NULL};

    assert_true(allowed("http://localhost:5173", "vigil.local:8000"));
    assert_true(allowed("https://home.example", "vigil.local:8000"));
    assert_false(allowed("http://home.example", "vigil.local:8000"));
    assert_true(origin_allowed(span_of("null"), span_of("a"), everyone));
    assert_false(origin_allowed(span_of("http://b"), span_of("a"), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_without_an_origin_pass),
        cmocka_unit_test(the_host_itself_passes),
        cmocka_unit_test(others_do_not),
        cmocka_unit_test(the_list_passes),
    };

    return RUN_TESTS(tests);
}

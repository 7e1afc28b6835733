#include "api/key_private.h"

#include "unit.h"

static const char *const keys[] = {"alpha", "beta", NULL};

static struct http_request request_with(const struct http_header *header, const char *query)
{
    return (struct http_request){
        .headers = header, .header_count = header ? 1 : 0, .query = span_of(query)};
}

static void test_a_key_is_known_by_its_digest(void **state)
{
    AUTO(key_ring_release) struct key_ring ring;
    const struct http_header good = {SPAN_LITERAL("x-api-key"), SPAN_LITERAL("beta")};
    const struct http_header wrong = {SPAN_LITERAL("X-API-Key"), SPAN_LITERAL("gamma")};
    key_ring_init(&ring, keys);

    struct http_request request = request_with(&good, "");
    assert_int_equal(key_of_request(&ring, &request), KEY_GOOD);
    request = request_with(&wrong, "api_key=alpha"); /* the header comes first */
    assert_int_equal(key_of_request(&ring, &request), KEY_WRONG);
    request = request_with(NULL, "a=b&api_key=alpha");
    assert_int_equal(key_of_request(&ring, &request), KEY_GOOD);
    request = request_with(NULL, "api_key=alph");
    assert_int_equal(key_of_request(&ring, &request), KEY_WRONG);
    request = request_with(NULL, "api_key=");
    assert_int_equal(key_of_request(&ring, &request), KEY_MISSING);
    request = request_with(NULL, "");
    assert_int_equal(key_of_request(&ring, &request), KEY_MISSING);
}

static void test_no_keys_no_good_key(void **state)
{
    AUTO(key_ring_release) struct key_ring ring;
    key_ring_init(&ring, NULL);
    struct http_request request = request_with(NULL, "api_key=alpha");
    assert_int_equal(key_of_request(&ring, &request), KEY_WRONG);
}

static void test_a_socket_may_show_it_as_subprotocol(void **state)
{
    AUTO(key_ring_release) struct key_ring ring;
    const struct http_header good = {SPAN_LITERAL("Sec-WebSocket-Protocol"),
                                     SPAN_LITERAL("chat, api-key.alpha")};
    const struct http_header empty = {SPAN_LITERAL("Sec-WebSocket-Protocol"),
                                      SPAN_LITERAL("api-key., other")};
    key_ring_init(&ring, keys);

    struct http_request request = request_with(&good, "");
    assert_int_equal(key_of_handshake(&ring, &request), KEY_GOOD);
    request = request_with(&empty, "");
    assert_int_equal(key_of_handshake(&ring, &request), KEY_MISSING);
    request = request_with(NULL, "api_key=nope");
    assert_int_equal(key_of_handshake(&ring, &request), KEY_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_key_is_known_by_its_digest),
        cmocka_unit_test(test_no_keys_no_good_key),
        cmocka_unit_test(test_a_socket_may_show_it_as_subprotocol),
    };
    return RUN_TESTS(tests);
}

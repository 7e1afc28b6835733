/* GET /ws/events: who gets in. What is said inside is realtime's business. */
#include "site.h"

static int set_up(void **state)
{
    *state = site_open(NULL);
    return 0;
}

static int set_up_keyed(void **state)
{
    static const char *const keys[] = {"sesame", NULL};
    const struct api_settings settings = {.key_required = true, .keys = keys};
    *state = site_open(&settings);
    return 0;
}

static int tear_down(void **state)
{
    struct site *site = *state;
    site_close(&site);
    return 0;
}

/* Reads until `what` was there, or the peer closes. */
static bool heard(int fd, struct buf *all, struct span what)
{
    while (all->len < what.len || !memmem(all->data, all->len, what.at, what.len)) {
        ssize_t got = recv(fd, buf_reserve(all, 4096), 4096, 0);
        if (got <= 0)
            return false;
        all->len += (size_t)got;
    }
    return true;
}

static bool enters(struct site *site, const char *target, const char *headers, struct span what,
                   struct buf *all)
{
    AUTO(buf_release) struct buf request = BUF_INIT;
    int fd = http_connect(site->port);

    buf_reset(all);
    buf_addf(&request,
             "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
             target, site->port, headers);
    http_write(fd, buf_span(&request));
    bool found = heard(fd, all, what);
    close(fd);
    return found;
}

#define GREETING SPAN_LITERAL("\"type\":\"connected\"")
/* Close, 1008, and the reason. */
#define MISSING                                                                                    \
    SPAN_LITERAL("\x88\x12\x03\xf0"                                                                \
                 "API key required")
#define WRONG                                                                                      \
    SPAN_LITERAL("\x88\x11\x03\xf0"                                                                \
                 "Invalid API key")

static void test_without_keys_everyone_comes_in(void **state)
{
    AUTO(buf_release) struct buf all = BUF_INIT;
    assert_true(enters(*state, "/ws/events", "", GREETING, &all));
}

static void test_with_keys_only_who_has_one(void **state)
{
    AUTO(buf_release) struct buf all = BUF_INIT;
    assert_true(enters(*state, "/ws/events", "", MISSING, &all));
    assert_true(span_starts_with(buf_span(&all), "HTTP/1.1 101 "));
    assert_null(memmem(all.data, all.len, "connected", 9));
    assert_true(enters(*state, "/ws/events?api_key=no", "", WRONG, &all));
    assert_true(enters(*state, "/ws/events?api_key=sesame", "", GREETING, &all));
    assert_true(enters(*state, "/ws/events", "X-API-Key: sesame\r\n", GREETING, &all));
    assert_true(enters(*state, "/ws/events", "Sec-WebSocket-Protocol: x, api-key.sesame\r\n",
                       GREETING, &all));
    assert_non_null(memmem(all.data, all.len, "Sec-WebSocket-Protocol: api-key.sesame\r\n", 40));
    assert_true(
        enters(*state, "/ws/events", "Sec-WebSocket-Protocol: api-key.no\r\n", WRONG, &all));
}

static void test_plain_requests_are_told_to_upgrade(void **state)
{
    struct site *site = *state;
    site_get(site, "/ws/events", 426);
    site_ask(site, "POST", "/ws/events", "", 405);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_without_keys_everyone_comes_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_with_keys_only_who_has_one, set_up_keyed, tear_down),
        cmocka_unit_test_setup_teardown(test_plain_requests_are_told_to_upgrade, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}

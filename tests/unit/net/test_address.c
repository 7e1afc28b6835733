#include "unit.h"

#include "base/own.h"
#include "net/address_private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static struct sockaddr_storage parse(const char *text)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;

    if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
        address.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
        address.ss_family = AF_INET6;
    return address;
}

static void shows_addresses(void **state)
{
    static const struct {
        const char *address, *text;
        bool loopback;
    } cases[] = {
        {"127.0.0.1", "127.0.0.1", true},
        {"127.8.9.10", "127.8.9.10", true},
        {"192.168.1.20", "192.168.1.20", false},
        {"0.0.0.0", "0.0.0.0", false},
        {"::1", "::1", true},
        {"::", "::", false},
        {"::ffff:127.0.0.1", "127.0.0.1", true},
        {"::ffff:10.0.0.7", "10.0.0.7", false},
        {"2001:db8::7", "2001:db8::7", false},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sockaddr_storage address = parse(cases[i].address);
        char text[ADDRESS_TEXT_SIZE];
        address_text(&address, text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(address_is_loopback(&address), cases[i].loopback);
    }
}

static void knows_nothing_of_other_families(void **state)
{
    struct sockaddr_storage address = {.ss_family = AF_UNIX};
    char text[ADDRESS_TEXT_SIZE];

    address_text(&address, text);
    assert_string_equal(text, "unknown");
    assert_false(address_is_loopback(&address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_addresses),
        cmocka_unit_test(knows_nothing_of_other_families),
    };

    return RUN_TESTS(tests);
}

#include "net/address_private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LOOPBACK_NET 127

/* Where the four bytes of the IPv4 address lie; NULL for a true IPv6 address. */
static const unsigned char *ipv4_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return (const unsigned char *)&((const struct sockaddr_in *)address)->sin_addr;
    const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;
    return IN6_IS_ADDR_V4MAPPED(six) ? six->s6_addr + 12 : NULL;
}

static bool is_internet(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET || address->ss_family == AF_INET6;
}

void address_text(const struct sockaddr_storage *address, char text[ADDRESS_TEXT_SIZE])
{
    snprintf(text, ADDRESS_TEXT_SIZE, "unknown");
    if (!is_internet(address))
        return;
    const unsigned char *four = ipv4_of(address);
    if (four)
        inet_ntop(AF_INET, four, text, ADDRESS_TEXT_SIZE);
    else
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text,
                  ADDRESS_TEXT_SIZE);
}

bool address_is_loopback(const struct sockaddr_storage *address)
{
    if (!is_internet(address))
        return false;
    const unsigned char *four = ipv4_of(address);
    if (four)
        return four[0] == LOOPBACK_NET;
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

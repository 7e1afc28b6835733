/* address: a peer as text. An IPv4 address that came in over IPv6 is shown as IPv4. Thread: any. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_SIZE 46

/* No port; "unknown" for a family that is neither IPv4 nor IPv6. */
void address_text(const struct sockaddr_storage *address, char text[ADDRESS_TEXT_SIZE]);

/* 127.0.0.0/8 (mapped into IPv6, too) and ::1. */
bool address_is_loopback(const struct sockaddr_storage *address);

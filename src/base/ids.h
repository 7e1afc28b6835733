/* ids: names nobody else has. All randomness is getrandom(2). Thread: any. */
#pragma once

#include "base/own.h"

#include <stddef.h>

#define IDS_UUID_SIZE 37
#define IDS_EPOCH_SIZE 12

void ids_random(void *bytes, size_t len);
void ids_hex(char *text, size_t digits);   /* writes digits + '\0' */
void ids_uuid(char text[IDS_UUID_SIZE]);   /* version 4, RFC 9562 */
void ids_epoch(char text[IDS_EPOCH_SIZE]); /* 64 random bits, 11 base64url characters */

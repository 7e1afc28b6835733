/* digest: SHA-256, SHA-1, base64 (OpenSSL's), and comparing secrets. Thread: any. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_SHA256_HEX_SIZE 65

void digest_sha256_hex(struct span bytes, char hex[DIGEST_SHA256_HEX_SIZE]);

/* The SHA-256 of an open file, from its beginning. Returns 0 or -errno. */
MUST_CHECK int digest_sha256_file(int fd, char hex[DIGEST_SHA256_HEX_SIZE]);

void digest_sha1(struct span bytes, unsigned char out[20]); /* RFC 6455's handshake, nothing else */

void base64_encode(struct buf *out, struct span bytes);
void base64url_encode(struct buf *out,
                      struct span bytes); /* padded, as Python's urlsafe_b64encode */
MUST_CHECK int base64url_decode(struct buf *out, struct span text); /* padding optional; -EINVAL */

/* Takes the same time wherever the two differ. */
bool secret_equal(struct span a, struct span b);

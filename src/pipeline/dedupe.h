/* dedupe: DedupeService. The same bytes from the same camera within DEDUPE_TTL_SECONDS are one
 * picture.
 *
 * The claim is the file's intake row: it is made in the transaction that queues the job, so it is
 * taken before the job can be seen, released when the transaction fails, and kept over a restart. A
 * file that could not be examined (refused, failed) holds no claim. The original drops the second
 * of two equal files from any camera; here the camera belongs to the claim, so two cameras that
 * show the same test picture both count. Thread: as said. */
#pragma once

#include "base/digest.h"
#include "base/own.h"
#include "base/span.h"
#include "store/store.h"

#include <stdint.h>

/* SHA-256 of the whole file, lower case. Returns 0, or -ENODATA for an empty one. */
MUST_CHECK int dedupe_hash(struct span file, char ret_hash[DIGEST_SHA256_HEX_SIZE]);

/* Within a write transaction: 1 when these bytes came from this camera less than ttl_us ago, 0 when
 * they are the caller's to insert. -errno. */
MUST_CHECK int dedupe_is_claimed(struct store_tx *tx, const char *camera_id, const char *hash,
                                 int64_t ttl_us, int64_t now);

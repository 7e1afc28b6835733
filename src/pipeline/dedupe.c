#include "pipeline/dedupe.h"

#include "store/intake.h"

#include <errno.h>

int dedupe_hash(struct span file, char ret_hash[DIGEST_SHA256_HEX_SIZE])
{
    if (file.len == 0)
        return -ENODATA;
    digest_sha256_hex(file, ret_hash);
    return 0;
}

int dedupe_is_claimed(struct store_tx *tx, const char *camera_id, const char *hash, int64_t ttl_us,
                      int64_t now)
{
    return intake_has_hash_of(tx, camera_id, hash, now - ttl_us);
}

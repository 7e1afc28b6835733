#include "base/digest.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHA256_SIZE 32
#define CHUNK 65536
#define BASE64_CHUNK 49152 /* a multiple of 3: chunks join without padding between them */

static void to_hex(const unsigned char *raw, size_t len, char *hex)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        hex[2 * i] = digits[raw[i] >> 4];
        hex[2 * i + 1] = digits[raw[i] & 15];
    }
    hex[2 * len] = '\0';
}

/* OpenSSL refuses a digest only when it is broken or out of memory. */
static void must(int done)
{
    if (done != 1)
        abort();
}

void digest_sha256_hex(struct span bytes, char hex[DIGEST_SHA256_HEX_SIZE])
{
    unsigned char raw[SHA256_SIZE];

    must(EVP_Digest(bytes.len ? bytes.at : "", bytes.len, raw, NULL, EVP_sha256(), NULL));
    to_hex(raw, sizeof(raw), hex);
}

void digest_sha1(struct span bytes, unsigned char out[20])
{
    must(EVP_Digest(bytes.len ? bytes.at : "", bytes.len, out, NULL, EVP_sha1(), NULL));
}

static void context_free(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
    *context = NULL;
}

int digest_sha256_file(int fd, char hex[DIGEST_SHA256_HEX_SIZE])
{
    AUTO(context_free) EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char raw[SHA256_SIZE];
    char chunk[CHUNK];
    off_t at = 0;

    must(context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    for (;;) {
        ssize_t got = pread(fd, chunk, sizeof(chunk), at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        must(EVP_DigestUpdate(context, chunk, (size_t)got));
        at += got;
    }
    must(EVP_DigestFinal_ex(context, raw, NULL));
    to_hex(raw, sizeof(raw), hex);
    return 0;
}

void base64_encode(struct buf *out, struct span bytes)
{
    while (bytes.len) {
        size_t take = bytes.len < BASE64_CHUNK ? bytes.len : BASE64_CHUNK;
        char *to = buf_reserve(out, (take + 2) / 3 * 4 + 1);
        int written =
            EVP_EncodeBlock((unsigned char *)to, (const unsigned char *)bytes.at, (int)take);
        out->len += (size_t)written;
        bytes = (struct span){bytes.at + take, bytes.len - take};
    }
}

static void translate(char *text, size_t len, const char from[2], const char to[2])
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == from[0])
            text[i] = to[0];
        else if (text[i] == from[1])
            text[i] = to[1];
    }
}

void base64url_encode(struct buf *out, struct span bytes)
{
    size_t before = out->len;

    base64_encode(out, bytes);
    if (out->len > before)
        translate(out->data + before, out->len - before, "+/", "-_");
}

static bool is_base64url(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return true;
}

static struct span without_padding(struct span text)
{
    if (text.len % 4)
        return text;
    for (int i = 0; i < 2 && text.len && text.at[text.len - 1] == '='; i++)
        text.len--;
    return text;
}

int base64url_decode(struct buf *out, struct span text)
{
    static const char padding[] = "===";

    text = without_padding(text);
    if (text.len % 4 == 1 || !is_base64url(text))
        return -EINVAL;
    while (text.len) {
        char quads[4 * 1024];
        size_t take = text.len < sizeof(quads) ? text.len : sizeof(quads);
        size_t missing = (4 - take % 4) % 4;
        memcpy(quads, text.at, take);
        memcpy(quads + take, padding, missing);
        translate(quads, take, "-_", "+/");
        char *to = buf_reserve(out, sizeof(quads));
        int written = EVP_DecodeBlock((unsigned char *)to, (const unsigned char *)quads,
                                      (int)(take + missing));
        assert(written >= (int)missing);
        out->len += (size_t)written - missing; /* OpenSSL counts the padding as zero bytes */
        text = (struct span){text.at + take, text.len - take};
    }
    return 0;
}

bool secret_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.at, b.at, a.len) == 0);
}

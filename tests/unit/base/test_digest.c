#include "unit.h"

#include "base/digest.h"
#include "base/ids.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* FIPS 180-2's examples. */
static void sha256_of_known_texts(void **state)
{
    char hex[DIGEST_SHA256_HEX_SIZE];

    digest_sha256_hex((struct span){NULL, 0}, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_sha256_hex(SPAN_LITERAL("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void sha256_of_a_file_wherever_it_stands(void **state)
{
    char of_file[DIGEST_SHA256_HEX_SIZE], of_bytes[DIGEST_SHA256_HEX_SIZE];
    static char content[200000];
    int fd = memfd_create("digest", MFD_CLOEXEC);

    ids_random(content, sizeof(content));
    assert_int_equal(write(fd, content, sizeof(content)), sizeof(content));
    assert_int_equal(digest_sha256_file(fd, of_file), 0);
    digest_sha256_hex((struct span){content, sizeof(content)}, of_bytes);
    assert_string_equal(of_file, of_bytes);
    close(fd);
    assert_int_equal(digest_sha256_file(fd, of_file), -EBADF);
}

/* RFC 6455 §1.3. */
static void sha1_of_the_handshake(void **state)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    unsigned char raw[20];

    digest_sha1(SPAN_LITERAL("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"), raw);
    base64_encode(&text, (struct span){(char *)raw, sizeof(raw)});
    assert_string_equal(buf_text(&text), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

/* RFC 4648 §10. */
static void base64_of_known_texts(void **state)
{
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        AUTO(buf_release) struct buf text = BUF_INIT;
        AUTO(buf_release) struct buf back = BUF_INIT;
        base64_encode(&text, span_of(pairs[i][0]));
        assert_string_equal(buf_text(&text), pairs[i][1]);
        assert_int_equal(base64url_decode(&back, span_of(pairs[i][1])), 0);
        assert_string_equal(buf_text(&back), pairs[i][0]);
    }
}

static void base64url_comes_back_at_every_length(void **state)
{
    static char content[100003];

    ids_random(content, sizeof(content));
    for (size_t len = 0; len <= sizeof(content); len = len < 100 ? len + 1 : len * 3 + 1) {
        AUTO(buf_release) struct buf text = BUF_INIT;
        AUTO(buf_release) struct buf back = BUF_INIT;
        struct span bytes = {content, len};
        base64url_encode(&text, bytes);
        assert_null(strpbrk(buf_text(&text), "+/"));
        assert_int_equal(base64url_decode(&back, buf_span(&text)), 0);
        assert_true(span_equal(buf_span(&back), bytes));
        while (text.len && text.data[text.len - 1] == '=')
            text.len--;
        buf_reset(&back);
        assert_int_equal(base64url_decode(&back, buf_span(&text)), 0);
        assert_true(span_equal(buf_span(&back), bytes));
    }
}

static void base64url_refuses(void **state)
{
    static const char *const wrong[] = {
        "A",     "AAAAA", "AA=A", "=",   "==",  "====", "A===",     "Zg=",
        "Zg===", "Z+8=",  "Z/8",  "Zg ", " Zg", "Zg\n", "Z\xc3\xa9"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        AUTO(buf_release) struct buf out = BUF_INIT;
        assert_int_equal(base64url_decode(&out, span_of(wrong[i])), -EINVAL);
        assert_int_equal(out.len, 0);
    }
}

static void secrets_are_equal_or_not(void **state)
{
    assert_true(secret_equal(SPAN_LITERAL("key"), SPAN_LITERAL("key")));
    assert_true(secret_equal((struct span){NULL, 0}, SPAN_LITERAL("")));
    assert_false(secret_equal(SPAN_LITERAL("key"), SPAN_LITERAL("keys")));
    assert_false(secret_equal(SPAN_LITERAL("key"), SPAN_LITERAL("kez")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_known_texts),
        cmocka_unit_test(sha256_of_a_file_wherever_it_stands),
        cmocka_unit_test(sha1_of_the_handshake),
        cmocka_unit_test(base64_of_known_texts),
        cmocka_unit_test(base64url_comes_back_at_every_length),
        cmocka_unit_test(base64url_refuses),
        cmocka_unit_test(secrets_are_equal_or_not),
    };
    return RUN_TESTS(tests);
}

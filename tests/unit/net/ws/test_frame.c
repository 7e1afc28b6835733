#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/own.h"
#include "net/ws/frame.h"

#include <string.h>

#define MESSAGE_MAX 70000
#define SKIP_MAX 100000

static const unsigned char mask[4] = {0x11, 0x8f, 0x00, 0xe3};

/* What a decoder made of some bytes: its events in one text, then how it ended. */
struct decoded {
    struct buf events;
    int code; /* 0, or the negative close code */
    bool idle;
};

static void decoded_release(struct decoded *decoded)
{
    buf_release(&decoded->events);
}

static void note(struct buf *events, const struct ws_event *event)
{
    buf_addf(events, "%d:", event->opcode);
    if (event->oversize)
        buf_addf(events, "oversize %llu", (unsigned long long)event->size);
    else if (event->payload.len > 40)
        buf_addf(events, "%zu x %c", event->payload.len, event->payload.at[0]);
    else
        buf_add_span(events, event->payload);
    if (event->opcode == WS_CLOSE)
        buf_addf(events, "(%d)", event->close_code);
    buf_add_char(events, ' ');
}

/* In pieces of that length, each on the heap for itself. */
static struct decoded decode(enum ws_role role, struct span bytes, size_t piece)
{
    struct ws_decoder *decoder = ws_decoder_new(role, MESSAGE_MAX, SKIP_MAX);
    struct decoded decoded = {0};

    while (bytes.len > 0 && decoded.code == 0) {
        size_t length = bytes.len < piece ? bytes.len : piece;
        AUTO(mem_free) char *copy = mem_alloc(length);
        memcpy(copy, bytes.at, length);
        struct span input = {copy, length};
        struct ws_event event;
        int rc;
        while ((rc = ws_decoder_next(decoder, &input, &event)) > 0)
            note(&decoded.events, &event);
        if (rc == 0)
            assert_int_equal(input.len, 0);
        decoded.code = rc;
        bytes = (struct span){bytes.at + length, bytes.len - length};
    }
    decoded.idle = ws_decoder_is_idle(decoder);
    ws_decoder_free(&decoder);
    return decoded;
}

/* A masked frame whose payload is text. */
static void add(struct buf *out, enum ws_opcode opcode, bool fin, const char *text)
{
    ws_frame_add(out, opcode, fin, span_of(text), mask);
}

struct step {
    int first; /* the first byte: FIN and opcode; -1: end */
    const char *payload;
};

struct example {
    const char *events;
    int code;
    struct step steps[6];
};

/* Every opcode and every order; payloads are masked by the test. */
static const struct example examples[] = {
    {"1:hello ", 0, {{0x81, "hello"}, {-1, NULL}}},
    {"1: ", 0, {{0x81, ""}, {-1, NULL}}},
    {"2:hello ", 0, {{0x82, "hello"}, {-1, NULL}}},
    {"9:hello ", 0, {{0x89, "hello"}, {-1, NULL}}},
    {"10: ", 0, {{0x8a, ""}, {-1, NULL}}},
    {"1:a 1:b ", 0, {{0x81, "a"}, {0x81, "b"}, {-1, NULL}}},
    {"1:abc ", 0, {{0x01, "a"}, {0x00, "b"}, {0x80, "c"}, {-1, NULL}}},
    {"1:ac ", 0, {{0x01, "a"}, {0x00, ""}, {0x80, "c"}, {-1, NULL}}},
    {"1: ", 0, {{0x01, ""}, {0x80, ""}, {-1, NULL}}},
    {"2:ab 1:c ", 0, {{0x02, "a"}, {0x80, "b"}, {0x81, "c"}, {-1, NULL}}},
    {"9:p 10:q 1:ab ", 0, {{0x01, "a"}, {0x89, "p"}, {0x8a, "q"}, {0x80, "b"}, {-1, NULL}}},
    {"1:a 8:bye(1000) ",
     0,
     {{0x81, "a"},
      {0x88, "\x03\xe8"
             "bye"},
      {0x81, "late"},
      {-1, NULL}}},
    {"8:(1005) ", 0, {{0x88, ""}, {-1, NULL}}},
    {"8:(1001) ", 0, {{0x01, "a"}, {0x88, "\x03\xe9"}, {-1, NULL}}},
    {"8:(4999) ", 0, {{0x88, "\x13\x87"}, {-1, NULL}}},
    {"8:(3000) ", 0, {{0x88, "\x0b\xb8"}, {-1, NULL}}},
    {"8:(1014) ", 0, {{0x88, "\x03\xf6"}, {-1, NULL}}},
    /* continuation out of place */
    {"", -1002, {{0x80, "a"}, {-1, NULL}}},
    {"", -1002, {{0x00, "a"}, {-1, NULL}}},
    {"", -1002, {{0x01, "a"}, {0x81, "b"}, {-1, NULL}}},
    {"", -1002, {{0x02, "a"}, {0x01, "b"}, {-1, NULL}}},
    {"1:ab ", -1002, {{0x01, "a"}, {0x80, "b"}, {0x80, "c"}, {-1, NULL}}},
    {"9: ", -1002, {{0x89, ""}, {0x80, "c"}, {-1, NULL}}},
    /* control frames in parts */
    {"", -1002, {{0x09, ""}, {-1, NULL}}},
    {"", -1002, {{0x08, ""}, {-1, NULL}}},
    {"", -1002, {{0x0a, ""}, {-1, NULL}}},
    /* reserved bits and opcodes */
    {"", -1002, {{0xc1, "a"}, {-1, NULL}}},
    {"", -1002, {{0xa1, "a"}, {-1, NULL}}},
    {"", -1002, {{0x91, "a"}, {-1, NULL}}},
    {"", -1002, {{0xc9, "a"}, {-1, NULL}}},
    {"", -1002, {{0x83, "a"}, {-1, NULL}}},
    {"", -1002, {{0x84, "a"}, {-1, NULL}}},
    {"", -1002, {{0x87, "a"}, {-1, NULL}}},
    {"", -1002, {{0x8b, "a"}, {-1, NULL}}},
    {"", -1002, {{0x8f, "a"}, {-1, NULL}}},
    /* close codes and reasons */
    {"", -1002, {{0x88, "\x03"}, {-1, NULL}}},
    {"", -1002, {{0x88, "\x03\xe7"}, {-1, NULL}}}, /* 999 */
    {"", -1002, {{0x88, "\x03\xec"}, {-1, NULL}}}, /* 1004 */
    {"", -1002, {{0x88, "\x03\xed"}, {-1, NULL}}}, /* 1005 */
    {"", -1002, {{0x88, "\x03\xee"}, {-1, NULL}}}, /* 1006 */
    {"", -1002, {{0x88, "\x03\xf7"}, {-1, NULL}}}, /* 1015 */
    {"", -1002, {{0x88, "\x03\xf8"}, {-1, NULL}}}, /* 1016 */
    {"", -1002, {{0x88, "\x0b\xb7"}, {-1, NULL}}}, /* 2999 */
    {"", -1002, {{0x88, "\x13\x88"}, {-1, NULL}}}, /* 5000 */
    {"", -1002, {{0x88, "\xff\xff"}, {-1, NULL}}},
    {"", -1007, {{0x88, "\x03\xe8\xff"}, {-1, NULL}}},
    {"", -1007, {{0x88, "\x03\xe8\xc3"}, {-1, NULL}}},
    /* text that is none */
    {"", -1007, {{0x81, "\xc0\xaf"}, {-1, NULL}}},
    {"", -1007, {{0x81, "\xc3"}, {-1, NULL}}},
    {"", -1007, {{0x01, "\xc3"}, {0x80, ""}, {-1, NULL}}},
    {"", -1007, {{0x01, "a\xff"}, {-1, NULL}}}, /* before the message is complete */
    {"1:\xc3\xa9 ", 0, {{0x01, "\xc3"}, {0x80, "\xa9"}, {-1, NULL}}},
    {"9:x 1:\xf0\x9f\x98\x80 ",
     0,
     {{0x01, "\xf0\x9f"}, {0x89, "x"}, {0x00, "\x98"}, {0x80, "\x80"}, {-1, NULL}}},
    {"2:\xff\xfe ", 0, {{0x82, "\xff\xfe"}, {-1, NULL}}},
    {"9:\xff ", 0, {{0x89, "\xff"}, {-1, NULL}}},
};

static void build(const struct example *example, struct buf *bytes)
{
    for (const struct step *step = example->steps; step->first >= 0; step++) {
        size_t at = bytes->len;
        add(bytes, WS_TEXT, true, step->payload);
        bytes->data[at] = (char)step->first;
    }
}

static void understands_every_example_however_it_arrives(void **state)
{
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        AUTO(buf_release) struct buf bytes = BUF_INIT;
        build(&examples[i], &bytes);
        for (size_t piece = 1; piece <= bytes.len; piece++) {
            AUTO(decoded_release)
            struct decoded decoded = decode(WS_ROLE_SERVER, buf_span(&bytes), piece);
            if (decoded.code != examples[i].code)
                print_message("example %zu in pieces of %zu\n", i, piece);
            assert_int_equal(decoded.code, examples[i].code);
            assert_string_equal(buf_text(&decoded.events), examples[i].events);
        }
    }
}

static void add_filled(struct buf *out, enum ws_opcode opcode, bool fin, size_t length)
{
    AUTO(mem_free) char *fill = mem_alloc(length + 1);

    memset(fill, 'f', length);
    ws_frame_add(out, opcode, fin, (struct span){fill, length}, mask);
}

static void takes_every_form_of_length(void **state)
{
    const struct {
        size_t length;
        size_t header;
    } cases[] = {{0, 2},   {1, 2},     {125, 2},    {126, 4},
                 {127, 4}, {65535, 4}, {65536, 10}, {70000, 10}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        unsigned char header[10];
        assert_int_equal(ws_frame_header(header, WS_BINARY, true, cases[i].length),
                         cases[i].header);
        AUTO(buf_release) struct buf bytes = BUF_INIT;
        add_filled(&bytes, WS_BINARY, true, cases[i].length);
        assert_int_equal(bytes.len, cases[i].header + 4 + cases[i].length);
        static const size_t pieces[] = {1, 7, 1000, 1 << 20};
        for (size_t p = 0; p < COUNT_OF(pieces); p++) {
            struct ws_decoder *decoder = ws_decoder_new(WS_ROLE_SERVER, MESSAGE_MAX, 0);
            struct span rest = buf_span(&bytes);
            struct ws_event event;
            int rc = 0;
            while (rest.len > 0 && rc == 0) {
                struct span piece = {rest.at, rest.len < pieces[p] ? rest.len : pieces[p]};
                rest = (struct span){rest.at + piece.len, rest.len - piece.len};
                rc = ws_decoder_next(decoder, &piece, &event);
            }
            assert_int_equal(rc, 1);
            assert_int_equal(event.payload.len, cases[i].length);
            for (size_t at = 0; at < event.payload.len; at++)
                assert_int_equal(event.payload.at[at], 'f');
            ws_decoder_free(&decoder);
        }
    }
}

struct raw {
    int code;
    size_t length;
    const char *bytes;
};

/* Headers that a good peer never writes. */
static const struct raw raws[] = {
    {-1002, 4, "\x81\xfe\x00\x7d\x00\x00\x00\x00"},                  /* 125 in 16 bits */
    {-1002, 10, "\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff\x01\x02"}, /* 65535 in 64 bits */
    {-1002, 10, "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00\x01\x02"}, /* the highest bit */
    {-1002, 10, "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02"},
    {-1009, 10, "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02"},
    {-1009, 10, "\x82\xff\x00\x00\x00\x00\x00\x01\x86\xa1\x01\x02"}, /* SKIP_MAX + 1 */
    {-1002, 2, "\x89\xfe\x00\x7e"},                                  /* a ping of 126 bytes */
    {-1002, 2, "\x88\xff"},
    {-1002, 2, "\x81\x05"}, /* not masked */
};

static void refuses_bad_headers_at_once(void **state)
{
    for (size_t i = 0; i < COUNT_OF(raws); i++) {
        bool wants_mask = raws[i].length > 2;
        size_t length = raws[i].length + (wants_mask ? 4 : 0);
        AUTO(mem_free) char *bytes = mem_alloc(length);
        memcpy(bytes, raws[i].bytes, raws[i].length);
        for (size_t piece = 1; piece <= length; piece++) {
            AUTO(decoded_release)
            struct decoded decoded = decode(WS_ROLE_SERVER, (struct span){bytes, length}, piece);
            assert_int_equal(decoded.code, raws[i].code);
            assert_int_equal(decoded.events.len, 0);
        }
    }
}

static void a_client_refuses_masked_frames(void **state)
{
    AUTO(buf_release) struct buf masked = BUF_INIT;
    AUTO(buf_release) struct buf plain = BUF_INIT;

    ws_frame_add(&masked, WS_TEXT, true, span_of("hi"), mask);
    ws_frame_add(&plain, WS_TEXT, true, span_of("hi"), NULL);
    AUTO(decoded_release) struct decoded bad = decode(WS_ROLE_CLIENT, buf_span(&masked), 100);
    AUTO(decoded_release) struct decoded good = decode(WS_ROLE_CLIENT, buf_span(&plain), 1);
    assert_int_equal(bad.code, -1002);
    assert_int_equal(good.code, 0);
    assert_string_equal(buf_text(&good.events), "1:hi ");
}

static void skips_what_is_too_large_and_goes_on(void **state)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;

    add_filled(&bytes, WS_TEXT, true, MESSAGE_MAX + 1);
    add(&bytes, WS_TEXT, true, "next");
    add_filled(&bytes, WS_TEXT, false, 60000); /* too large together */
    add(&bytes, WS_PING, true, "p");
    add_filled(&bytes, WS_CONTINUATION, true, 40000);
    add(&bytes, WS_TEXT, true, "last");
    for (size_t piece = 999; piece < bytes.len; piece *= 3) {
        AUTO(decoded_release)
        struct decoded decoded = decode(WS_ROLE_SERVER, buf_span(&bytes), piece);
        assert_int_equal(decoded.code, 0);
        assert_string_equal(buf_text(&decoded.events),
                            "1:oversize 70001 1:next 9:p 1:oversize 100000 1:last ");
        assert_true(decoded.idle);
    }
}

static void a_skipped_text_is_still_checked(void **state)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;

    add_filled(&bytes, WS_TEXT, false, MESSAGE_MAX + 1);
    add(&bytes, WS_CONTINUATION, true, "\xff");
    AUTO(decoded_release) struct decoded decoded = decode(WS_ROLE_SERVER, buf_span(&bytes), 5000);
    assert_int_equal(decoded.code, -1007);
}

static void fragments_together_may_be_too_many(void **state)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;

    add_filled(&bytes, WS_BINARY, false, 65000);
    add_filled(&bytes, WS_CONTINUATION, false, 35000);
    add_filled(&bytes, WS_CONTINUATION, true, 1);
    AUTO(decoded_release) struct decoded decoded = decode(WS_ROLE_SERVER, buf_span(&bytes), 5000);
    assert_int_equal(decoded.code, -1009);
}

static void is_idle_only_between_messages(void **state)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;

    add(&bytes, WS_TEXT, false, "a");
    add(&bytes, WS_CONTINUATION, true, "b");
    for (size_t length = 1; length <= bytes.len; length++) {
        AUTO(decoded_release)
        struct decoded decoded =
            decode(WS_ROLE_SERVER, (struct span){bytes.data, length}, bytes.len);
        assert_int_equal(decoded.idle, length == bytes.len);
    }
}

static void accepts_nothing_more_after_a_failure(void **state)
{
    struct ws_decoder *decoder = ws_decoder_new(WS_ROLE_SERVER, 100, 0);
    AUTO(buf_release) struct buf good = BUF_INIT;
    struct ws_event event;
    struct span bad = {"\x83\x80", 2};

    add(&good, WS_TEXT, true, "hi");
    assert_int_equal(ws_decoder_next(decoder, &bad, &event), -1002);
    struct span input = buf_span(&good);
    assert_int_equal(ws_decoder_next(decoder, &input, &event), 0);
    assert_int_equal(input.len, 0);
    ws_decoder_free(&decoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(understands_every_example_however_it_arrives),
        cmocka_unit_test(takes_every_form_of_length),
        cmocka_unit_test(refuses_bad_headers_at_once),
        cmocka_unit_test(a_client_refuses_masked_frames),
        cmocka_unit_test(skips_what_is_too_large_and_goes_on),
        cmocka_unit_test(a_skipped_text_is_still_checked),
        cmocka_unit_test(fragments_together_may_be_too_many),
        cmocka_unit_test(is_idle_only_between_messages),
        cmocka_unit_test(accepts_nothing_more_after_a_failure),
    };

    return RUN_TESTS(tests);
}

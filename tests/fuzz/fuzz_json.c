/* Any bytes: refused with a reason, or a value that we write and read back to the same. */
#include "base/json.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int true_or_bug)
{
    if (!true_or_bug)
        abort();
}

static void check_comes_back(const json_t *value)
{
    AUTO(json_release) json_t *again = NULL;
    AUTO(buf_release) struct buf first = BUF_INIT;
    AUTO(buf_release) struct buf second = BUF_INIT;

    buf_add_json(&first, value);
    check(json_parse(buf_span(&first), &again, NULL) == 0);
    buf_add_json(&second, again);
    check(span_equal(buf_span(&first), buf_span(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    AUTO(json_release) json_t *value = NULL;
    AUTO(json_release) json_t *string = NULL;
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(buf_release) struct buf quoted = BUF_INIT;
    struct span text = {(const char *)bytes, size};

    if (json_parse(text, &value, &why) == 0)
        check_comes_back(value);
    else
        check(why.len > 0 && value == NULL);

    /* Whatever the bytes are, as a string they are valid (Jansson's flag lets \u0000 through). */
    buf_add_json_string(&quoted, text);
    string = json_loadb(quoted.data, quoted.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    check(json_is_string(string));
    return 0;
}

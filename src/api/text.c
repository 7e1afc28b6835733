#include "api/text_private.h"

#include "base/buf.h"
#include "base/time.h"

static bool continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

json_t *text_json(struct span text)
{
    json_t *value = json_stringn(text.len ? text.at : "", text.len);
    if (value)
        return value;
    AUTO(buf_release) struct buf clean = BUF_INIT;
    buf_add_json_string(&clean, text);
    value = json_loadb(clean.data, clean.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    return value ? value : json_string("");
}

json_t *text_json_or_null(const char *text)
{
    return text ? text_json(span_of(text)) : json_null();
}

json_t *text_json_instant(int64_t instant)
{
    char text[TIME_TEXT_SIZE];
    return instant ? json_string(time_format(instant, text)) : json_null();
}

size_t text_length(struct span text)
{
    size_t length = 0;
    for (size_t i = 0; i < text.len; i++)
        length += !continues(text.at[i]);
    return length;
}

struct span text_cut(struct span text, size_t characters)
{
    size_t end = 0;
    while (end < text.len && (characters > 0 || continues(text.at[end]))) {
        characters -= !continues(text.at[end]);
        end++;
    }
    return (struct span){text.at, end};
}

bool text_has_control(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7F)
            return true;
    return false;
}

struct span text_base_name(struct span path)
{
    size_t start = path.len;
    while (start > 0 && path.at[start - 1] != '/')
        start--;
    return (struct span){path.at + start, path.len - start};
}

struct span text_extension(struct span path)
{
    struct span name = text_base_name(path);
    for (size_t i = name.len; i > 1; i--)
        if (name.at[i - 1] == '.')
            return (struct span){name.at + i - 1, name.len - i + 1};
    return (struct span){NULL, 0};
}

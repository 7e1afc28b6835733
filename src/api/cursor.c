#include "api/cursor_private.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/time.h"

#include <errno.h>

void cursor_encode(int64_t instant, int64_t id, struct buf *ret)
{
    AUTO(buf_release) struct buf text = BUF_INIT;
    char time[TIME_TEXT_SIZE];

    buf_addf(&text, "{\"id\":%lld,\"created_at\":\"%s\"}", (long long)id,
             time_format(instant, time));
    base64url_encode(ret, buf_span(&text));
}

int cursor_decode(struct span text, int64_t *ret_instant, int64_t *ret_id)
{
    AUTO(buf_release) struct buf document = BUF_INIT;
    AUTO(json_release) json_t *cursor = NULL;
    int64_t instant;

    if (text.len == 0 || text.len > CURSOR_LENGTH_MAX || base64url_decode(&document, text) < 0 ||
        json_parse(buf_span(&document), &cursor, NULL) < 0 || !json_is_object(cursor))
        return -EINVAL;
    const json_t *id = json_object_get(cursor, "id");
    const char *created_at = json_member_text(cursor, "created_at");
    if (!json_is_integer(id) || !created_at || time_parse(span_of(created_at), &instant, NULL) < 0)
        return -EINVAL;
    *ret_instant = instant;
    *ret_id = json_integer_value(id);
    return 0;
}

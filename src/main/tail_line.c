#include "main/tail_line.h"

#include <string.h>

#define DETAIL_MAX 200

/* What says most about a message, in this order. */
static const char *const telling[] = {"summary",     "message", "reason", "status",
                                      "object_type", "label",   "error",  "change_type"};

/* At most `max` bytes, ended between two characters; whatever could move the cursor is a blank. */
static void add_plain(struct buf *out, const char *text, size_t max)
{
    size_t len = strlen(text);

    if (len > max) {
        len = max;
        while (len && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_c1 = c == 0xC2 && i + 1 < len && (unsigned char)text[i + 1] < 0xA0;

        if (is_c1)
            i++;
        buf_add_char(out, c < 0x20 || c == 0x7f || is_c1 ? ' ' : text[i]);
    }
}

static void add_time(struct buf *out, const char *timestamp)
{
    size_t start = out->len;

    add_plain(out, timestamp ? timestamp : "-", strlen("2026-11-21T10:15:30"));
    if (out->len > start + 10 && out->data[start + 10] == 'T')
        out->data[start + 10] = ' ';
}

static void add_risk(struct buf *out, const json_t *data)
{
    const json_t *score = json_object_get(data, "risk_score");
    const char *level = json_member_text(data, "risk_level");

    if (!json_is_number(score))
        return;
    buf_addf(out, "  %.0f", json_number_value(score));
    if (level) {
        buf_add_char(out, ' ');
        add_plain(out, level, 20);
    }
}

static void add_detail(struct buf *out, const json_t *data)
{
    AUTO(buf_release) struct buf json = BUF_INIT;

    for (size_t i = 0; i < COUNT_OF(telling); i++) {
        const char *text = json_member_text(data, telling[i]);

        if (!text || !*text)
            continue;
        buf_add_text(out, "  ");
        add_plain(out, text, DETAIL_MAX);
        return;
    }
    if (!data)
        return;
    buf_add_json(&json, data);
    buf_add_text(out, "  ");
    add_plain(out, buf_text(&json), DETAIL_MAX);
}

void tail_line(struct buf *out, const json_t *message)
{
    AUTO(buf_release) struct buf type = BUF_INIT;
    const json_t *data = json_object_get(message, "data");
    const char *camera = json_member_text(data, "camera_name");
    const char *name = json_member_text(message, "type");

    if (!camera)
        camera = json_member_text(data, "camera_id");
    add_time(out, json_member_text(message, "timestamp"));
    add_plain(&type, name ? name : "-", 60);
    buf_addf(out, "  %-16s", buf_text(&type));
    if (camera) {
        buf_add_text(out, "  ");
        add_plain(out, camera, 60);
    }
    add_risk(out, data);
    add_detail(out, data);
    buf_add_char(out, '\n');
}

#include "pipeline/camera_folder.h"

#include "base/digest.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define FALLBACK_DIGITS 8

static bool is_letter_or_digit(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_joint(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '-' || c == '_';
}

static char lower(unsigned char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Another script's name still has to give the same id each time. */
static int id_from_digest(struct span folder, char ret_id[CAMERA_ID_SIZE])
{
    char hex[DIGEST_SHA256_HEX_SIZE];

    digest_sha256_hex(folder, hex);
    memcpy(ret_id, "camera_", 7);
    memcpy(ret_id + 7, hex, FALLBACK_DIGITS);
    ret_id[7 + FALLBACK_DIGITS] = '\0';
    return 0;
}

int camera_id_normalise(struct span folder, char ret_id[CAMERA_ID_SIZE])
{
    char id[CAMERA_ID_SIZE];
    size_t len = 0;
    bool joint = false;
    bool other_script = false;

    for (size_t i = 0; i < folder.len && len < CAMERA_ID_SIZE - 1; i++) {
        unsigned char c = (unsigned char)folder.at[i];
        if (c >= 0x80)
            other_script = true;
        if (is_joint(c))
            joint = len > 0;
        if (!is_letter_or_digit(c))
            continue;
        if (joint && len < CAMERA_ID_SIZE - 2)
            id[len++] = '_';
        joint = false;
        id[len++] = lower(c);
    }
    if (len == 0)
        return other_script ? id_from_digest(folder, ret_id) : -EINVAL;
    memcpy(ret_id, id, len);
    ret_id[len] = '\0';
    return 0;
}

int camera_folder_of(struct span root, struct span path, struct span *ret_folder)
{
    struct span rest = path;

    if (path.len <= root.len + 1 || memcmp(path.at, root.at, root.len) != 0 ||
        path.at[root.len] != '/')
        return -EINVAL;
    rest.at += root.len + 1;
    rest.len -= root.len + 1;

    struct span folder = span_cut(&rest, '/');
    if (!rest.at)
        return -ENOENT;
    if (folder.len == 0 || span_is(folder, ".") || span_is(folder, ".."))
        return -EINVAL;
    *ret_folder = folder;
    return 0;
}

static const struct {
    const char *extension;
    enum media_kind kind;
    const char *mime;
} known_media[] = {
    {".jpg", MEDIA_IMAGE, "image/jpeg"},       {".jpeg", MEDIA_IMAGE, "image/jpeg"},
    {".png", MEDIA_IMAGE, "image/png"},        {".mp4", MEDIA_VIDEO, "video/mp4"},
    {".mkv", MEDIA_VIDEO, "video/x-matroska"}, {".avi", MEDIA_VIDEO, "video/x-msvideo"},
    {".mov", MEDIA_VIDEO, "video/quicktime"},
};

/* Index into known_media, or COUNT_OF when the extension is another. */
static size_t media_index(struct span path)
{
    size_t i;

    for (i = 0; i < COUNT_OF(known_media); i++) {
        size_t len = strlen(known_media[i].extension);
        if (path.len > len &&
            span_is_nocase((struct span){path.at + path.len - len, len}, known_media[i].extension))
            break;
    }
    return i;
}

enum media_kind media_kind_of(struct span path)
{
    size_t i = media_index(path);

    return i < COUNT_OF(known_media) ? known_media[i].kind : MEDIA_OTHER;
}

const char *media_mime_of(struct span path)
{
    size_t i = media_index(path);

    return i < COUNT_OF(known_media) ? known_media[i].mime : "application/octet-stream";
}

bool media_is_hidden(struct span name)
{
    return name.len > 0 && name.at[0] == '.';
}

bool text_is_utf8(struct span text)
{
    while (text.len > 0) {
        size_t len = utf8_length(text);
        if (len == 0)
            return false;
        text.at += len;
        text.len -= len;
    }
    return true;
}

#include "api/camera_body_private.h"

#include "api/text_private.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static void read_name(struct call *call, const json_t *body, struct camera_changes *changes)
{
    const char *given;
    if (body_text(call, body, "name", 1, CAMERA_NAME_MAX, &given) != BODY_GIVEN)
        return;
    struct span name = span_trim(span_of(given));
    if (name.len == 0) {
        body_fault(call, "name", json_object_get(body, "name"), "must not be blank");
        return;
    }
    if (text_has_control(span_of(given))) {
        body_fault(call, "name", json_object_get(body, "name"), "must not hold control characters");
        return;
    }
    changes->name = mem_strndup(name.at, name.len);
}

/* What is wrong with the text itself, or NULL. */
static const char *folder_complaint(struct span folder)
{
    if (memmem(folder.at, folder.len, "..", 2))
        return "must not hold '..'";
    for (size_t i = 0; i < folder.len; i++)
        if (strchr("<>:\"|?*", folder.at[i]))
            return "must not hold any of < > : \" | ? *";
    if (text_has_control(folder))
        return "must not hold control characters";
    return NULL;
}

/* What of an absolute path lies below `root`, or the empty span. */
static struct span below(const char *root, struct span path)
{
    size_t length = root ? strlen(root) : 0;
    if (length == 0 || !span_starts_with(path, root) || path.len <= length ||
        path.at[length] != '/')
        return (struct span){NULL, 0};
    return (struct span){path.at + length, path.len - length};
}

/* Single slashes, no "." and none at the end; NULL when nothing is left or it lies elsewhere. */
static char *folder_resolve(const char *root, struct span folder)
{
    AUTO(buf_release) struct buf path = BUF_INIT;
    AUTO(mem_free) char *real_root = realpath(root, NULL);
    struct span rest = folder;

    if (span_starts_with(folder, "/")) {
        rest = below(root, folder);
        if (!rest.at)
            rest = below(real_root, folder);
    }
    buf_add_text(&path, root);
    size_t root_length = path.len;
    while (rest.at) {
        struct span part = span_cut(&rest, '/');
        if (part.len == 0 || span_is(part, "."))
            continue;
        buf_add_char(&path, '/');
        buf_add_span(&path, part);
    }
    return path.len > root_length ? buf_detach(&path) : NULL;
}

static void read_folder(struct call *call, const json_t *body, struct camera_changes *changes)
{
    const json_t *value = json_object_get(body, "folder_path");
    const char *given;
    if (body_text(call, body, "folder_path", 1, CAMERA_FOLDER_MAX, &given) != BODY_GIVEN)
        return;
    const char *complaint = folder_complaint(span_of(given));
    if (complaint) {
        body_fault(call, "folder_path", value, complaint);
        return;
    }
    char *folder = folder_resolve(call->api->settings.camera_root, span_trim(span_of(given)));
    if (!folder) {
        body_fault(call, "folder_path", value, "must name a folder below FOSCAM_BASE_PATH");
        return;
    }
    changes->folder_path = folder;
}

static void read_status(struct call *call, const json_t *body, struct camera_changes *changes)
{
    const json_t *value = json_object_get(body, "status");
    if (!value || json_is_null(value))
        return;
    if (!json_is_string(value) ||
        camera_status_parse(json_string_value(value), &changes->status) < 0)
        body_fault(call, "status", value, "must be online, offline, error or unknown");
    else
        changes->has_status = true;
}

static void need(struct call *call, const json_t *body, const char *name)
{
    const json_t *value = json_object_get(body, name);
    if (!value || json_is_null(value))
        body_fault(call, name, value, "is required");
}

void camera_body_read(struct call *call, enum camera_body_kind kind,
                      struct camera_changes *ret_changes)
{
    AUTO(json_release) json_t *body = body_object(call);
    *ret_changes = (struct camera_changes){0};
    if (!body)
        return;
    if (kind == CAMERA_BODY_WHOLE) {
        need(call, body, "name");
        need(call, body, "folder_path");
    }
    read_name(call, body, ret_changes);
    read_folder(call, body, ret_changes);
    read_status(call, body, ret_changes);
}

void camera_changes_release(struct camera_changes *changes)
{
    mem_free(&changes->name);
    mem_free(&changes->folder_path);
}

void camera_changes_apply(const struct camera_changes *changes, struct camera *camera)
{
    if (changes->name) {
        mem_free(&camera->name);
        camera->name = mem_strdup(changes->name);
    }
    if (changes->folder_path) {
        mem_free(&camera->folder_path);
        camera->folder_path = mem_strdup(changes->folder_path);
    }
    if (changes->has_status)
        camera->status = changes->status;
}

/* One camera's file: a head, the planes of the camera, head and planes of each background, and the
 * CRC-32 of all that. Numbers are the machine's own; a file from another kind of machine, of
 * another version or with a damaged byte is not taken, and the camera is learned anew. */
#include "base/mem.h"
#include "pipeline/motion_private.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

struct file_head {
    char magic[8];
    uint32_t byte_order;
    int32_t width, height;
    uint32_t light;
    uint32_t models; /* one bit each */
    uint32_t reserved;
};

struct model_head {
    int64_t learned_at, last_at, scene_at;
    uint32_t pictures;
    uint32_t reserved;
};

#define MAGIC "VGLMOT01"
#define BYTE_ORDER_MARK 0x01020304u

static void put_model(const struct motion_model *model, size_t pixels, struct buf *out)
{
    struct model_head head = {
        .learned_at = model->learned_at,
        .last_at = model->last_at,
        .scene_at = model->scene_at,
        .pictures = model->pictures,
    };

    buf_add(out, &head, sizeof(head));
    buf_add(out, model->scene, SCENE_PIXELS);
    buf_add(out, model->mean, pixels * sizeof(*model->mean));
    buf_add(out, model->deviation, pixels * sizeof(*model->deviation));
}

void motion_state_put(const struct motion_camera *camera, struct buf *out)
{
    size_t pixels = (size_t)camera->width * (size_t)camera->height;
    struct file_head head = {
        .byte_order = BYTE_ORDER_MARK,
        .width = camera->width,
        .height = camera->height,
        .light = camera->light,
    };
    size_t begin = out->len;

    memcpy(head.magic, MAGIC, sizeof(head.magic));
    for (int light = 0; light < MOTION_LIGHTS; light++)
        if (camera->models[light].mean)
            head.models |= 1u << light;
    buf_reserve(out, sizeof(head) + pixels * 9 + 2 * SCENE_PIXELS + 256);
    buf_add(out, &head, sizeof(head));
    buf_add(out, camera->restless, pixels);
    for (int light = 0; light < MOTION_LIGHTS; light++)
        if (camera->models[light].mean)
            put_model(&camera->models[light], pixels, out);
    uint32_t sum = (uint32_t)crc32_z(0, (const unsigned char *)out->data + begin, out->len - begin);
    buf_add(out, &sum, sizeof(sum));
}

static bool take(struct span *from, void *to, size_t len)
{
    if (from->len < len)
        return false;
    memcpy(to, from->at, len);
    from->at += len;
    from->len -= len;
    return true;
}

static bool sum_is_right(struct span *bytes)
{
    uint32_t stored;

    if (bytes->len < sizeof(stored))
        return false;
    bytes->len -= sizeof(stored);
    memcpy(&stored, bytes->at + bytes->len, sizeof(stored));
    return stored == (uint32_t)crc32_z(0, (const unsigned char *)bytes->at, bytes->len);
}

static bool head_is_ours(const struct file_head *head)
{
    return !memcmp(head->magic, MAGIC, sizeof(head->magic)) &&
           head->byte_order == BYTE_ORDER_MARK && head->width >= MOTION_SIDE_MIN &&
           head->width <= MOTION_WIDTH && head->height >= MOTION_SIDE_MIN &&
           head->height <= MOTION_HEIGHT_MAX && head->light < MOTION_LIGHTS &&
           head->models < 1u << MOTION_LIGHTS;
}

/* The loops count on these bounds. */
static void clamp(uint16_t *plane, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (plane[i] > 255 * PIXELS_SCALE)
            plane[i] = 255 * PIXELS_SCALE;
}

static bool take_model(struct span *from, size_t pixels, struct motion_model *model)
{
    struct model_head head;

    if (!take(from, &head, sizeof(head)))
        return false;
    motion_model_init(model, pixels);
    if (!take(from, model->scene, SCENE_PIXELS) ||
        !take(from, model->mean, pixels * sizeof(*model->mean)) ||
        !take(from, model->deviation, pixels * sizeof(*model->deviation)))
        return false;
    clamp(model->mean, pixels);
    clamp(model->deviation, pixels);
    model->learned_at = head.learned_at;
    model->last_at = head.last_at;
    model->scene_at = head.scene_at;
    model->pictures = head.pictures;
    return true;
}

static bool take_planes(struct motion_camera *camera, struct span *from, uint32_t models)
{
    size_t pixels = (size_t)camera->width * (size_t)camera->height;

    if (!take(from, camera->restless, pixels))
        return false;
    for (int light = 0; light < MOTION_LIGHTS; light++)
        if (models & 1u << light && !take_model(from, pixels, &camera->models[light]))
            return false;
    return from->len == 0;
}

int motion_state_take(struct motion_camera *camera, struct span bytes)
{
    struct file_head head;

    if (!sum_is_right(&bytes) || !take(&bytes, &head, sizeof(head)) || !head_is_ours(&head))
        return -EINVAL;
    motion_camera_resize(camera, head.width, head.height);
    camera->light = (enum motion_light)head.light;
    if (take_planes(camera, &bytes, head.models))
        return 0;
    motion_camera_release(camera);
    camera->width = camera->height = 0;
    return -EINVAL;
}

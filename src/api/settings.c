#include "api/api_private.h"

#include "base/mem.h"
#include "base/time.h"

/* NULL-terminated, NULL for none. */
static const char *const *texts_copy(const char *const *texts)
{
    size_t count = 0;
    while (texts && texts[count])
        count++;
    const char **copy = mem_alloc_array(count + 1, sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        copy[i] = mem_strdup(texts[i]);
    return copy;
}

static void text_free(const char *text)
{
    char *mine = (char *)(uintptr_t)text;
    mem_free(&mine);
}

static void texts_free(const char *const *texts)
{
    const char **mine = (const char **)(uintptr_t)texts;
    for (size_t i = 0; texts && texts[i]; i++)
        text_free(texts[i]);
    mem_free(&mine);
}

struct api *api_new(const struct api_settings *settings, const struct api_parts *parts)
{
    struct api *api = mem_alloc(sizeof(*api));
    struct api_settings *own = &api->settings;

    *own = *settings;
    own->camera_root = mem_strdup(settings->camera_root);
    own->web_root = mem_strdup(settings->web_root);
    own->openapi_path = mem_strdup(settings->openapi_path);
    own->version = mem_strdup(settings->version);
    own->thumbnails.folder = mem_strdup(settings->thumbnails.folder);
    own->cors_origins = texts_copy(settings->cors_origins);
    own->keys = NULL; /* only their digests are kept */
    key_ring_init(&api->keys, settings->keys);
    api->parts = *parts;
    api->started = time_monotonic();
    return api;
}

void api_free(struct api **api)
{
    struct api *gone = *api;
    if (!gone)
        return;
    text_free(gone->settings.camera_root);
    text_free(gone->settings.web_root);
    text_free(gone->settings.openapi_path);
    text_free(gone->settings.version);
    text_free(gone->settings.thumbnails.folder);
    texts_free(gone->settings.cors_origins);
    key_ring_release(&gone->keys);
    mem_free(api);
}

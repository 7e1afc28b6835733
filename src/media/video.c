#include "media/video.h"

#include "base/mem.h"
#include "media/video_module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define WHY_SIZE 256

struct video {
    const struct video_module *module;
    struct video_stream *stream;
    struct video_info info;
};

/* Beside the program, where an installation puts it, or above: the tests' programs lie two folders
 * deeper in the build folder. */
static const char *const places[] = {"", "../lib/vigil/", "../../"};

static int folder_of_program(char folder[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);

    if (length <= 0)
        return -ENOENT;
    folder[length] = '\0';
    char *slash = strrchr(folder, '/');
    if (!slash)
        return -ENOENT;
    slash[1] = '\0';
    return 0;
}

/* Stays loaded once it is: FFmpeg does not expect to be taken away. */
static void *load_library(struct buf *why)
{
    char folder[PATH_MAX];

    if (folder_of_program(folder) != 0) {
        buf_setf(why, "cannot tell where this program lies");
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        AUTO(mem_free) char *path = mem_printf("%s%svigil-video.so", folder, places[i]);
        if (access(path, F_OK) != 0)
            continue;
        void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (!library)
            buf_setf(why, "%s", dlerror());
        return library;
    }
    buf_setf(why, "vigil-video.so is not beside the program (in %s)", folder);
    return NULL;
}

static const struct video_module *load_module(struct buf *why)
{
    void *library = load_library(why);

    if (!library)
        return NULL;
    const struct video_module *module = dlsym(library, VIDEO_MODULE_SYMBOL);
    if (module && module->version == VIDEO_MODULE_VERSION)
        return module;
    buf_setf(why, "vigil-video.so is of another version than the program");
    return NULL;
}

int video_open(const char *path, struct video **ret_video, struct buf *why)
{
    const struct video_module *module = load_module(why);
    struct video_stream *stream = NULL;
    struct video_info info = {0};
    char text[WHY_SIZE] = "";

    if (!module)
        return -ENOSYS;
    int error = module->open(path, &info, &stream, text, sizeof(text));
    if (error) {
        buf_setf(why, "%s: %s", path, text[0] ? text : strerror(-error));
        return error;
    }
    struct video *video = mem_alloc(sizeof(*video));
    *video = (struct video){.module = module, .stream = stream, .info = info};
    *ret_video = video;
    return 0;
}

void video_close(struct video **video)
{
    if (!*video)
        return;
    (*video)->module->close(&(*video)->stream);
    mem_free(video);
}

const struct video_info *video_info_of(const struct video *video)
{
    return &video->info;
}

int video_frame_at(struct video *video, double seconds, struct picture **ret_picture)
{
    AUTO(picture_free)
    struct picture *picture = picture_new(PICTURE_RGB, video->info.width, video->info.height);

    int got = video->module->frame_at(video->stream, seconds, picture->pixels);
    if (got == 1)
        *ret_picture = TAKE(picture);
    return got;
}

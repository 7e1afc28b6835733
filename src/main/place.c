#include "main/place.h"

#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0750

char *place_of_program(void)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (length <= 0)
        return mem_strdup(".");
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    return slash ? mem_strndup(path, (size_t)(slash - path)) : mem_strdup(".");
}

int place_make_folder(const char *path)
{
    AUTO(mem_free) char *part = mem_strdup(path);
    for (char *at = part + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(part, FOLDER_MODE) < 0 && errno != EEXIST)
            return -errno;
        *at = '/';
    }
    struct stat found;
    if (mkdir(path, FOLDER_MODE) < 0 && errno != EEXIST)
        return -errno;
    if (stat(path, &found) < 0)
        return -errno;
    return S_ISDIR(found.st_mode) ? 0 : -ENOTDIR;
}

static char *beside_program(const char *name)
{
    AUTO(mem_free) char *folder = place_of_program();
    AUTO(mem_free) char *path = mem_printf("%s/%s", folder, name);
    return access(path, R_OK) == 0 ? TAKE(path) : NULL;
}

int place_open(const struct config *config, struct place *ret_place, struct buf *why)
{
    int result = place_make_folder(config->data_dir);
    if (result < 0) {
        buf_setf(why, "DATA_DIR=%s cannot be made: %s", config->data_dir, strerror(-result));
        return result;
    }
    *ret_place = (struct place){
        .database = mem_printf("%s/vigil.db", config->data_dir),
        .web_root = beside_program("web"),
        .openapi = beside_program("openapi.json"),
    };
    return 0;
}

void place_close(struct place *place)
{
    mem_free(&place->database);
    mem_free(&place->web_root);
    mem_free(&place->openapi);
}

#include "pipeline/camera_registry.h"

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "pipeline/announce.h"
#include "pipeline/camera_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMPONENT "file_watcher"

struct camera_registry {
    struct store *store;
    struct journal *journal;
    char *root;
    struct map *present; /* camera ids whose folder this process saw */
};

struct camera_registry *camera_registry_new(struct store *store, struct journal *journal,
                                            const char *root)
{
    struct camera_registry *registry = mem_alloc(sizeof(*registry));

    registry->store = store;
    registry->journal = journal;
    registry->root = mem_strdup(root);
    registry->present = map_new();
    return registry;
}

void camera_registry_free(struct camera_registry **registry)
{
    if (!*registry)
        return;
    map_free(&(*registry)->present);
    mem_free(&(*registry)->root);
    mem_free(registry);
}

char *text_printable(struct span text)
{
    AUTO(mem_free) char *copy = mem_strndup(text.at ? text.at : "", text.len);

    return utf8_name(copy, mem_alloc(text.len + 1), text.len + 1);
}

/* The folder's name, unless another camera goes by it. -ENOENT: this camera did and was deleted. */
static int choose_name(struct store_tx *tx, struct span folder, const char *id, char **ret_name)
{
    AUTO(mem_free) char *name = text_printable(folder);
    AUTO(camera_release) struct camera other = {0};

    int r = cameras_find_name(tx, name, &other);
    if (r < 0 && r != -ENOENT)
        return r;
    if (r == 0) {
        if (other.deleted_at && strcmp(other.id, id) == 0)
            return -ENOENT;
        char *longer = mem_printf("%s (%s)", name, id);
        mem_free(&name);
        name = longer;
    }
    *ret_name = TAKE(name);
    return 0;
}

static int create_camera(const struct camera_registry *registry, struct store_tx *tx,
                         struct span folder, const char *id, const char *path)
{
    AUTO(camera_release) struct camera camera = {0};

    int r = choose_name(tx, folder, id, &camera.name);
    if (r < 0)
        return r;
    camera.id = mem_strdup(id);
    camera.folder_path = mem_strdup(path);
    camera.status = CAMERA_ONLINE;
    camera.created_at = time_now();
    r = cameras_insert(tx, &camera);
    if (r < 0)
        return r;
    return announce_camera(registry->journal, tx,
                           &(struct camera_change){.camera = &camera,
                                                   .status = CAMERA_ONLINE,
                                                   .reason = "folder_found",
                                                   .at = camera.created_at});
}

int camera_registry_resolve(const struct camera_registry *registry, struct store_tx *tx,
                            struct span folder, char ret_id[CAMERA_ID_SIZE])
{
    AUTO(mem_free)
    char *path = mem_printf("%s/%.*s", registry->root, (int)folder.len, folder.at);
    AUTO(camera_release) struct camera by_folder = {0};
    AUTO(camera_release) struct camera by_id = {0};

    if (!text_is_utf8(folder))
        return -EINVAL;
    int r = cameras_find_folder(tx, path, &by_folder);
    if (r == 0 && strlen(by_folder.id) < CAMERA_ID_SIZE) {
        memcpy(ret_id, by_folder.id, strlen(by_folder.id) + 1);
        return by_folder.deleted_at ? -ENOENT : 0;
    }
    if (r < 0 && r != -ENOENT)
        return r;
    r = camera_id_normalise(folder, ret_id);
    if (r < 0)
        return r;
    r = cameras_get(tx, ret_id, &by_id);
    if (r != -ENOENT)
        return r;
    return create_camera(registry, tx, folder, ret_id, path);
}

/* ---- At the start ---- */

static int count_cameras(struct store_tx *tx, void *arg)
{
    AUTO(camera_list_release) struct camera_list list = {0};
    int r = cameras_list(tx, NULL, &list);

    *(size_t *)arg = list.count;
    return r;
}

struct bootstrap {
    const struct camera_registry *registry;
    const char *folder;
};

static int create_of_folder(struct store_tx *tx, void *arg)
{
    const struct bootstrap *bootstrap = arg;
    char id[CAMERA_ID_SIZE];

    return camera_registry_resolve(bootstrap->registry, tx, span_of(bootstrap->folder), id);
}

static bool is_camera_folder(int root_fd, const char *name)
{
    struct stat info;

    return name[0] != '.' && strcmp(name, "lost+found") != 0 &&
           fstatat(root_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

int camera_registry_bootstrap(struct camera_registry *registry)
{
    size_t existing = 0;
    int made = 0;

    int r = store_read(registry->store, count_cameras, &existing);
    if (r < 0 || existing > 0)
        return r;
    DIR *dir = opendir(registry->root);
    if (!dir)
        return -errno;
    for (const struct dirent *entry; (entry = readdir(dir));) {
        struct bootstrap bootstrap = {registry, entry->d_name};
        if (!is_camera_folder(dirfd(dir), entry->d_name))
            continue;
        r = store_write(registry->store, create_of_folder, &bootstrap);
        if (r == 0)
            made++;
        else if (r != -EINVAL && r != -ENOENT)
            break;
    }
    closedir(dir);
    return r < 0 && r != -EINVAL && r != -ENOENT ? r : made;
}

/* ---- While it runs ---- */

const char *camera_folder_trouble(const char *root, const char *path, int *ret_error)
{
    AUTO(fd_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0 && faccessat(fd, ".", R_OK | X_OK, AT_EACCESS) == 0)
        return NULL;
    *ret_error = -errno;
    if (*ret_error == -ENOTDIR)
        return "not_a_folder";
    if (*ret_error == -ENOENT)
        return access(root, F_OK) == 0 ? "folder_missing" : "root_missing";
    return "folder_unreadable";
}

struct status_change {
    const struct camera_registry *registry;
    const struct camera *camera;
    enum camera_status status;
    const char *reason;
    char *details;
};

static int write_change(struct store_tx *tx, void *arg)
{
    const struct status_change *change = arg;

    int r = cameras_set_status(tx, change->camera->id, change->status);
    if (r <= 0)
        return r;
    return announce_camera(change->registry->journal, tx,
                           &(struct camera_change){.camera = change->camera,
                                                   .previous = &change->camera->status,
                                                   .status = change->status,
                                                   .reason = change->reason,
                                                   .details = change->details,
                                                   .at = time_now()});
}

static int change_status(struct camera_registry *registry, struct status_change *change)
{
    int r = store_write(registry->store, write_change, change);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (change->status == CAMERA_ERROR)
        log_warning(COMPONENT, "event=camera_error camera=%s reason=%s folder=%s",
                    log_value(change->camera->id), change->reason,
                    log_value(change->camera->folder_path));
    else
        log_warning(COMPONENT, "event=camera_online camera=%s folder=%s",
                    log_value(change->camera->id), log_value(change->camera->folder_path));
    return 0;
}

static int check_camera(struct camera_registry *registry, const struct camera *camera)
{
    struct span id = span_of(camera->id);
    struct status_change change = {.registry = registry, .camera = camera};
    int error = 0, r = 0;
    const char *trouble = camera_folder_trouble(registry->root, camera->folder_path, &error);

    if (!trouble)
        map_set(registry->present, id, registry);
    /* A folder that was never there may be about to be made: nothing has vanished. */
    bool is_awaited =
        error == -ENOENT && !map_get(registry->present, id) && camera->last_seen_at == 0;
    if (trouble && !is_awaited && camera->status != CAMERA_ERROR) {
        change.status = CAMERA_ERROR;
        change.reason = trouble;
        change.details = mem_printf("%s: %s", camera->folder_path, strerror(-error));
        r = change_status(registry, &change);
    } else if (!trouble && camera->status == CAMERA_ERROR) {
        change.status = CAMERA_ONLINE;
        change.reason = "folder_returned";
        r = change_status(registry, &change);
    }
    mem_free(&change.details);
    return r;
}

static int list_cameras(struct store_tx *tx, void *arg)
{
    return cameras_list(tx, NULL, arg);
}

int camera_registry_check(struct camera_registry *registry)
{
    AUTO(camera_list_release) struct camera_list cameras = {0};

    int last = store_read(registry->store, list_cameras, &cameras);
    for (size_t i = 0; i < cameras.count && last == 0; i++)
        last = check_camera(registry, &cameras.items[i]);
    return last;
}

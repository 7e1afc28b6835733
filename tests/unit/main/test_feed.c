#include "main/feed.h"

#include "main/command.h"
#include "support/avi.h"
#include "support/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <regex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A folder for the cameras and one for what is played. */
struct stage {
    char *root, *camera, *source;
    struct feed_settings settings;
};

static int set_up(void **state)
{
    struct stage *stage = mem_alloc(sizeof(*stage));

    stage->root = scratch_new();
    stage->camera = mem_printf("%s/cameras/porch", stage->root);
    stage->source = mem_printf("%s/source", stage->root);
    stage->settings = feed_settings_default;
    stage->settings.root = mem_printf("%s/cameras", stage->root);
    stage->settings.camera = "porch";
    stage->settings.interval = 0.02;
    *state = stage;
    return mkdir(stage->source, 0700);
}

static int tear_down(void **state)
{
    struct stage *stage = *state;

    mem_free(&stage->settings.root);
    mem_free(&stage->camera);
    mem_free(&stage->source);
    scratch_free(&stage->root);
    mem_free(&stage);
    return 0;
}

static void write_file(const char *folder, const char *name, struct span bytes)
{
    AUTO(mem_free) char *path = mem_printf("%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
    close(fd);
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Every file there is whole, named as a Foscam names it, and of its own; nothing hidden is left. */
static int check_pictures(const char *folder, int width, int height)
{
    struct dirent **entries = NULL;
    regex_t form;
    int count = scandir(folder, &entries, is_shown, alphasort);

    assert_int_equal(regcomp(&form, "^MDAlarm_[0-9]{8}-[0-9]{6}-[0-9]{3}\\.jpg$", REG_EXTENDED), 0);
    for (int i = 0; i < count; i++) {
        AUTO(mem_free) char *path = mem_printf("%s/%s", folder, entries[i]->d_name);
        AUTO(picture_free) struct picture *picture = NULL;
        int fd = open(path, O_RDONLY);
        assert_int_equal(regexec(&form, entries[i]->d_name, 0, NULL, 0), 0);
        assert_int_equal(picture_read(fd, PICTURE_RGB, 0, 0, &picture, NULL), 0);
        assert_int_equal(picture->width, width);
        assert_int_equal(picture->height, height);
        close(fd);
        free(entries[i]);
    }
    free(entries);
    regfree(&form);
    assert_int_equal(scratch_count(folder), count);
    return count;
}

static bool are_same(const char *folder)
{
    AUTO(mem_free)
    char *command = mem_printf("cd %s && sha256sum * | cut -c1-64 | sort | uniq -d "
                               "| grep -q .",
                               folder);

    return system(command) == 0;
}

static void scenes_are_dropped(void **state)
{
    struct stage *stage = *state;

    stage->settings.count = 3;
    stage->settings.width = 320;
    stage->settings.height = 180;
    assert_int_equal(feed_play(&stage->settings), 0);
    assert_int_equal(check_pictures(stage->camera, 320, 180), 3);
}

/* A folder repeats, and still no two files are the same. */
static void a_folder_repeats(void **state)
{
    struct stage *stage = *state;
    AUTO(picture_free) struct picture *picture = paint_scene(160, 120);
    AUTO(buf_release) struct buf jpeg = BUF_INIT;
    AUTO(buf_release) struct buf png = BUF_INIT;

    add_jpeg(&jpeg, picture);
    add_png(&png, picture->pixels, 160, 120, PNG_FORMAT_RGB, NULL, 0);
    write_file(stage->source, "a.jpg", buf_span(&jpeg));
    write_file(stage->source, "B.PNG", buf_span(&png));
    write_file(stage->source, "broken.png", SPAN_LITERAL("not a picture"));
    write_file(stage->source, ".hidden.jpg", SPAN_LITERAL("not a picture"));
    write_file(stage->source, "notes.txt", SPAN_LITERAL("not a picture"));
    stage->settings.source = stage->source;
    stage->settings.count = 7;
    assert_int_equal(feed_play(&stage->settings), 0);
    assert_int_equal(check_pictures(stage->camera, 160, 120), 7);
    assert_false(are_same(stage->camera));
}

static void a_folder_once(void **state)
{
    struct stage *stage = *state;
    AUTO(picture_free) struct picture *picture = paint_scene(160, 120);
    AUTO(buf_release) struct buf jpeg = BUF_INIT;

    add_jpeg(&jpeg, picture);
    for (int i = 0; i < 5; i++) {
        AUTO(mem_free) char *name = mem_printf("%d.jpeg", i);
        write_file(stage->source, name, buf_span(&jpeg));
    }
    stage->settings.source = stage->source;
    stage->settings.repeat = FEED_ONCE;
    stage->settings.width = 80;
    stage->settings.height = 64;
    assert_int_equal(feed_play(&stage->settings), 0);
    assert_int_equal(check_pictures(stage->camera, 80, 64), 5);
}

static struct picture *frame(uint32_t number)
{
    struct picture *picture = paint_scene(160, 120);

    paint_rectangle(picture, (int)number * 4, 40, 20, 40, 0x102030);
    return picture;
}

static void a_video_is_played(void **state)
{
    struct stage *stage = *state;
    AUTO(mem_free) char *path = mem_printf("%s/video.avi", stage->source);
    AUTO(buf_release) struct buf video = BUF_INIT;

    avi_make(&video, 160, 120, 50, 10, frame);
    write_file(stage->source, "video.avi", buf_span(&video));
    stage->settings.source = path;
    stage->settings.repeat = FEED_ONCE;
    assert_int_equal(feed_play(&stage->settings), 0);
    assert_int_equal(check_pictures(stage->camera, 160, 120), 10);
    stage->settings.repeat = FEED_REPEAT;
    stage->settings.count = 13;
    stage->settings.camera = "other";
    AUTO(mem_free) char *other = mem_printf("%s/other", stage->settings.root);
    assert_int_equal(feed_play(&stage->settings), 0);
    assert_int_equal(check_pictures(other, 160, 120), 13);
}

static void what_cannot_be_played(void **state)
{
    struct stage *stage = *state;
    AUTO(mem_free) char *text = mem_printf("%s/text.avi", stage->source);
    AUTO(mem_free) char *none = mem_printf("%s/none.avi", stage->source);

    stage->settings.source = none;
    assert_int_equal(feed_play(&stage->settings), 1);
    stage->settings.source = stage->source;
    assert_int_equal(feed_play(&stage->settings), 1); /* nothing in it */
    write_file(stage->source, "text.avi", SPAN_LITERAL("no video"));
    stage->settings.source = text;
    assert_int_equal(feed_play(&stage->settings), 1);
    write_file(stage->source, "broken.png", SPAN_LITERAL("no picture"));
    stage->settings.source = stage->source;
    assert_int_equal(feed_play(&stage->settings), 1);
    assert_int_equal(scratch_count(stage->camera), 0);
}

static pid_t play_in_child(struct stage *stage)
{
    stage->settings.width = 160;
    stage->settings.height = 90;
    size_t before = scratch_count(stage->camera);
    pid_t child = fork();
    if (child == 0)
        _exit(feed_play(&stage->settings));
    assert_true(child > 0);
    for (int i = 0; i < 3000 && scratch_count(stage->camera) < before + 2; i++)
        usleep(10000);
    assert_true(scratch_count(stage->camera) >= before + 2);
    return child;
}

static int exit_status_of(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void signals_end_it(void **state)
{
    struct stage *stage = *state;
    static const int signals[] = {SIGINT, SIGTERM};

    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        pid_t child = play_in_child(stage);
        kill(child, signals[i]);
        assert_int_equal(exit_status_of(child), 0);
        check_pictures(stage->camera, 160, 90);
    }
}

static void the_folder_vanishes(void **state)
{
    struct stage *stage = *state;
    AUTO(mem_free) char *elsewhere = mem_printf("%s/elsewhere", stage->root);
    pid_t child = play_in_child(stage);

    assert_int_equal(rename(stage->camera, elsewhere), 0);
    assert_int_equal(exit_status_of(child), 1);
}

static int run(const char *first, const char *second)
{
    char *argv[] = {(char *)"feed", (char *)first, (char *)second, NULL};
    int stream = dup(STDERR_FILENO), silence = open("/dev/null", O_WRONLY);

    dup2(silence, STDERR_FILENO);
    int status = command_feed.run(second ? 3 : 2, argv);
    dup2(stream, STDERR_FILENO);
    close(stream);
    close(silence);
    return status;
}

static void options_are_checked(void **state)
{
    static const char *const wrong[][2] = {
        {"--interval", "0"},      {"--interval", "x"},   {"--interval", "nan"},
        {"--interval", "100000"}, {"--count", "0"},      {"--count", "-3"},
        {"--size", "640"},        {"--size", "10x10"},   {"--size", "7680x7680"},
        {"--size", "640x480x3"},  {"--camera", "../up"}, {"--camera", ""},
        {"--camera", ".hidden"},  {"--at", "-1"},        {"--at", "inf"},
        {"--unknown", "option"},  {"one", "two"},
    };

    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(run(wrong[i][0], wrong[i][1]), 2);
}

#define WITH_STAGE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    WITH_STAGE(scenes_are_dropped),    WITH_STAGE(a_folder_repeats),
    WITH_STAGE(a_folder_once),         WITH_STAGE(a_video_is_played),
    WITH_STAGE(what_cannot_be_played), WITH_STAGE(signals_end_it),
    WITH_STAGE(the_folder_vanishes),   cmocka_unit_test(options_are_checked),
};

int main(void)
{
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}

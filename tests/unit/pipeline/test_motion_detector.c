#include "pipeline/motion_detector.h"

#include "base/time.h"
#include "support/pictures.h"
#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define START (1700000000LL * TIME_SECOND)
#define NOISE 5

static void detector_release(struct detector **detector)
{
    if (*detector)
        (*detector)->type->free(detector);
}

static struct detector *detector_in(const char *state_dir)
{
    struct detector *detector = NULL;

    assert_int_equal(motion_detector_new(state_dir, 0.90, &detector), 0);
    return detector;
}

static struct detector_result show_to(struct detector *detector, const char *camera,
                                      const struct picture *picture, double seconds)
{
    AUTO(buf_release) struct buf file = BUF_INIT;
    struct picture_refusal why = {0};
    struct detector_result result;

    add_jpeg(&file, picture);
    struct detector_input input = {
        .camera_id = camera,
        .file = buf_span(&file),
        .taken_at = START + (int64_t)(seconds * TIME_SECOND),
    };
    assert_int_equal(detector->type->detect(detector, &input, &result, &why), 0);
    buf_release(&why.detail);
    for (unsigned i = 0; i < result.count; i++) {
        const struct detector_box *box = &result.boxes[i];
        assert_string_equal(box->object_type, "motion");
        assert_true(box->confidence >= 0.5 && box->confidence <= 0.99);
        assert_true(i == 0 || box->confidence <= result.boxes[i - 1].confidence);
        assert_true(box->x >= 0 && box->y >= 0 && box->width > 0 && box->height > 0);
        assert_true(box->x + box->width <= result.width && box->y + box->height <= result.height);
    }
    assert_true(result.similarity <= 1);
    return result;
}

/* One story at one camera, told second by second. */
struct story {
    struct detector *detector;
    int width, height;
    double now;
    uint32_t seed;
};

static struct picture *noisy_scene(struct story *story)
{
    struct picture *picture = paint_scene(story->width, story->height);

    paint_noise(picture, ++story->seed, NOISE);
    return picture;
}

static struct detector_result show(struct story *story, const struct picture *picture)
{
    return show_to(story->detector, "porch", picture, story->now);
}

static struct detector_result show_empty(struct story *story)
{
    AUTO(picture_free) struct picture *picture = noisy_scene(story);

    return show(story, picture);
}

static struct detector_result show_box(struct story *story, int x, int y, int width, int height)
{
    AUTO(picture_free) struct picture *picture = noisy_scene(story);

    paint_rectangle(picture, x, y, width, height, 0x202838);
    return show(story, picture);
}

static struct story story_of(struct detector *detector)
{
    return (struct story){.detector = detector, .width = 640, .height = 360};
}

static void assert_box(const struct detector_box *box, int x, int y, int width, int height,
                       int tolerance)
{
    if (abs(box->x - x) > tolerance || abs(box->y - y) > tolerance ||
        abs(box->x + box->width - x - width) > tolerance ||
        abs(box->y + box->height - y - height) > tolerance)
        fail_msg("box %d,%d %dx%d is not %d,%d %dx%d", box->x, box->y, box->width, box->height, x,
                 y, width, height);
}

static void an_empty_scene_is_empty(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);

    struct detector_result first = show_empty(&story);
    assert_true(first.learning);
    assert_int_equal(first.count, 0);
    assert_int_equal(first.width, 640);
    assert_int_equal(first.height, 360);
    assert_true(first.similarity < 0);
    for (story.now = 1; story.now < 40; story.now++) {
        struct detector_result result = show_empty(&story);
        assert_int_equal(result.count, 0);
        assert_false(result.learning);
        assert_null(result.note);
        assert_true(result.similarity > 0.95);
    }
}

/* From the second picture on, and where it is. */
static void a_moving_thing_is_found(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);

    show_empty(&story);
    for (int i = 0; i < 20; i++) {
        story.now = 1 + i;
        int x = 50 + i * 22, y = 150;
        struct detector_result result = show_box(&story, x, y, 40, 100);
        assert_int_equal(result.count, 1);
        assert_box(&result.boxes[0], x, y, 40, 100, 2);
        assert_true(result.boxes[0].confidence > 0.7);
    }
    story.now += 1;
    assert_int_equal(show_empty(&story).count, 0);
}

static void two_things_are_two(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);

    show_empty(&story);
    for (story.now = 1; story.now < 5; story.now++) {
        AUTO(picture_free) struct picture *picture = noisy_scene(&story);
        paint_rectangle(picture, 100 + (int)story.now * 15, 100, 30, 80, 0x202020);
        paint_rectangle(picture, 400 - (int)story.now * 15, 200, 50, 30, 0xF0F0F0);
        struct detector_result result = show(&story, picture);
        assert_int_equal(result.count, 2);
    }
}

static void another_exposure_is_no_thing(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);

    show_empty(&story);
    for (story.now = 1; story.now < 30; story.now++) {
        AUTO(picture_free) struct picture *picture = noisy_scene(&story);
        paint_exposure(picture, 100 + (int)(25 * sin(story.now / 3)), 0);
        assert_int_equal(show(&story, picture).count, 0);
    }
}

static void the_light_goes_on_and_off(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);
    bool noted = false;

    for (story.now = 0; story.now < 6; story.now++)
        show_empty(&story);
    for (; story.now < 12; story.now++) {
        AUTO(picture_free) struct picture *picture = noisy_scene(&story);
        paint_exposure(picture, 40, 130);
        struct detector_result result = show(&story, picture);
        assert_int_equal(result.count, 0);
        noted |= result.note && !strcmp(result.note, "light_change");
    }
    assert_true(noted);
    for (; story.now < 18; story.now++)
        assert_int_equal(show_empty(&story).count, 0);
    story.now++;
    assert_int_equal(show_box(&story, 150, 150, 40, 100).count, 1);
}

/* Each light has its own background: the second night begins with what the first one taught. */
static void infrared_and_back(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);

    for (int change = 0; change < 3; change++)
        for (int i = 0; i < 5; i++, story.now++) {
            AUTO(picture_free) struct picture *picture = noisy_scene(&story);
            if (change % 2)
                paint_infrared(picture);
            struct detector_result result = show(&story, picture);
            assert_int_equal(result.count, 0);
            if (change > 0 && i == 0)
                assert_string_equal(result.note, "infrared_switch");
            else
                assert_null(result.note);
            assert_int_equal(result.learning, change < 2 && i == 0);
        }
    AUTO(picture_free) struct picture *picture = noisy_scene(&story);
    paint_infrared(picture);
    paint_rectangle(picture, 200, 150, 40, 100, 0xE0E0E0);
    struct detector_result result = show(&story, picture);
    assert_string_equal(result.note, "infrared_switch");
    assert_int_equal(result.count, 1);
    assert_box(&result.boxes[0], 200, 150, 40, 100, 3);
}

/* What stands in the very first picture and walks away leaves a hole; the hole is no thing. */
static void what_stood_in_the_first_picture(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);

    show_box(&story, 100, 150, 40, 100);
    for (int i = 1; i < 12; i++) {
        story.now = i;
        int x = 100 + i * 30;
        struct detector_result result = show_box(&story, x, 150, 40, 100);
        if (i == 1) /* it still covers a part of its hole */
            continue;
        assert_int_equal(result.count, 1);
        assert_box(&result.boxes[0], x, 150, 40, 100, 3);
    }
    story.now = 12;
    assert_int_equal(show_empty(&story).count, 0);
}

static void a_parked_car_alarms_once(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);
    double last_report = 0;

    show_empty(&story);
    for (int x = 0; x <= 250; x += 50) {
        story.now++;
        assert_int_equal(show_box(&story, x, 225, 150, 70).count, 1);
    }
    double parked = story.now;
    for (; story.now < parked + 400; story.now += 5)
        if (show_box(&story, 250, 225, 150, 70).count)
            last_report = story.now;
    assert_true(last_report - parked > 30);
    assert_true(last_report - parked < 60);

    /* It drives off: found while it moves, and its hole is filled soon. */
    for (int x = 275; x <= 700; x += 75, story.now++)
        assert_true(show_box(&story, x, 225, 150, 70).count > 0 || x > 640);
    double gone = story.now;
    for (; story.now < gone + 60; story.now += 3)
        if (show_empty(&story).count)
            last_report = story.now;
    assert_true(last_report < gone + 20);
}

static void someone_stops_and_goes_on(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);

    show_empty(&story);
    for (story.now = 1; story.now < 100; story.now += 3)
        show_box(&story, 300, 150, 40, 100);
    struct detector_result result = show_box(&story, 350, 150, 40, 100);
    assert_int_equal(result.count, 1);
    assert_box(&result.boxes[0], 350, 150, 40, 100, 3);
}

/* Hours later, shadows moved: one picture to say so at most, then the burst has its background. */
static void a_burst_after_a_gap(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);

    for (; story.now < 30; story.now++)
        show_empty(&story);
    double burst = story.now = 3 * 3600;
    for (int i = 0; i < 40; i++, story.now++) {
        AUTO(picture_free) struct picture *picture = noisy_scene(&story);
        paint_rectangle(picture, 450, 250, 125, 75, 0x20301C); /* a shadow that was not there */
        int x = 50 + i * 12;
        if (i < 20)
            paint_rectangle(picture, x, 125, 40, 100, 0xD8D0C8);
        struct detector_result result = show(&story, picture);
        bool found = false;
        for (unsigned b = 0; b < result.count; b++)
            found |= abs(result.boxes[b].x - x) < 4 && abs(result.boxes[b].width - 40) < 6;
        assert_int_equal(found, i < 20);
        if (story.now > burst + 15)
            assert_int_equal(result.count, i < 20 ? 1 : 0);
    }
}

static void a_flickering_corner_becomes_insensitive(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);
    int late = 0;

    show_empty(&story);
    for (int i = 1; i < 200; i++) {
        story.now = i;
        AUTO(picture_free) struct picture *picture = noisy_scene(&story);
        for (int leaf = 0; leaf < 30; leaf++)
            if ((leaf * 7 + i * 13 + i * i % 11) % 5 < 2)
                paint_rectangle(picture, 10 + leaf % 6 * 12, 10 + leaf / 6 * 12, 11, 11, 0x203810);
        if (i > 150)
            late += show(&story, picture).count > 0;
        else
            show(&story, picture);
    }
    assert_true(late <= 2);
    story.now = 200;
    assert_int_equal(show_box(&story, 300, 150, 40, 100).count, 1);
}

static void the_camera_is_turned(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);
    int noted = 0;

    for (; story.now < 10; story.now++)
        show_empty(&story);
    for (; story.now < 20; story.now++) {
        AUTO(picture_free) struct picture *picture = picture_new(PICTURE_RGB, 640, 360);
        for (int i = 0; i < 9; i++)
            for (int j = 0; j < 5; j++)
                paint_rectangle(picture, i * 75, j * 75, 55, 50, (i + j) % 2 ? 0xD06030 : 0x3050A0);
        paint_noise(picture, ++story.seed, NOISE);
        struct detector_result result = show(&story, picture);
        assert_int_equal(result.count, 0);
        noted += result.note && !strcmp(result.note, "scene_change");
    }
    assert_int_equal(noted, 1);
}

static void the_lens_is_covered(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);

    for (; story.now < 10; story.now++)
        show_empty(&story);
    AUTO(picture_free) struct picture *dark = picture_new(PICTURE_RGB, 640, 360);
    paint_rectangle(dark, 0, 0, 640, 360, 0x140C08);
    paint_noise(dark, 5, NOISE);
    struct detector_result result = show(&story, dark);
    assert_int_equal(result.count, 0);
    assert_non_null(result.note);
    assert_true(result.note &&
                (!strcmp(result.note, "scene_change") || !strcmp(result.note, "infrared_switch")));
}

static void the_background_survives_a_restart(void **state)
{
    AUTO(scratch_free) char *folder = scratch_new();
    AUTO(mem_free) char *path = mem_printf("%s/porch.background", folder);
    struct detector *detector = detector_in(folder);
    struct story story = story_of(detector);

    for (; story.now < 10; story.now++)
        show_empty(&story);
    detector->type->save(detector);
    detector_release(&detector);
    assert_int_equal(access(path, R_OK), 0);
    assert_int_equal(scratch_count(folder), 1);

    detector = story.detector = detector_in(folder);
    struct detector_result result = show_box(&story, 250, 150, 40, 100);
    assert_false(result.learning);
    assert_int_equal(result.count, 1);
    detector_release(&detector);

    /* Every damage is noticed, and ends in learning anew. */
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    off_t size = lseek(fd, 0, SEEK_END);
    for (int i = 0; i < 5; i++) {
        char byte;
        off_t at = i == 4 ? 0 : size * i / 4 + 9;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte = (char)(byte ^ 0x40);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        detector = story.detector = detector_in(folder);
        assert_true(show_box(&story, 250, 150, 40, 100).learning);
        detector_release(&detector);
        byte = (char)(byte ^ 0x40);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(ftruncate(fd, size * i / 4), 0);
        detector = story.detector = detector_in(folder);
        assert_true(show_box(&story, 250, 150, 40, 100).learning);
        detector_release(&detector);
    }
    close(fd);
}

static void names_of_cameras_lead_nowhere(void **state)
{
    AUTO(scratch_free) char *root = scratch_new();
    AUTO(mem_free) char *folder = mem_printf("%s/state", root);
    AUTO(detector_release) struct detector *detector = detector_in(folder);
    AUTO(picture_free) struct picture *picture = paint_scene(160, 120);

    show_to(detector, "../outside", picture, 0);
    show_to(detector, "", picture, 0);
    show_to(detector, "a/b", picture, 0);
    detector->type->save(detector);
    assert_int_equal(scratch_count(folder), 3);
    assert_int_equal(scratch_count(root), 1);
}

static void pictures_of_every_size(void **state)
{
    static const int sizes[][2] = {{8, 8},     {9, 300},    {2000, 8},   {64, 48},  {160, 120},
                                   {641, 479}, {720, 1280}, {2560, 600}, {321, 241}};
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    double now = 0;

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        int width = sizes[i][0], height = sizes[i][1];
        AUTO(picture_free) struct picture *empty = paint_scene(width, height);
        AUTO(picture_free) struct picture *thing = paint_scene(width, height);
        int x = width / 4, y = height / 4, w = width / 4, h = height / 2;
        paint_rectangle(thing, x, y, w, h, 0x101010);
        struct detector_result result = show_to(detector, "porch", empty, ++now);
        assert_true(result.learning);
        assert_int_equal(show_to(detector, "porch", empty, ++now).count, 0);
        result = show_to(detector, "porch", thing, ++now);
        if (width < 64 || height < 48)
            continue;
        assert_int_equal(result.count, 1);
        assert_box(&result.boxes[0], x, y, w, h, width / 32 + 2);
    }
}

static void time_may_stand_still_or_go_back(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct story story = story_of(detector);
    static const double times[] = {0, 0, 0, -100, -1e9, 5, 1e9, 1e9, -1e9, 0};

    for (size_t i = 0; i < COUNT_OF(times); i++) {
        story.now = times[i];
        assert_int_equal(show_empty(&story).count, 0);
    }
    assert_int_equal(show_box(&story, 250, 150, 40, 100).count, 1);
}

static void what_is_no_picture_is_refused(void **state)
{
    AUTO(detector_release) struct detector *detector = detector_in(NULL);
    struct picture_refusal why = {0};
    struct detector_result result;
    struct detector_input input = {.camera_id = "porch", .file = SPAN_LITERAL("no picture")};

    assert_int_equal(detector->type->detect(detector, &input, &result, &why), -EINVAL);
    assert_string_equal(why.reason, "not_a_picture");
    buf_release(&why.detail);
}

static void more_cameras_than_are_remembered(void **state)
{
    AUTO(scratch_free) char *folder = scratch_new();
    AUTO(detector_release) struct detector *detector = detector_in(folder);
    AUTO(picture_free) struct picture *picture = paint_scene(32, 24);
    char name[16];

    for (int i = 0; i < MOTION_CAMERAS_MAX + 10; i++) {
        snprintf(name, sizeof(name), "camera_%d", i);
        assert_true(show_to(detector, name, picture, 0).learning);
    }
    assert_int_equal(scratch_count(folder), 10); /* those that had to go were kept on disk */
    assert_false(show_to(detector, "camera_3", picture, 1).learning);
    assert_false(show_to(detector, "camera_200", picture, 1).learning);
}

struct worker {
    struct detector *detector;
    char camera[16];
    unsigned found;
};

static void *work(void *arg)
{
    struct worker *worker = arg;
    AUTO(buf_release) struct buf empty = BUF_INIT;
    AUTO(buf_release) struct buf thing = BUF_INIT;
    AUTO(picture_free) struct picture *picture = paint_scene(320, 240);
    struct picture_refusal why = {0};
    struct detector_result result = {0};

    add_jpeg(&empty, picture);
    paint_rectangle(picture, 100, 100, 40, 80, 0x101010);
    add_jpeg(&thing, picture);
    for (int i = 0; i < 20; i++) {
        struct detector_input input = {.camera_id = worker->camera,
                                       .file = buf_span(i % 5 == 4 ? &thing : &empty),
                                       .taken_at = START + i * TIME_SECOND};
        if (worker->detector->type->detect(worker->detector, &input, &result, &why) == 0)
            worker->found += result.count;
        if (i % 7 == 0)
            worker->detector->type->save(worker->detector);
    }
    return NULL;
}

static void many_cameras_at_once(void **state)
{
    AUTO(scratch_free) char *folder = scratch_new();
    AUTO(detector_release) struct detector *detector = detector_in(folder);
    struct worker workers[4];
    pthread_t threads[4];

    for (int i = 0; i < 4; i++) {
        workers[i] = (struct worker){.detector = detector};
        snprintf(workers[i].camera, sizeof(workers[i].camera), "camera_%d", i);
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].found, 4);
    }
    assert_int_equal(scratch_count(folder), 4);
}

/* The stories have one thread and millions of pixels: with every access watched by ThreadSanitizer
 * they would take minutes and prove nothing. */
#ifdef __SANITIZE_THREAD__
#define STORIES 0
#else
#define STORIES 1
#endif

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(many_cameras_at_once),
    cmocka_unit_test(more_cameras_than_are_remembered),
    cmocka_unit_test(an_empty_scene_is_empty),
    cmocka_unit_test(a_moving_thing_is_found),
    cmocka_unit_test(two_things_are_two),
    cmocka_unit_test(another_exposure_is_no_thing),
    cmocka_unit_test(the_light_goes_on_and_off),
    cmocka_unit_test(infrared_and_back),
    cmocka_unit_test(what_stood_in_the_first_picture),
    cmocka_unit_test(a_parked_car_alarms_once),
    cmocka_unit_test(someone_stops_and_goes_on),
    cmocka_unit_test(a_burst_after_a_gap),
    cmocka_unit_test(a_flickering_corner_becomes_insensitive),
    cmocka_unit_test(the_camera_is_turned),
    cmocka_unit_test(the_lens_is_covered),
    cmocka_unit_test(the_background_survives_a_restart),
    cmocka_unit_test(names_of_cameras_lead_nowhere),
    cmocka_unit_test(pictures_of_every_size),
    cmocka_unit_test(time_may_stand_still_or_go_back),
    cmocka_unit_test(what_is_no_picture_is_refused),
};

static const struct CMUnitTest threaded_tests[] = {
    cmocka_unit_test(many_cameras_at_once),
};

int main(void)
{
    if (!STORIES)
        return cmocka_run_group_tests_name("motion_detector", threaded_tests, NULL, NULL);
    return cmocka_run_group_tests_name("motion_detector", tests, NULL, NULL);
}

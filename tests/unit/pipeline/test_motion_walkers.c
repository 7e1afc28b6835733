/* Real footage: people walking through the view of a fixed outdoor camera, marked by hand in
 * tests/data/vtest_walkers.json, shown to the detector at two pictures a second. */
#include "base/json.h"
#include "base/time.h"
#include "media/video.h"
#include "pipeline/motion_detector.h"
#include "support/pictures.h"
#include "support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START (1700000000LL * TIME_SECOND)
#define STEP_SECONDS 0.5
#define FOUND_SHARE 0.8
#define INSIDE_SHARE 0.7  /* of a walker's area that the boxes cover together */
#define COVERED_MAX 0.35  /* of the picture, on average: a box around everything is no answer */
#define COVERED_ONCE 0.60 /* of one picture */

struct tally {
    int walkers, found, pictures, boxes;
    double covered;
};

static void detector_release(struct detector **detector)
{
    if (*detector)
        (*detector)->type->free(detector);
}

/* Where the film lies; mem_free. */
static char *film(const char *scratch)
{
    const char *root = getenv("VIGIL_ROOT");
    AUTO(mem_free) char *command = mem_printf("%s/tools/footage.sh %s", root ? root : ".", scratch);
    char path[512] = "";
    FILE *answer = popen(command, "r");

    assert_non_null(answer);
    assert_non_null(fgets(path, sizeof(path), answer));
    assert_int_equal(pclose(answer), 0);
    path[strcspn(path, "\n")] = '\0';
    return mem_strdup(path);
}

static json_t *marks(void)
{
    const char *root = getenv("VIGIL_ROOT");
    AUTO(mem_free)
    char *path = mem_printf("%s/tests/data/vtest_walkers.json", root ? root : ".");
    json_error_t error;
    json_t *document = json_load_file(path, 0, &error);

    if (!document)
        fail_msg("%s: %s", path, error.text);
    return document;
}

static bool is_covered(const struct detector_result *result, int x, int y)
{
    for (unsigned i = 0; i < result->count; i++) {
        const struct detector_box *box = &result->boxes[i];
        if (x >= box->x && x < box->x + box->width && y >= box->y && y < box->y + box->height)
            return true;
    }
    return false;
}

static double share_covered(const struct detector_result *result, int x, int y, int width,
                            int height)
{
    int covered = 0;

    for (int row = y; row < y + height; row++)
        for (int column = x; column < x + width; column++)
            covered += is_covered(result, column, row);
    return (double)covered / (width * height);
}

static int edge(const json_t *walker, size_t at)
{
    return (int)json_integer_value(json_array_get(walker, at));
}

static void count_walkers(const json_t *frame, const struct detector_result *result,
                          struct tally *tally)
{
    size_t index;
    const json_t *walker;

    json_array_foreach(json_object_get(frame, "walkers"), index, walker)
    {
        int x = edge(walker, 0), y = edge(walker, 1), width = edge(walker, 2),
            height = edge(walker, 3);
        double share = share_covered(result, x, y, width, height);
        bool found = is_covered(result, x + width / 2, y + height / 2) && share >= INSIDE_SHARE;
        tally->walkers++;
        tally->found += found;
        if (!found)
            print_message("# missed at %.1f s: %d,%d %dx%d, %.0f %% covered\n",
                          json_number_value(json_object_get(frame, "seconds")), x, y, width, height,
                          share * 100);
    }
}

static const json_t *frame_at(const json_t *document, double seconds)
{
    size_t index;
    const json_t *frame;

    json_array_foreach(json_object_get(document, "frames"), index, frame)
    {
        double at = json_number_value(json_object_get(frame, "seconds"));
        if (at > seconds - STEP_SECONDS / 2 && at < seconds + STEP_SECONDS / 2)
            return frame;
    }
    return NULL;
}

static void look(struct detector *detector, const struct picture *picture, double seconds,
                 struct detector_result *result)
{
    AUTO(buf_release) struct buf file = BUF_INIT;

    add_jpeg(&file, picture);
    struct detector_input input = {
        .camera_id = "path",
        .file = buf_span(&file),
        .taken_at = START + (int64_t)(seconds * TIME_SECOND),
    };
    assert_int_equal(detector->type->detect(detector, &input, result, NULL), 0);
}

static void watch(struct video *video, const json_t *document, struct tally *tally)
{
    AUTO(detector_release) struct detector *detector = NULL;
    struct detector_result result;

    assert_int_equal(motion_detector_new(NULL, 0.9, &detector), 0);
    for (double seconds = 0;; seconds += STEP_SECONDS) {
        AUTO(picture_free) struct picture *picture = NULL;
        int got = video_frame_at(video, seconds, &picture);
        assert_true(got >= 0);
        if (got == 0)
            return;
        look(detector, picture, seconds, &result);
        double covered = share_covered(&result, 0, 0, result.width, result.height);
        assert_true(covered < COVERED_ONCE);
        tally->covered += covered;
        tally->boxes += (int)result.count;
        tally->pictures++;
        const json_t *frame = frame_at(document, seconds);
        if (frame)
            count_walkers(frame, &result, tally);
    }
}

static void walkers_lie_in_boxes(void **state)
{
    AUTO(scratch_free) char *scratch = scratch_new();
    AUTO(mem_free) char *path = film(scratch);
    AUTO(json_release) json_t *document = marks();
    AUTO(video_close) struct video *video = NULL;
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct tally tally = {0};

    if (video_open(path, &video, &why) != 0)
        fail_msg("%s", buf_text(&why));
    watch(video, document, &tally);
    print_message("# %d of %d walkers found (%.0f %%); %d pictures, %.1f boxes each, which cover "
                  "%.1f %% on average\n",
                  tally.found, tally.walkers, 100.0 * tally.found / tally.walkers, tally.pictures,
                  (double)tally.boxes / tally.pictures, 100 * tally.covered / tally.pictures);
    assert_true(tally.pictures > 150);
    assert_true(tally.walkers >= 20);
    assert_true(tally.found >= tally.walkers * FOUND_SHARE);
    assert_true(tally.covered / tally.pictures < COVERED_MAX);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(walkers_lie_in_boxes),
};

int main(void)
{
#ifdef __SANITIZE_THREAD__
    puts("1..0 # SKIP one thread, and minutes of it: nothing for ThreadSanitizer");
    return 0;
#endif
    return cmocka_run_group_tests_name("motion_walkers", tests, NULL, NULL);
}

/* motion: what the built-in detector costs per picture, in CPU time of one core.
 *
 * Pictures are drawn scenes with noise, as JPEG; every one is looked at by a camera that already
 * knows its place. "after decoding" is the whole of detect() less the decoding: grey, working size,
 * the small scene, comparing, blobs, learning. The best of several rounds, since other programs
 * share the machine. */
#include "base/mem.h"
#include "base/time.h"
#include "main/scenes.h"
#include "pipeline/motion_detector.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PICTURES 12
#define ROUNDS 8
#define START (1700000000LL * TIME_SECOND)

struct row {
    int width, height;
    double begin; /* s into the scenes */
    const char *what;
};

static const struct row rows[] = {
    {640, 360, 34, "nothing moves"},   {640, 360, 6, "a figure walks"},
    {1280, 720, 34, "nothing moves"},  {1280, 720, 6, "a figure walks"},
    {1920, 1080, 34, "nothing moves"}, {1920, 1080, 6, "a figure walks"},
    {2560, 1440, 6, "a figure walks"}, {3840, 2160, 6, "a figure walks"},
};

static double cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void draw(const struct row *row, struct buf files[PICTURES])
{
    for (int i = 0; i < PICTURES; i++) {
        AUTO(picture_free)
        struct picture *picture = scenes_draw(row->begin + i * 0.7, row->width, row->height,
                                              "bench", START + i * TIME_SECOND);
        buf_reset(&files[i]);
        if (picture_encode_jpeg(picture, 85, &files[i]) != 0)
            abort();
    }
}

static double decode_round(const struct buf files[PICTURES])
{
    double begin = cpu_ms();

    for (int i = 0; i < PICTURES; i++) {
        AUTO(picture_free) struct picture *picture = NULL;
        if (picture_decode(buf_span(&files[i]), PICTURE_RGB, MOTION_WIDTH, 0, &picture, NULL) != 0)
            abort();
    }
    return (cpu_ms() - begin) / PICTURES;
}

static double detect_round(struct detector *detector, const struct buf files[PICTURES], int round,
                           unsigned *found)
{
    struct detector_result result;
    double begin = cpu_ms();

    *found = 0;
    for (int i = 0; i < PICTURES; i++) {
        struct detector_input input = {
            .camera_id = "bench",
            .file = buf_span(&files[i]),
            .taken_at = START + (round * PICTURES + i) * TIME_SECOND,
        };
        if (detector->type->detect(detector, &input, &result, NULL) != 0)
            abort();
        *found += result.count;
    }
    return (cpu_ms() - begin) / PICTURES;
}

static void measure(const struct row *row, struct buf files[PICTURES])
{
    struct detector *detector = NULL;
    double decode = 1e9, detect = 1e9;
    unsigned found = 0;

    draw(row, files);
    if (motion_detector_new(NULL, 0.9, &detector) != 0)
        abort();
    detect_round(detector, files, 0, &found);
    for (int round = 1; round <= ROUNDS; round++) {
        double took = decode_round(files);
        decode = took < decode ? took : decode;
        took = detect_round(detector, files, round, &found);
        detect = took < detect ? took : detect;
    }
    detector->type->free(&detector);
    printf("%4dx%-4d %5zu KB  %-15s %2u boxes  %8.2f  %14.2f  %7.2f\n", row->width, row->height,
           files[0].len / 1024, row->what, found, decode, detect - decode, detect);
}

int main(void)
{
    struct buf files[PICTURES] = {{0}};

    printf(
        "picture             what            in %d       decode  after decoding    whole   (ms)\n",
        PICTURES);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        measure(&rows[i], files);
    for (int i = 0; i < PICTURES; i++)
        buf_release(&files[i]);
    return 0;
}

#include "main/scenes.h"

#include "base/time.h"
#include "main/scenes_private.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NOISE_DAY 4
#define NOISE_NIGHT 7
#define COAT_DAY 0xD9A233
#define COAT_NIGHT 0x59606E
#define DRIFT 0.025 /* of the brightness, by clouds */

enum actor { NOBODY, FIGURE, CAR, CAT };

/* From one place to another at a steady pace; equal places: it stays. */
struct act {
    double seconds;
    const char *title;
    enum actor actor;
    double from_x, from_y, to_x, to_y;
    double night_from, night_to;
};

static const struct act acts[] = {
    {SCENES_QUIET_SECONDS, "nothing yet", NOBODY, 0, 0, 0, 0, 0, 0},
    {13, "a figure walks up to the door", FIGURE, -60, 690, 915, 584, 0, 0},
    {6, "a figure waits at the door", FIGURE, 915, 584, 915, 584, 0, 0},
    {11, "a figure leaves", FIGURE, 915, 584, -70, 690, 0, 0},
    {14, "nothing happens", NOBODY, 0, 0, 0, 0, 0, 0},
    {7, "a car comes", CAR, -180, 498, 330, 498, 0, 0},
    {24, "a car is parked", CAR, 330, 498, 330, 498, 0, 0},
    {5, "a car leaves", CAR, 330, 498, -200, 498, 0, 0},
    {14, "nothing happens", NOBODY, 0, 0, 0, 0, 0, 0},
    {11, "a cat crosses the lawn", CAT, 1330, 668, -60, 640, 0, 0},
    {18, "nothing happens", NOBODY, 0, 0, 0, 0, 0, 0},
    {24, "night falls", NOBODY, 0, 0, 0, 0, 0, 1},
    {12, "nothing happens", NOBODY, 0, 0, 0, 0, 1, 1},
    {14, "a figure walks up to the door by night", FIGURE, -60, 680, 905, 584, 1, 1},
    {10, "a figure waits at the door by night", FIGURE, 905, 584, 905, 584, 1, 1},
    {10, "a figure leaves by night", FIGURE, 905, 584, -70, 690, 1, 1},
    {60, "an empty hour", NOBODY, 0, 0, 0, 0, 1, 1},
    {24, "day breaks", NOBODY, 0, 0, 0, 0, 1, 0},
};

#define ACTS (sizeof(acts) / sizeof(acts[0]))

double scenes_length(void)
{
    double length = 0;

    for (size_t i = 0; i < ACTS; i++)
        length += acts[i].seconds;
    return length;
}

/* The act at that second, and how far it has gone, 0..1. */
static const struct act *act_at(double seconds, double *ret_share)
{
    double into = fmod(fmax(0, seconds), scenes_length());

    for (size_t i = 0; i < ACTS; i++) {
        if (into < acts[i].seconds) {
            *ret_share = into / acts[i].seconds;
            return &acts[i];
        }
        into -= acts[i].seconds;
    }
    *ret_share = 0;
    return &acts[0];
}

static bool act_is_moving(const struct act *act)
{
    return act->actor != NOBODY && (act->actor == FIGURE || act->from_x != act->to_x);
}

const char *scenes_title(double seconds)
{
    double share;

    return act_at(seconds, &share)->title;
}

int scenes_moving(double seconds)
{
    double share;

    return act_is_moving(act_at(seconds, &share));
}

/* Nearer is lower and larger. Who waits shifts from one foot to the other. */
static void draw_actor(cairo_t *context, const struct act *act, double share)
{
    double x = act->from_x + (act->to_x - act->from_x) * share;
    double y = act->from_y + (act->to_y - act->from_y) * share;
    bool waits = act->from_x == act->to_x;
    struct thing_pose pose = {
        .x = x + (waits && act->actor == FIGURE ? 5 * sin(share * 9) : 0),
        .y = y,
        .step = fabs(x - act->from_x) / 90 + (waits ? 0.1 : 0),
        .facing = act->to_x >= act->from_x ? 1 : -1,
        .coat = act->night_from > 0.5 ? COAT_NIGHT : COAT_DAY,
    };

    switch (act->actor) {
    case FIGURE:
        pose.size = 205 + (y - 584) * 0.55;
        thing_figure(context, &pose);
        break;
    case CAR:
        pose.size = 310;
        pose.facing = 1;
        thing_car(context, &pose);
        break;
    case CAT:
        pose.size = 92;
        thing_cat(context, &pose);
        break;
    case NOBODY:
        break;
    }
}

static void draw_clock(cairo_t *context, const char *camera, int64_t clock)
{
    char text[128], stamp[32];
    time_t seconds = (time_t)(clock / TIME_SECOND);
    struct tm local;

    localtime_r(&seconds, &local);
    strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &local);
    snprintf(text, sizeof(text), "%s  %s", stamp, camera);
    for (char *c = text; *c; c++)
        *c = *c >= ' ' && *c <= '~' ? *c : '?';
    cairo_select_font_face(context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(context, 22);
    cairo_move_to(context, 18, 36);
    cairo_text_path(context, text);
    cairo_set_source_rgba(context, 0, 0, 0, 0.7);
    cairo_set_line_width(context, 4);
    cairo_stroke_preserve(context);
    cairo_set_source_rgb(context, 1, 1, 1);
    cairo_fill(context);
}

/* Sums of two draws are nearer to a sensor's noise than one. */
static int noise_of(uint32_t *seed, int amplitude)
{
    *seed = *seed * 1664525u + 1013904223u;
    int a = (int)(*seed >> 24), b = (int)(*seed >> 16 & 0xff);

    return (a + b - 255) * amplitude / 160;
}

static uint8_t clamp_byte(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static struct picture *expose(cairo_surface_t *surface, double seconds, double night)
{
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    struct picture *picture = picture_new(PICTURE_RGB, width, height);
    int gain =
        (int)lround(256 * (1 + DRIFT * (sin(seconds / 17) + sin(seconds / 5.3)) * (1 - night)));
    int amplitude = (int)lround(NOISE_DAY + (NOISE_NIGHT - NOISE_DAY) * night);
    uint32_t seed = (uint32_t)(int64_t)(seconds * 1000) * 2654435761u + 1;
    uint8_t *out = picture->pixels;

    cairo_surface_flush(surface);
    for (int y = 0; y < height; y++) {
        const uint32_t *row =
            (const uint32_t *)(const void *)(cairo_image_surface_get_data(surface) +
                                             (size_t)y * stride);
        for (int x = 0; x < width; x++, out += 3) {
            int noise = noise_of(&seed, amplitude);
            for (int c = 0; c < 3; c++)
                out[c] = clamp_byte((int)(row[x] >> (16 - 8 * c) & 0xff) * gain / 256 + noise);
        }
    }
    return picture;
}

struct picture *scenes_draw(double seconds, int width, int height, const char *camera,
                            int64_t clock)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *context = cairo_create(surface);
    double share;
    const struct act *act = act_at(seconds, &share);
    double night = act->night_from + (act->night_to - act->night_from) * share;

    assert(cairo_status(context) == CAIRO_STATUS_SUCCESS);
    cairo_scale(context, (double)width / SCENES_WIDTH, (double)height / SCENES_HEIGHT);
    place_draw(context);
    draw_actor(context, act, share);
    place_light(context, night);
    draw_clock(context, camera, clock);
    struct picture *picture = expose(surface, seconds, night);
    cairo_destroy(context);
    cairo_surface_destroy(surface);
    return picture;
}

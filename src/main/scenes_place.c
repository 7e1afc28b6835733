#include "main/scenes_private.h"

#include <math.h>

#define WALL_LEFT 620
#define GROUND 330

static void fill(cairo_t *context, double red, double green, double blue)
{
    cairo_set_source_rgb(context, red, green, blue);
    cairo_fill(context);
}

static void fill_down(cairo_t *context, double from, double to, const double top[3],
                      const double bottom[3])
{
    cairo_pattern_t *pattern = cairo_pattern_create_linear(0, from, 0, to);

    cairo_pattern_add_color_stop_rgb(pattern, 0, top[0], top[1], top[2]);
    cairo_pattern_add_color_stop_rgb(pattern, 1, bottom[0], bottom[1], bottom[2]);
    cairo_set_source(context, pattern);
    cairo_fill(context);
    cairo_pattern_destroy(pattern);
}

static void quad(cairo_t *context, const double corners[8])
{
    cairo_move_to(context, corners[0], corners[1]);
    for (int i = 1; i < 4; i++)
        cairo_line_to(context, corners[2 * i], corners[2 * i + 1]);
    cairo_close_path(context);
}

/* The same blades, leaves and stones in every picture. */
static double scatter(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) / 16777216.0;
}

static void draw_sky(cairo_t *context)
{
    static const double top[] = {0.42, 0.60, 0.84}, bottom[] = {0.82, 0.88, 0.93};
    static const double hills[][3] = {
        {60, 300, 150}, {230, 310, 170}, {420, 296, 160}, {560, 312, 190}};

    cairo_rectangle(context, 0, 0, SCENES_WIDTH, GROUND);
    fill_down(context, 0, GROUND, top, bottom);
    for (int i = 0; i < 4; i++) {
        cairo_save(context);
        cairo_translate(context, hills[i][0], hills[i][1]);
        cairo_scale(context, hills[i][2], 70);
        cairo_arc(context, 0, 0.4, 1, M_PI, 2 * M_PI);
        cairo_restore(context);
        fill(context, 0.42 + 0.03 * (i % 2), 0.52 + 0.04 * (i % 2), 0.45);
    }
}

static void draw_lawn(cairo_t *context)
{
    static const double far[] = {0.46, 0.58, 0.34}, near[] = {0.27, 0.42, 0.20};
    uint32_t seed = 11;

    cairo_rectangle(context, 0, GROUND, SCENES_WIDTH, SCENES_HEIGHT - GROUND);
    fill_down(context, GROUND, SCENES_HEIGHT, far, near);
    cairo_set_line_width(context, 1.5);
    for (int i = 0; i < 2600; i++) {
        double depth = scatter(&seed), x = scatter(&seed) * SCENES_WIDTH;
        double y = GROUND + 8 + depth * (SCENES_HEIGHT - GROUND);
        double shade = scatter(&seed) * 0.16 - 0.06;
        cairo_move_to(context, x, y);
        cairo_line_to(context, x + (scatter(&seed) - 0.5) * 4, y - 4 - 9 * depth);
        cairo_set_source_rgb(context, 0.33 + shade, 0.47 + shade, 0.23 + shade);
        cairo_stroke(context);
    }
}

static void draw_fence(cairo_t *context)
{
    for (int x = 6; x < WALL_LEFT - 20; x += 26) {
        cairo_move_to(context, x, 372);
        cairo_line_to(context, x, 312);
        cairo_line_to(context, x + 8, 302);
        cairo_line_to(context, x + 16, 312);
        cairo_line_to(context, x + 16, 372);
        cairo_close_path(context);
        fill(context, 0.86, 0.85, 0.81);
    }
    cairo_rectangle(context, 0, 322, WALL_LEFT - 20, 7);
    cairo_rectangle(context, 0, 354, WALL_LEFT - 20, 7);
    fill(context, 0.79, 0.78, 0.74);
}

static void draw_street(cairo_t *context)
{
    static const double far[] = {0.50, 0.50, 0.51}, near[] = {0.42, 0.42, 0.43};
    uint32_t seed = 5;

    cairo_rectangle(context, 0, 396, WALL_LEFT + 40, 116);
    fill_down(context, 396, 512, far, near);
    for (int i = 0; i < 500; i++) {
        double shade = scatter(&seed) * 0.14;
        cairo_rectangle(context, scatter(&seed) * (WALL_LEFT + 30), 400 + scatter(&seed) * 106, 3,
                        2);
        fill(context, 0.38 + shade, 0.38 + shade, 0.39 + shade);
    }
    cairo_rectangle(context, 0, 512, WALL_LEFT + 40, 9);
    fill(context, 0.70, 0.69, 0.66);
    for (int x = 30; x < WALL_LEFT - 40; x += 130) {
        cairo_rectangle(context, x, 450, 60, 5);
        fill(context, 0.82, 0.81, 0.76);
    }
}

static void draw_path(cairo_t *context)
{
    static const double path[] = {850, 572, 1000, 572, 700, 720, 250, 720};
    uint32_t seed = 23;

    cairo_save(context);
    quad(context, path);
    cairo_clip_preserve(context);
    fill(context, 0.66, 0.62, 0.56);
    for (int row = 0; row < 7; row++) {
        double y = 578 + row * row * 3.0 + row * 3, along = (y - 572) / 148;
        for (int stone = 0; stone < 5; stone++) {
            double left = 850 - 600 * along, right = 1000 - 300 * along;
            double width = (right - left) / 5, shade = scatter(&seed) * 0.12 - 0.05;
            cairo_rectangle(context, left + stone * width + 2, y, width - 5, 5 + row * 4);
            fill(context, 0.68 + shade, 0.64 + shade, 0.58 + shade);
        }
    }
    cairo_restore(context);
}

static void draw_wall(cairo_t *context)
{
    static const double roof[] = {WALL_LEFT - 50, 110, WALL_LEFT + 40, 30, 1280, 30, 1280, 110};

    cairo_rectangle(context, WALL_LEFT, 100, SCENES_WIDTH - WALL_LEFT, 470);
    fill(context, 0.80, 0.76, 0.68);
    for (int y = 112; y < 560; y += 17) {
        cairo_rectangle(context, WALL_LEFT, y, SCENES_WIDTH - WALL_LEFT, 2);
        fill(context, 0.68, 0.64, 0.57);
    }
    cairo_rectangle(context, WALL_LEFT, 546, SCENES_WIDTH - WALL_LEFT, 26);
    fill(context, 0.52, 0.50, 0.48);
    cairo_rectangle(context, WALL_LEFT, 100, 14, 446);
    fill(context, 0.90, 0.88, 0.83);
    quad(context, roof);
    fill(context, 0.33, 0.28, 0.27);
    cairo_rectangle(context, WALL_LEFT - 50, 106, SCENES_WIDTH - WALL_LEFT + 50, 12);
    fill(context, 0.92, 0.90, 0.86);
}

static void draw_door(cairo_t *context)
{
    cairo_rectangle(context, 850, 256, 150, 292);
    fill(context, 0.93, 0.91, 0.87);
    cairo_rectangle(context, 864, 270, 122, 278);
    fill(context, 0.47, 0.16, 0.14);
    for (int row = 0; row < 3; row++)
        for (int column = 0; column < 2; column++) {
            cairo_rectangle(context, 878 + column * 52, 284 + row * 88, 40, 72);
            fill(context, row ? 0.40 : 0.62, row ? 0.13 : 0.70, row ? 0.12 : 0.74);
        }
    cairo_arc(context, 974, 424, 6, 0, 2 * M_PI);
    fill(context, 0.85, 0.70, 0.32);
    cairo_rectangle(context, 828, 548, 194, 12);
    fill(context, 0.74, 0.72, 0.69);
    cairo_rectangle(context, 812, 560, 226, 14);
    fill(context, 0.64, 0.62, 0.59);
    cairo_rectangle(context, 884, 552, 82, 6);
    fill(context, 0.33, 0.25, 0.18);
}

static void draw_window(cairo_t *context)
{
    static const double top[] = {0.52, 0.62, 0.70}, bottom[] = {0.36, 0.43, 0.50};

    cairo_rectangle(context, 1064, 236, 176, 176);
    fill(context, 0.93, 0.91, 0.87);
    cairo_rectangle(context, 1076, 248, 152, 152);
    fill_down(context, 248, 400, top, bottom);
    for (int side = 0; side < 2; side++) {
        cairo_rectangle(context, 1076 + side * 118, 248, 34, 152);
        fill(context, 0.78, 0.74, 0.66);
    }
    cairo_rectangle(context, 1148, 248, 8, 152);
    cairo_rectangle(context, 1076, 320, 152, 7);
    fill(context, 0.93, 0.91, 0.87);
    cairo_rectangle(context, 1054, 412, 196, 12);
    fill(context, 0.88, 0.86, 0.81);
}

static void draw_lamp(cairo_t *context)
{
    cairo_rectangle(context, 800, 292, 22, 34);
    fill(context, 0.96, 0.92, 0.78);
    cairo_rectangle(context, 794, 284, 34, 9);
    cairo_rectangle(context, 796, 325, 30, 6);
    cairo_rectangle(context, 808, 272, 6, 14);
    fill(context, 0.16, 0.16, 0.17);
    cairo_set_source_rgb(context, 0.20, 0.20, 0.22);
    cairo_select_font_face(context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(context, 30);
    cairo_move_to(context, 1012, 300);
    cairo_show_text(context, "17");
}

static void draw_shrubs(cairo_t *context)
{
    uint32_t seed = 3;

    for (int i = 0; i < 420; i++) {
        double x = 1062 + scatter(&seed) * 190, high = 74 * sin((x - 1052) / 210 * M_PI);
        double y = 566 - scatter(&seed) * high, shade = scatter(&seed) * 0.18;
        cairo_arc(context, x, y, 5 + scatter(&seed) * 6, 0, 2 * M_PI);
        fill(context, 0.12 + shade, 0.26 + shade, 0.11 + shade * 0.7);
    }
}

void place_draw(cairo_t *context)
{
    draw_sky(context);
    draw_lawn(context);
    draw_fence(context);
    draw_street(context);
    draw_wall(context);
    draw_path(context);
    draw_door(context);
    draw_window(context);
    draw_lamp(context);
    draw_shrubs(context);
}

/* A pool of warm light, added to the darkness that will be multiplied with the picture. */
static void add_glow(cairo_t *context, double x, double y, double radius, double strength,
                     double flatten)
{
    cairo_pattern_t *glow = cairo_pattern_create_radial(0, 0, 0, 0, 0, radius);

    cairo_pattern_add_color_stop_rgba(glow, 0, 1.00, 0.84, 0.56, strength);
    cairo_pattern_add_color_stop_rgba(glow, 0.35, 0.92, 0.68, 0.38, strength * 0.45);
    cairo_pattern_add_color_stop_rgba(glow, 1, 0.60, 0.40, 0.20, 0);
    cairo_save(context);
    cairo_translate(context, x, y);
    cairo_scale(context, 1, flatten);
    cairo_set_source(context, glow);
    cairo_paint(context);
    cairo_restore(context);
    cairo_pattern_destroy(glow);
}

void place_light(cairo_t *context, double night)
{
    double lamp = night > 0.4 ? fmin(1, (night - 0.4) / 0.5) : 0;

    if (night <= 0)
        return;
    cairo_push_group(context);
    cairo_set_source_rgb(context, 1 - 0.80 * night, 1 - 0.77 * night, 1 - 0.64 * night);
    cairo_paint(context);
    cairo_set_operator(context, CAIRO_OPERATOR_ADD);
    cairo_rectangle(context, 1076, 248, 152, 152);
    cairo_set_source_rgb(context, 0.95 * lamp, 0.70 * lamp, 0.34 * lamp);
    cairo_fill(context);
    cairo_save(context);
    cairo_rectangle(context, WALL_LEFT, 106, SCENES_WIDTH - WALL_LEFT, 466);
    cairo_clip(context);
    add_glow(context, 811, 312, 420, 0.95 * lamp, 1);
    cairo_restore(context);
    cairo_rectangle(context, 0, 572, SCENES_WIDTH, SCENES_HEIGHT - 572);
    cairo_clip(context);
    add_glow(context, 860, 590, 420, 0.75 * lamp, 0.36);
    cairo_pop_group_to_source(context);
    cairo_set_operator(context, CAIRO_OPERATOR_MULTIPLY);
    cairo_paint(context);
    cairo_set_operator(context, CAIRO_OPERATOR_ADD);
    add_glow(context, 811, 310, 46, 0.9 * lamp, 1);
    cairo_set_operator(context, CAIRO_OPERATOR_OVER);
}

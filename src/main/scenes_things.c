#include "main/scenes_private.h"

#include <math.h>

static void draw_shadow(cairo_t *context, double width, double height)
{
    cairo_save(context);
    cairo_scale(context, width, height);
    cairo_arc(context, 0, 0, 1, 0, 2 * M_PI);
    cairo_restore(context);
    cairo_set_source_rgba(context, 0, 0, 0, 0.28);
    cairo_fill(context);
}

/* A limb of two parts; angles from straight down, the second one bends on. */
static void draw_limb(cairo_t *context, double x, double y, double length, double angle,
                      double bend, double width)
{
    double knee_x = x + sin(angle) * length, knee_y = y + cos(angle) * length;

    cairo_move_to(context, x, y);
    cairo_line_to(context, knee_x, knee_y);
    cairo_line_to(context, knee_x + sin(angle + bend) * length,
                  knee_y + cos(angle + bend) * length);
    cairo_set_line_width(context, width);
    cairo_stroke(context);
}

static void set_coat(cairo_t *context, uint32_t colour, double shade)
{
    cairo_set_source_rgb(context, (colour >> 16 & 0xff) / 255.0 * shade,
                         (colour >> 8 & 0xff) / 255.0 * shade, (colour & 0xff) / 255.0 * shade);
}

static void draw_legs(cairo_t *context, double swing)
{
    cairo_set_source_rgb(context, 0.13, 0.15, 0.24);
    draw_limb(context, 0.02, -0.47, 0.225, -0.42 * swing, -0.22 - 0.20 * swing, 0.088);
    cairo_set_source_rgb(context, 0.17, 0.20, 0.31);
    draw_limb(context, -0.01, -0.47, 0.225, 0.42 * swing, -0.22 + 0.20 * swing, 0.092);
}

static void draw_trunk(cairo_t *context, double swing, uint32_t coat)
{
    set_coat(context, coat, 0.7);
    draw_limb(context, 0.0, -0.78, 0.16, 0.5 * swing, 0.35, 0.07);
    set_coat(context, coat, 1.0);
    cairo_move_to(context, 0.005, -0.76);
    cairo_line_to(context, 0.01, -0.72);
    cairo_line_to(context, 0.0, -0.48);
    cairo_set_line_width(context, 0.19);
    cairo_stroke(context);
    set_coat(context, coat, 0.86);
    draw_limb(context, -0.01, -0.78, 0.16, -0.5 * swing, 0.35, 0.068);
}

static void draw_head(cairo_t *context)
{
    cairo_rectangle(context, -0.02, -0.90, 0.055, 0.08);
    cairo_arc(context, 0.02, -0.925, 0.066, 0, 2 * M_PI);
    cairo_set_source_rgb(context, 0.80, 0.62, 0.50);
    cairo_fill(context);
    cairo_arc(context, 0.005, -0.945, 0.070, M_PI * 0.72, M_PI * 1.92);
    cairo_set_source_rgb(context, 0.14, 0.10, 0.08);
    cairo_fill(context);
}

/* One unit is the figure's height. */
void thing_figure(cairo_t *context, const struct thing_pose *pose)
{
    double swing = sin(pose->step * 4.4), lift = fabs(cos(pose->step * 4.4)) * 0.012;

    cairo_save(context);
    cairo_translate(context, pose->x, pose->y);
    cairo_scale(context, pose->size * pose->facing, pose->size);
    draw_shadow(context, 0.26, 0.035);
    cairo_translate(context, 0, -lift);
    cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND);
    draw_legs(context, swing);
    draw_trunk(context, swing, pose->coat);
    draw_head(context);
    cairo_restore(context);
}

static void draw_wheel(cairo_t *context, double x, double turn)
{
    cairo_arc(context, x, -0.075, 0.078, 0, 2 * M_PI);
    cairo_set_source_rgb(context, 0.09, 0.09, 0.10);
    cairo_fill(context);
    cairo_arc(context, x, -0.075, 0.042, 0, 2 * M_PI);
    cairo_set_source_rgb(context, 0.62, 0.63, 0.65);
    cairo_fill(context);
    cairo_set_source_rgb(context, 0.36, 0.37, 0.39);
    cairo_set_line_width(context, 0.012);
    for (int spoke = 0; spoke < 5; spoke++) {
        double angle = turn * 4 + spoke * 2 * M_PI / 5;
        cairo_move_to(context, x, -0.075);
        cairo_line_to(context, x + 0.040 * cos(angle), -0.075 + 0.040 * sin(angle));
        cairo_stroke(context);
    }
}

static void draw_body(cairo_t *context)
{
    static const double roof[][2] = {
        {-0.33, -0.215}, {-0.22, -0.375}, {0.10, -0.385}, {0.27, -0.225}};

    cairo_move_to(context, -0.49, -0.085);
    cairo_line_to(context, -0.485, -0.20);
    for (int i = 0; i < 4; i++)
        cairo_line_to(context, roof[i][0], roof[i][1]);
    cairo_curve_to(context, 0.40, -0.215, 0.48, -0.185, 0.495, -0.085);
    cairo_close_path(context);
    cairo_set_source_rgb(context, 0.19, 0.33, 0.53);
    cairo_fill(context);
    cairo_move_to(context, -0.285, -0.225);
    cairo_line_to(context, -0.205, -0.345);
    cairo_line_to(context, 0.085, -0.352);
    cairo_line_to(context, 0.21, -0.225);
    cairo_close_path(context);
    cairo_set_source_rgb(context, 0.10, 0.13, 0.17);
    cairo_fill(context);
    cairo_rectangle(context, -0.07, -0.35, 0.018, 0.13);
    cairo_rectangle(context, -0.48, -0.155, 0.965, 0.010);
    cairo_set_source_rgb(context, 0.14, 0.26, 0.43);
    cairo_fill(context);
}

void thing_car(cairo_t *context, const struct thing_pose *pose)
{
    cairo_save(context);
    cairo_translate(context, pose->x, pose->y);
    cairo_scale(context, pose->size * pose->facing, pose->size);
    cairo_save(context);
    draw_shadow(context, 0.54, 0.035);
    cairo_restore(context);
    draw_body(context);
    cairo_rectangle(context, 0.455, -0.165, 0.035, 0.034);
    cairo_set_source_rgb(context, 0.97, 0.95, 0.84);
    cairo_fill(context);
    cairo_rectangle(context, -0.487, -0.185, 0.022, 0.042);
    cairo_set_source_rgb(context, 0.72, 0.10, 0.10);
    cairo_fill(context);
    draw_wheel(context, -0.30, pose->step);
    draw_wheel(context, 0.29, pose->step);
    cairo_restore(context);
}

void thing_cat(cairo_t *context, const struct thing_pose *pose)
{
    double swing = sin(pose->step * 9);

    cairo_save(context);
    cairo_translate(context, pose->x, pose->y);
    cairo_scale(context, pose->size * pose->facing, pose->size);
    draw_shadow(context, 0.5, 0.05);
    cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND);
    cairo_set_source_rgb(context, 0.24, 0.18, 0.13);
    draw_limb(context, 0.24, -0.28, 0.13, 0.5 * swing, 0, 0.09);
    draw_limb(context, -0.26, -0.28, 0.13, 0.5 * swing, 0, 0.09);
    draw_limb(context, 0.28, -0.28, 0.13, -0.5 * swing, 0, 0.09);
    draw_limb(context, -0.22, -0.28, 0.13, -0.5 * swing, 0, 0.09);
    cairo_move_to(context, -0.36, -0.36);
    cairo_curve_to(context, -0.55, -0.40, -0.52, -0.62, -0.60 + 0.04 * swing, -0.70);
    cairo_set_line_width(context, 0.07);
    cairo_stroke(context);
    cairo_move_to(context, -0.24, -0.36);
    cairo_line_to(context, 0.24, -0.36);
    cairo_set_line_width(context, 0.26);
    cairo_stroke(context);
    cairo_arc(context, 0.42, -0.50, 0.13, 0, 2 * M_PI);
    cairo_fill(context);
    for (int ear = 0; ear < 2; ear++) {
        cairo_move_to(context, 0.32 + ear * 0.12, -0.57);
        cairo_line_to(context, 0.35 + ear * 0.12, -0.72);
        cairo_line_to(context, 0.43 + ear * 0.12, -0.59);
        cairo_close_path(context);
        cairo_fill(context);
    }
    cairo_restore(context);
}

/* What the files of scenes share: scenes.c tells what happens when, scenes_place.c draws the
 * place, scenes_things.c what moves in it. Coordinates are of SCENES_WIDTH x SCENES_HEIGHT. */
#pragma once

#include "main/scenes.h"

#include <cairo.h>

/* The place without light: as at noon. */
void place_draw(cairo_t *context);
/* night: 0 at noon, 1 in the middle of the night. */
void place_light(cairo_t *context, double night);

/* Feet or wheels on (x, y). step: metres walked, moves the legs; facing: -1 to the left, 1 right.
 */
struct thing_pose {
    double x, y, size, step;
    int facing;
    uint32_t coat; /* 0xRRGGBB of a figure */
};

void thing_figure(cairo_t *context, const struct thing_pose *pose);
void thing_car(cairo_t *context, const struct thing_pose *pose);
void thing_cat(cairo_t *context, const struct thing_pose *pose);

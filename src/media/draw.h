/* draw: boxes and labels on a picture, with cairo. Thread: any. */
#pragma once

#include "media/picture.h"

struct draw_box {
    int x, y, width, height; /* pixels of the original, top left origin; empty ones are skipped */
    const char *label;       /* "motion 0.87"; NULL: none */
    uint32_t colour;         /* 0xRRGGBB */
};

/* A thumbnail: the picture with its boxes (3 px lines, white label on the colour above the box),
 * aspect kept, centred on a black canvas. Coordinates are of full_width x full_height. Returns a
 * new picture. */
struct picture *draw_thumbnail(const struct picture *picture, const struct draw_box *boxes,
                               size_t count, int width, int height, int font_size);

/* person, car, dog … : the colours of the pipeline contract §4.11; unknown classes white. */
uint32_t draw_class_colour(const char *object_type);

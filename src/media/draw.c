#include "media/draw.h"

#include <assert.h>
#include <cairo.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LINE_WIDTH 3.0
#define LABEL_PADDING 3.0
#define LABEL_BYTES_MAX 64

/* Where the picture lies on the canvas, and how much smaller than its coordinates it is. */
struct placing {
    double left, top, scale_x, scale_y;
    double width, height;
};

static void context_free(cairo_t **context)
{
    cairo_destroy(*context);
    *context = NULL;
}

static void surface_free(cairo_surface_t **surface)
{
    cairo_surface_destroy(*surface);
    *surface = NULL;
}

uint32_t draw_class_colour(const char *object_type)
{
    static const struct {
        const char *object_type;
        uint32_t colour;
    } colours[] = {
        {"person", 0xE74856}, {"car", 0x3B82F6},     {"truck", 0x3B82F6},      {"dog", 0x76B900},
        {"cat", 0x76B900},    {"bicycle", 0xFFB800}, {"motorcycle", 0xFFB800}, {"bird", 0xA855F7},
    };

    for (size_t i = 0; i < COUNT_OF(colours); i++)
        if (!strcmp(object_type, colours[i].object_type))
            return colours[i].colour;
    return 0xFFFFFF;
}

static struct placing place(const struct picture *picture, int width, int height)
{
    double scale = fmin((double)width / picture->full_width, (double)height / picture->full_height);
    double shown_width = fmax(1, round(picture->full_width * scale));
    double shown_height = fmax(1, round(picture->full_height * scale));

    return (struct placing){
        .left = floor((width - shown_width) / 2),
        .top = floor((height - shown_height) / 2),
        .scale_x = shown_width / picture->full_width,
        .scale_y = shown_height / picture->full_height,
        .width = shown_width,
        .height = shown_height,
    };
}

/* Cairo's RGB24 is one native 32-bit word a pixel. */
static void put_picture(cairo_surface_t *surface, const struct picture *picture, int left, int top)
{
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    size_t channels = picture->format == PICTURE_RGB ? 3 : 1;

    cairo_surface_flush(surface);
    for (int y = 0; y < picture->height; y++) {
        uint32_t *row = (uint32_t *)(void *)(cairo_image_surface_get_data(surface) +
                                             (size_t)(top + y) * stride);
        const uint8_t *in = picture->pixels + (size_t)y * (size_t)picture->width * channels;
        for (int x = 0; x < picture->width; x++, in += channels)
            row[left + x] =
                (uint32_t)in[0] << 16 | (uint32_t)in[channels / 2] << 8 | in[channels - 1];
    }
    cairo_surface_mark_dirty(surface);
}

static struct picture *take_picture(cairo_surface_t *surface)
{
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    struct picture *picture = picture_new(PICTURE_RGB, width, height);
    uint8_t *out = picture->pixels;

    cairo_surface_flush(surface);
    for (int y = 0; y < height; y++) {
        const uint32_t *row =
            (const uint32_t *)(const void *)(cairo_image_surface_get_data(surface) +
                                             (size_t)y * stride);
        for (int x = 0; x < width; x++) {
            *out++ = (uint8_t)(row[x] >> 16);
            *out++ = (uint8_t)(row[x] >> 8);
            *out++ = (uint8_t)row[x];
        }
    }
    return picture;
}

static void set_colour(cairo_t *context, uint32_t colour)
{
    cairo_set_source_rgb(context, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
                         (colour & 0xff) / 255.0);
}

/* Class names come from outside, and cairo stops drawing for good at the first byte that is not
 * UTF-8. */
static void plain_label(const char *label, char plain[LABEL_BYTES_MAX])
{
    snprintf(plain, LABEL_BYTES_MAX, "%s", label);
    for (char *c = plain; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

/* Above its box; where there is no room, inside it. Never over the canvas' edges. White on white
 * could not be read, so the text is black where the colour is light. */
static void draw_label(cairo_t *context, const struct placing *place, double x, double y,
                       const struct draw_box *box)
{
    char label[LABEL_BYTES_MAX];
    cairo_font_extents_t font;
    cairo_text_extents_t text;

    plain_label(box->label, label);
    cairo_font_extents(context, &font);
    cairo_text_extents(context, label, &text);
    double width = text.x_advance + 2 * LABEL_PADDING, height = font.ascent + font.descent;
    double left = fmax(place->left, fmin(x, place->left + place->width - width));
    double top = y - height >= place->top ? y - height : y;

    set_colour(context, box->colour);
    cairo_rectangle(context, left, top, width, height);
    cairo_fill(context);
    unsigned brightness = (box->colour >> 16 & 0xff) * 77 + (box->colour >> 8 & 0xff) * 150 +
                          (box->colour & 0xff) * 29;
    set_colour(context, brightness > 200 * 256 ? 0x000000 : 0xFFFFFF);
    cairo_move_to(context, left + LABEL_PADDING, top + font.ascent);
    cairo_show_text(context, label);
}

/* The line lies inside the box's edges, so that neighbours do not overlap it. */
static void draw_box(cairo_t *context, const struct placing *place, const struct draw_box *box)
{
    double left = fmax(0, box->x * place->scale_x), top = fmax(0, box->y * place->scale_y);
    double right = fmin(place->width, ((double)box->x + box->width) * place->scale_x);
    double bottom = fmin(place->height, ((double)box->y + box->height) * place->scale_y);

    if (box->width <= 0 || box->height <= 0 || right <= left || bottom <= top)
        return;
    double line = fmin(LINE_WIDTH, fmin(right - left, bottom - top) / 2);
    set_colour(context, box->colour);
    cairo_set_line_width(context, line);
    cairo_rectangle(context, place->left + left + line / 2, place->top + top + line / 2,
                    right - left - line, bottom - top - line);
    cairo_stroke(context);
    if (box->label && box->label[0])
        draw_label(context, place, place->left + left, place->top + top, box);
}

struct picture *draw_thumbnail(const struct picture *picture, const struct draw_box *boxes,
                               size_t count, int width, int height, int font_size)
{
    AUTO(surface_free)
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    AUTO(context_free) cairo_t *context = cairo_create(surface);
    struct placing at = place(picture, width, height);
    AUTO(picture_free)
    struct picture *shown = picture_scale(picture, (int)at.width, (int)at.height);

    assert(cairo_status(context) == CAIRO_STATUS_SUCCESS);
    put_picture(surface, shown, (int)at.left, (int)at.top);
    cairo_select_font_face(context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(context, font_size);
    for (size_t i = 0; i < count; i++)
        draw_box(context, &at, &boxes[i]);
    return take_picture(surface);
}

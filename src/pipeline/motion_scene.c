/* Structural similarity (SSIM) of the small scene, in windows of 8x8 every 4 pixels.
 *
 * Sums are kept per 4x4 cell, and a window is four cells. Before comparing, the picture is given
 * the stored scene's mean and spread: a lamp or another exposure is not another scene. */
#include "pipeline/motion_private.h"

#include <math.h>
#include <string.h>

#define CELL 4
#define COLUMNS (SCENE_WIDTH / CELL)
#define ROWS (SCENE_HEIGHT / CELL)
#define WINDOW_PIXELS (4.0 * CELL * CELL)
#define C1 (0.01 * 255 * 0.01 * 255)
#define C2 (0.03 * 255 * 0.03 * 255)
#define STRETCH_MAX 4.0
#define LEFT_OUT_SHARE_MAX 0.35

struct sums {
    int32_t a, b, aa, bb, ab;
};

struct spread {
    double mean, deviation;
};

static struct spread spread_of(const uint8_t *pixels)
{
    uint64_t sum = 0, squares = 0;

    for (size_t i = 0; i < SCENE_PIXELS; i++) {
        sum += pixels[i];
        squares += (unsigned)pixels[i] * pixels[i];
    }
    double mean = (double)sum / SCENE_PIXELS;
    double variance = (double)squares / SCENE_PIXELS - mean * mean;
    return (struct spread){mean, sqrt(fmax(0, variance))};
}

/* A table, since a pixel has only 256 values. */
static void exposure_table(const uint8_t *scene, const uint8_t *stored, uint8_t table[256])
{
    struct spread from = spread_of(scene), to = spread_of(stored);
    double stretch =
        fmin(STRETCH_MAX, fmax(1 / STRETCH_MAX, (to.deviation + 1) / (from.deviation + 1)));

    for (int value = 0; value < 256; value++)
        table[value] = (uint8_t)lround(fmin(255, fmax(0, (value - from.mean) * stretch + to.mean)));
}

static void sum_cells(const uint8_t *scene, const uint8_t table[256], const uint8_t *stored,
                      struct sums cells[ROWS][COLUMNS])
{
    memset(cells, 0, sizeof(struct sums) * ROWS * COLUMNS);
    for (int y = 0; y < SCENE_HEIGHT; y++)
        for (int column = 0; column < COLUMNS; column++) {
            struct sums *cell = &cells[y / CELL][column];
            size_t at = (size_t)y * SCENE_WIDTH + (size_t)column * CELL;
            for (size_t i = at; i < at + CELL; i++) {
                int32_t a = table[scene[i]], b = stored[i];
                cell->a += a;
                cell->b += b;
                cell->aa += a * a;
                cell->bb += b * b;
                cell->ab += a * b;
            }
        }
}

static struct sums window_at(struct sums cells[ROWS][COLUMNS], int row, int column)
{
    struct sums sum = {0};

    for (int i = 0; i < 4; i++) {
        const struct sums *cell = &cells[row + i / 2][column + i % 2];
        sum.a += cell->a;
        sum.b += cell->b;
        sum.aa += cell->aa;
        sum.bb += cell->bb;
        sum.ab += cell->ab;
    }
    return sum;
}

static double window_similarity(struct sums sum)
{
    double a = sum.a / WINDOW_PIXELS, b = sum.b / WINDOW_PIXELS;
    double var_a = sum.aa / WINDOW_PIXELS - a * a, var_b = sum.bb / WINDOW_PIXELS - b * b;
    double covariance = sum.ab / WINDOW_PIXELS - a * b;

    return (2 * a * b + C1) * (2 * covariance + C2) / ((a * a + b * b + C1) * (var_a + var_b + C2));
}

static void mark_boxes(const struct motion_finding *finding, int width, int height,
                       bool left_out[ROWS][COLUMNS])
{
    memset(left_out, 0, sizeof(bool) * ROWS * COLUMNS);
    for (unsigned i = 0; i < finding->count; i++) {
        const struct motion_box *box = &finding->boxes[i];
        int right = (box->right * COLUMNS + width - 1) / width;
        int bottom = (box->bottom * ROWS + height - 1) / height;
        for (int y = box->top * ROWS / height; y < bottom && y < ROWS; y++)
            for (int x = box->left * COLUMNS / width; x < right && x < COLUMNS; x++)
                left_out[y][x] = true;
    }
}

double motion_scene_covered(const struct motion_finding *finding, int width, int height)
{
    bool covered[ROWS][COLUMNS];
    int count = 0;

    mark_boxes(finding, width, height, covered);
    for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < COLUMNS; x++)
            count += covered[y][x];
    const int cells = ROWS * COLUMNS;
    return (double)count / cells;
}

double motion_scene_similarity(const uint8_t *scene, const uint8_t *stored,
                               const struct motion_finding *finding, int width, int height)
{
    struct sums cells[ROWS][COLUMNS];
    bool left_out[ROWS][COLUMNS];
    uint8_t table[256];
    double total = 0;
    int windows = 0;

    exposure_table(scene, stored, table);
    sum_cells(scene, table, stored, cells);
    mark_boxes(finding, width, height, left_out);
    if (motion_scene_covered(finding, width, height) > LEFT_OUT_SHARE_MAX)
        memset(left_out, 0, sizeof(left_out));
    for (int y = 0; y + 1 < ROWS; y++)
        for (int x = 0; x + 1 < COLUMNS; x++) {
            if (left_out[y][x] || left_out[y][x + 1] || left_out[y + 1][x] ||
                left_out[y + 1][x + 1])
                continue;
            total += window_similarity(window_at(cells, y, x));
            windows++;
        }
    return windows ? fmax(0, fmin(1, total / windows)) : 1;
}

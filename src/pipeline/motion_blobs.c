#include "pipeline/motion_blobs.h"

#include "base/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void blobs_init(struct blobs *blobs)
{
    *blobs = (struct blobs){0};
    blobs->runs = mem_alloc_array(BLOBS_RUNS_MAX, sizeof(*blobs->runs));
}

void blobs_release(struct blobs *blobs)
{
    mem_free(&blobs->runs);
    *blobs = (struct blobs){0};
}

/* The next set pixel at or after x; most of a mask is empty, so eight at a time. */
static int next_set(const uint8_t *row, int x, int width)
{
    uint64_t word;

    while (x + 8 <= width) {
        memcpy(&word, row + x, sizeof(word));
        if (word)
            break;
        x += 8;
    }
    while (x < width && !row[x])
        x++;
    return x;
}

static bool collect_row(struct blobs *blobs, const uint8_t *row, int y, int width)
{
    for (int x = next_set(row, 0, width); x < width; x = next_set(row, x, width)) {
        int left = x;
        while (x < width && row[x])
            x++;
        if (blobs->run_count == BLOBS_RUNS_MAX)
            return false;
        blobs->runs[blobs->run_count] = (struct blob_run){
            .left = (uint16_t)left,
            .right = (uint16_t)x,
            .y = (uint16_t)y,
            .blob = BLOBS_MAX,
            .parent = (uint32_t)blobs->run_count,
        };
        blobs->run_count++;
    }
    return true;
}

static uint32_t root_of(struct blob_run *runs, uint32_t run)
{
    while (runs[run].parent != run) {
        runs[run].parent = runs[runs[run].parent].parent;
        run = runs[run].parent;
    }
    return run;
}

/* The earlier run stays root, so roots come in the order of the picture. */
static void join(struct blob_run *runs, uint32_t a, uint32_t b)
{
    a = root_of(runs, a);
    b = root_of(runs, b);
    if (a < b)
        runs[b].parent = a;
    else
        runs[a].parent = b;
}

/* Both rows are sorted: whichever run ends first cannot touch anything further. */
static void join_rows(struct blob_run *runs, size_t above, size_t row, size_t end)
{
    size_t a = above, b = row;

    while (a < row && b < end) {
        if (runs[a].right >= runs[b].left && runs[b].right >= runs[a].left)
            join(runs, (uint32_t)a, (uint32_t)b);
        if (runs[a].right < runs[b].right)
            a++;
        else
            b++;
    }
}

static int collect(struct blobs *blobs, const uint8_t *mask, int width, int height)
{
    size_t above = 0;

    blobs->run_count = 0;
    for (int y = 0; y < height; y++) {
        size_t row = blobs->run_count;
        if (!collect_row(blobs, mask + (size_t)y * (size_t)width, y, width))
            return -E2BIG;
        if (row > above)
            join_rows(blobs->runs, above, row, blobs->run_count);
        above = row;
    }
    return 0;
}

static void enclose(struct blob *blob, const struct blob_run *run)
{
    blob->left = run->left < blob->left ? run->left : blob->left;
    blob->right = run->right > blob->right ? run->right : blob->right;
    blob->top = run->y < blob->top ? run->y : blob->top;
    blob->bottom = run->y >= blob->bottom ? run->y + 1 : blob->bottom;
    blob->area += (uint32_t)(run->right - run->left);
}

/* One region while there may still be more of them than are kept. */
struct region {
    uint32_t root;
    uint32_t area;
};

static int larger_first(const void *a, const void *b)
{
    const struct region *x = a, *y = b;

    if (x->area != y->area)
        return x->area < y->area ? 1 : -1;
    return x->root < y->root ? -1 : 1;
}

/* Areas are summed in the roots' place first: parent stays, `area` is parallel to the runs. */
static size_t list_regions(struct blobs *blobs, uint32_t min_area, struct region *regions)
{
    size_t count = 0;

    for (uint32_t i = 0; i < blobs->run_count; i++) {
        uint32_t root = root_of(blobs->runs, i);
        if (root == i)
            regions[i] = (struct region){.root = i};
        regions[root].area += (uint32_t)(blobs->runs[i].right - blobs->runs[i].left);
    }
    for (uint32_t i = 0; i < blobs->run_count; i++)
        if (blobs->runs[i].parent == i && regions[i].area >= min_area)
            regions[count++] = regions[i];
    qsort(regions, count, sizeof(*regions), larger_first);
    return count < BLOBS_MAX ? count : BLOBS_MAX;
}

int blobs_find(struct blobs *blobs, const uint8_t *mask, int width, int height, uint32_t min_area)
{
    blobs->count = 0;
    int error = collect(blobs, mask, width, height);
    if (error)
        return error;
    AUTO(mem_free)
    struct region *regions = mem_alloc_array(blobs->run_count, sizeof(*regions));
    blobs->count = list_regions(blobs, min_area, regions);
    for (size_t i = 0; i < blobs->count; i++) {
        blobs->items[i] = (struct blob){.left = width, .top = height};
        blobs->runs[regions[i].root].blob = (uint16_t)i;
    }
    for (uint32_t i = 0; i < blobs->run_count; i++) {
        struct blob_run *run = &blobs->runs[i];
        run->blob = blobs->runs[root_of(blobs->runs, i)].blob;
        if (run->blob < BLOBS_MAX)
            enclose(&blobs->items[run->blob], run);
    }
    return 0;
}

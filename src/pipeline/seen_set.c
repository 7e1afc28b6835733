#include "pipeline/seen_set.h"

#include "base/mem.h"

#include <errno.h>
#include <string.h>

#define SLOTS_FIRST 1024

static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ULL;
    return h ^ (h >> 33);
}

uint64_t seen_fingerprint(struct span path, int64_t size, int64_t modified_at)
{
    uint64_t h = 0xcbf29ce484222325ULL;

    for (size_t i = 0; i < path.len; i++)
        h = (h ^ (unsigned char)path.at[i]) * 0x100000001b3ULL;
    h = mix(h ^ mix((uint64_t)size) ^ (mix((uint64_t)modified_at) * 3));
    return h ? h : 1;
}

/* The slot that holds it, or the empty one where it would go. */
static size_t slot_of(const struct seen_set *set, uint64_t fingerprint)
{
    size_t at = fingerprint & (set->slot_count - 1);

    while (set->slots[at] && set->slots[at] != fingerprint)
        at = (at + 1) & (set->slot_count - 1);
    return at;
}

bool seen_set_has(const struct seen_set *set, uint64_t fingerprint)
{
    return set->count > 0 && set->slots[slot_of(set, fingerprint)] == fingerprint;
}

static void grow(struct seen_set *set)
{
    struct seen_set larger = {.slot_count = set->slot_count ? set->slot_count * 2 : SLOTS_FIRST,
                              .count = set->count};

    larger.slots = mem_alloc_array(larger.slot_count, sizeof(uint64_t));
    for (size_t i = 0; i < set->slot_count; i++) {
        if (set->slots[i])
            larger.slots[slot_of(&larger, set->slots[i])] = set->slots[i];
    }
    mem_free(&set->slots);
    *set = larger;
}

int seen_set_add(struct seen_set *set, uint64_t fingerprint)
{
    if (seen_set_has(set, fingerprint))
        return 0;
    if (set->count >= SEEN_FILES_MAX)
        return -ENOSPC;
    if (set->count * 2 >= set->slot_count)
        grow(set);
    set->slots[slot_of(set, fingerprint)] = fingerprint;
    set->count++;
    return 0;
}

void seen_set_merge(struct seen_set *into, const struct seen_set *from)
{
    for (size_t i = 0; i < from->slot_count; i++) {
        if (from->slots[i] && seen_set_add(into, from->slots[i]) < 0)
            return;
    }
}

void seen_set_swap(struct seen_set *a, struct seen_set *b)
{
    struct seen_set kept = *a;

    *a = *b;
    *b = kept;
}

void seen_set_reset(struct seen_set *set)
{
    if (set->slots)
        memset(set->slots, 0, set->slot_count * sizeof(uint64_t));
    set->count = 0;
}

void seen_set_release(struct seen_set *set)
{
    mem_free(&set->slots);
    *set = (struct seen_set){0};
}

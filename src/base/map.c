/* Linear probing over a power of two, at most three quarters full. A removal moves later entries
 * of the run back into the hole, so there are no tombstones and a map that is used for ever stays
 * as fast as on its first day. */
#include "base/map.h"

#include "base/ids.h"
#include "base/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 8

struct slot {
    uint64_t hash;
    char *key; /* owned; NULL: free */
    size_t key_len;
    void *value;
};

struct map {
    uint64_t secret[2];
    struct slot *slots;
    size_t slot_count; /* a power of two, or 0 */
    size_t count;
};

static uint64_t rotate(uint64_t word, int by)
{
    return word << by | word >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

/* SipHash-1-3: one round a word, three at the end. */
static uint64_t sip_hash(const uint64_t secret[2], struct span key)
{
    uint64_t v[4] = {secret[0] ^ 0x736f6d6570736575u, secret[1] ^ 0x646f72616e646f6du,
                     secret[0] ^ 0x6c7967656e657261u, secret[1] ^ 0x7465646279746573u};
    uint64_t word;
    size_t at = 0;

    for (; key.len - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, key.at + at, sizeof(word));
        sip_word(v, word);
    }
    word = 0;
    if (at < key.len)
        memcpy(&word, key.at + at, key.len - at);
    sip_word(v, word | (uint64_t)key.len << 56);
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct map *map_new(void)
{
    struct map *map = mem_alloc(sizeof(*map));

    ids_random(map->secret, sizeof(map->secret));
    return map;
}

void map_free(struct map **map)
{
    struct map *dead = *map;

    *map = NULL;
    if (!dead)
        return;
    for (size_t i = 0; i < dead->slot_count; i++)
        mem_free(&dead->slots[i].key);
    mem_free(&dead->slots);
    mem_free(&dead);
}

/* Where the key is, or the free slot where it would go. */
static size_t find(const struct map *map, uint64_t hash, struct span key)
{
    size_t mask = map->slot_count - 1;
    size_t at = hash & mask;

    for (;; at = (at + 1) & mask) {
        const struct slot *slot = &map->slots[at];
        if (!slot->key)
            return at;
        if (slot->hash == hash && span_equal((struct span){slot->key, slot->key_len}, key))
            return at;
    }
}

static void grow(struct map *map)
{
    struct slot *old = map->slots;
    size_t old_count = map->slot_count;

    map->slot_count = old_count ? old_count * 2 : SLOTS_MIN;
    map->slots = mem_alloc_array(map->slot_count, sizeof(*map->slots));
    for (size_t i = 0; i < old_count; i++) {
        size_t at = old[i].hash & (map->slot_count - 1);
        if (!old[i].key)
            continue;
        while (map->slots[at].key)
            at = (at + 1) & (map->slot_count - 1);
        map->slots[at] = old[i];
    }
    mem_free(&old);
}

void *map_get(const struct map *map, struct span key)
{
    if (!map->count)
        return NULL;
    return map->slots[find(map, sip_hash(map->secret, key), key)].value;
}

void *map_set(struct map *map, struct span key, void *value)
{
    assert(value);
    if (map->count >= map->slot_count - map->slot_count / 4)
        grow(map);
    uint64_t hash = sip_hash(map->secret, key);
    struct slot *slot = &map->slots[find(map, hash, key)];
    void *before = slot->value;
    if (!slot->key) {
        slot->key = mem_alloc(key.len + 1);
        if (key.len)
            memcpy(slot->key, key.at, key.len);
        slot->key_len = key.len;
        slot->hash = hash;
        map->count++;
    }
    slot->value = value;
    return before;
}

/* Fills the hole with the next entry of the run that may stand there, and so on to the run's end.
 */
static void close_hole(struct map *map, size_t hole)
{
    size_t mask = map->slot_count - 1;

    for (size_t at = (hole + 1) & mask; map->slots[at].key; at = (at + 1) & mask) {
        size_t home = map->slots[at].hash & mask;
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        map->slots[hole] = map->slots[at];
        hole = at;
    }
    map->slots[hole] = (struct slot){0};
}

void *map_remove(struct map *map, struct span key)
{
    if (!map->count)
        return NULL;
    size_t at = find(map, sip_hash(map->secret, key), key);
    void *before = map->slots[at].value;
    if (!map->slots[at].key)
        return NULL;
    mem_free(&map->slots[at].key);
    close_hole(map, at);
    map->count--;
    return before;
}

size_t map_count(const struct map *map)
{
    return map->count;
}

void *map_next(const struct map *map, size_t *at, struct span *ret_key)
{
    while (*at < map->slot_count) {
        const struct slot *slot = &map->slots[(*at)++];
        if (!slot->key)
            continue;
        if (ret_key)
            *ret_key = (struct span){slot->key, slot->key_len};
        return slot->value;
    }
    return NULL;
}

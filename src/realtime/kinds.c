#include "realtime/kinds.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdint.h>

struct kinds {
    struct map *numbers; /* "type\0event_type" to the number, as a pointer */
    struct buf key;
};

struct kinds *kinds_new(void)
{
    struct kinds *kinds = mem_alloc(sizeof(*kinds));

    kinds->numbers = map_new();
    return kinds;
}

void kinds_free(struct kinds **kinds)
{
    if (!*kinds)
        return;
    map_free(&(*kinds)->numbers);
    buf_release(&(*kinds)->key);
    mem_free(kinds);
}

unsigned kinds_number(struct kinds *kinds, struct span type, struct span event_type)
{
    uintptr_t number;

    buf_reset(&kinds->key);
    buf_add_span(&kinds->key, type);
    buf_add_char(&kinds->key, '\0');
    buf_add_span(&kinds->key, event_type);
    number = (uintptr_t)map_get(kinds->numbers, buf_span(&kinds->key));
    if (number)
        return (unsigned)number;
    number = map_count(kinds->numbers) + 1;
    if (number >= KINDS_MAX)
        return KIND_UNLISTED;
    map_set(kinds->numbers, buf_span(&kinds->key), (void *)number);
    return (unsigned)number;
}

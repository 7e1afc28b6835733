#include "realtime/acks.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/span.h"

#include <string.h>

struct session {
    uint64_t up_to;
    uint64_t count;   /* of single numbers ever; the last ACKS_SINGLE_MAX are kept */
    uint64_t *single; /* NULL until there is one */
};

struct acks {
    struct map *sessions;
};

static struct span key_of(const uint64_t *session)
{
    return (struct span){(const char *)session, sizeof(*session)};
}

struct acks *acks_new(void)
{
    struct acks *acks = mem_alloc(sizeof(*acks));

    acks->sessions = map_new();
    return acks;
}

static void session_free(struct session **session)
{
    if (*session)
        mem_free(&(*session)->single);
    mem_free(session);
}

void acks_free(struct acks **acks)
{
    struct session *session;
    struct span key;
    size_t at = 0;

    if (!*acks)
        return;
    while ((session = map_next((*acks)->sessions, &at, &key)))
        session_free(&session);
    map_free(&(*acks)->sessions);
    mem_free(acks);
}

static struct session *find(const struct acks *acks, uint64_t session)
{
    return map_get(acks->sessions, key_of(&session));
}

static struct session *find_or_add(struct acks *acks, uint64_t session)
{
    struct session *found = find(acks, session);

    if (!found) {
        found = mem_alloc(sizeof(*found));
        map_set(acks->sessions, key_of(&session), found);
    }
    return found;
}

void acks_record_up_to(struct acks *acks, uint64_t session, uint64_t sequence)
{
    struct session *found = find_or_add(acks, session);

    if (sequence > found->up_to)
        found->up_to = sequence;
}

void acks_record(struct acks *acks, uint64_t session, uint64_t sequence)
{
    struct session *found = find_or_add(acks, session);

    if (acks_has(acks, session, sequence))
        return;
    if (!found->single)
        found->single = mem_alloc_array(ACKS_SINGLE_MAX, sizeof(uint64_t));
    found->single[found->count++ % ACKS_SINGLE_MAX] = sequence;
}

void acks_forget(struct acks *acks, uint64_t session)
{
    struct session *found = map_remove(acks->sessions, key_of(&session));

    session_free(&found);
}

size_t acks_sessions(const struct acks *acks)
{
    return map_count(acks->sessions);
}

uint64_t acks_up_to(const struct acks *acks, uint64_t session)
{
    const struct session *found = find(acks, session);

    return found ? found->up_to : 0;
}

bool acks_has(const struct acks *acks, uint64_t session, uint64_t sequence)
{
    const struct session *found = find(acks, session);
    uint64_t kept;

    if (!found || sequence <= found->up_to)
        return found != NULL;
    kept = found->count < ACKS_SINGLE_MAX ? found->count : ACKS_SINGLE_MAX;
    for (uint64_t i = 0; i < kept; i++)
        if (found->single[i] == sequence)
            return true;
    return false;
}

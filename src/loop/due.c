/* A sorted array with room at both ends. Numbers come mostly in ascending order and leave mostly
 * near the front, and a removal moves the shorter side, so both cost next to nothing; the search
 * for one that is due begins at the front, where the oldest are. */
#include "loop/due.h"

#include "base/mem.h"
#include "base/time.h"

#include <pthread.h>
#include <string.h>

#define ENTRIES_MIN 64

struct entry {
    int64_t number;
    int64_t at;
    bool is_taken;
};

struct due {
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    struct entry *entries; /* owned; `count` of them from `first` on */
    size_t first, count, room;
    size_t taken;
    int64_t paused_until;
    bool is_stopped;
};

struct due *due_new(void)
{
    struct due *due = mem_alloc(sizeof(*due));
    pthread_condattr_t clock;

    pthread_mutex_init(&due->mutex, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&due->changed, &clock);
    pthread_condattr_destroy(&clock);
    return due;
}

void due_free(struct due **due)
{
    if (!*due)
        return;
    pthread_cond_destroy(&(*due)->changed);
    pthread_mutex_destroy(&(*due)->mutex);
    mem_free(&(*due)->entries);
    mem_free(due);
}

static struct entry *entry_at(struct due *due, size_t i)
{
    return &due->entries[due->first + i];
}

/* Where the number is, or would be. */
static size_t find(struct due *due, int64_t number)
{
    size_t low = 0, high = due->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (entry_at(due, middle)->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(struct due *due, size_t i, int64_t number)
{
    return i < due->count && entry_at(due, i)->number == number;
}

static void make_room(struct due *due)
{
    if (due->first + due->count < due->room)
        return;
    /* Half of it empty at the front: moving back is as good as growing. */
    if (due->first > due->room / 2) {
        memmove(due->entries, entry_at(due, 0), due->count * sizeof(due->entries[0]));
        due->first = 0;
        return;
    }
    due->room = due->room ? due->room * 2 : ENTRIES_MIN;
    due->entries = mem_resize(due->entries, due->room * sizeof(due->entries[0]));
}

static void insert(struct due *due, size_t i, struct entry entry)
{
    make_room(due);
    memmove(entry_at(due, i) + 1, entry_at(due, i), (due->count - i) * sizeof(due->entries[0]));
    *entry_at(due, i) = entry;
    due->count++;
}

static void erase(struct due *due, size_t i)
{
    due->taken -= entry_at(due, i)->is_taken;
    due->count--;
    if (i < due->count / 2) {
        memmove(entry_at(due, 1), entry_at(due, 0), i * sizeof(due->entries[0]));
        due->first++;
    } else {
        memmove(entry_at(due, i), entry_at(due, i) + 1, (due->count - i) * sizeof(due->entries[0]));
    }
    if (due->count == 0)
        due->first = 0;
}

void due_set(struct due *due, int64_t number, int64_t at)
{
    pthread_mutex_lock(&due->mutex);
    size_t i = find(due, number);
    if (is_at(due, i, number)) {
        due->taken -= entry_at(due, i)->is_taken;
        entry_at(due, i)->at = at;
        entry_at(due, i)->is_taken = false;
    } else {
        insert(due, i, (struct entry){.number = number, .at = at});
    }
    pthread_cond_signal(&due->changed);
    pthread_mutex_unlock(&due->mutex);
}

bool due_remove(struct due *due, int64_t number)
{
    pthread_mutex_lock(&due->mutex);
    size_t i = find(due, number);
    bool is_there = is_at(due, i, number);
    if (is_there)
        erase(due, i);
    pthread_mutex_unlock(&due->mutex);
    return is_there;
}

/* The first that is due; else NULL, and *wake_at is brought forward to when one will be. */
static struct entry *first_due(struct due *due, int64_t now, int64_t *wake_at)
{
    if (due->paused_until > now) {
        if (due->paused_until < *wake_at)
            *wake_at = due->paused_until;
        return NULL;
    }
    for (size_t i = 0; i < due->count; i++) {
        struct entry *entry = entry_at(due, i);

        if (entry->at <= now)
            return entry;
        if (entry->at < *wake_at)
            *wake_at = entry->at;
    }
    return NULL;
}

static void wait_until(struct due *due, int64_t at)
{
    struct timespec until = {.tv_sec = at / TIME_SECOND, .tv_nsec = at % TIME_SECOND * 1000};

    (void)pthread_cond_timedwait(&due->changed, &due->mutex, &until);
}

bool due_take(struct due *due, int64_t wait_us, int64_t lease_us, int64_t *ret_number)
{
    int64_t now = time_monotonic();
    int64_t until = wait_us < INT64_MAX - now ? now + wait_us : INT64_MAX;
    struct entry *entry = NULL;

    pthread_mutex_lock(&due->mutex);
    while (!due->is_stopped) {
        int64_t wake_at = until;

        entry = first_due(due, now, &wake_at);
        if (entry || now >= until)
            break;
        wait_until(due, wake_at);
        now = time_monotonic();
    }
    if (entry) {
        due->taken += !entry->is_taken;
        entry->is_taken = true;
        entry->at = now + lease_us;
        *ret_number = entry->number;
    }
    pthread_mutex_unlock(&due->mutex);
    return entry != NULL;
}

void due_pause(struct due *due, int64_t until)
{
    pthread_mutex_lock(&due->mutex);
    due->paused_until = until;
    pthread_mutex_unlock(&due->mutex);
}

void due_stop(struct due *due)
{
    pthread_mutex_lock(&due->mutex);
    due->is_stopped = true;
    pthread_cond_broadcast(&due->changed);
    pthread_mutex_unlock(&due->mutex);
}

void due_counts(struct due *due, size_t *ret_waiting, size_t *ret_taken)
{
    pthread_mutex_lock(&due->mutex);
    *ret_waiting = due->count - due->taken;
    *ret_taken = due->taken;
    pthread_mutex_unlock(&due->mutex);
}

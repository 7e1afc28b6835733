#include "realtime/frame_log.h"

#include "base/mem.h"

#include <assert.h>

struct entry {
    struct frame *frame;
    struct bytes *replay; /* NULL until somebody resumes */
    struct facts *facts;  /* NULL until somebody filters */
};

struct frame_log {
    uint64_t head;
    size_t count;
    size_t bytes; /* of frames and replays */
    size_t frames_max;
    struct entry ring[]; /* sequence s lies at s % frames_max */
};

struct frame_log *frame_log_new(size_t frames_max, uint64_t head)
{
    struct frame_log *log;

    if (frames_max < LOG_FRAMES_MIN)
        frames_max = LOG_FRAMES_MIN;
    log = mem_alloc(sizeof(*log) + frames_max * sizeof(struct entry));
    log->frames_max = frames_max;
    log->head = head;
    return log;
}

static struct entry *entry_at(struct frame_log *log, uint64_t sequence)
{
    assert(log->frames_max > 0);
    assert(sequence >= frame_log_oldest(log) && sequence <= log->head);
    return &log->ring[sequence % log->frames_max];
}

static void drop_oldest(struct frame_log *log)
{
    struct entry *entry = entry_at(log, frame_log_oldest(log));

    log->bytes -= entry->frame->bytes->len + (entry->replay ? entry->replay->len : 0);
    frame_unref(&entry->frame);
    bytes_unref(&entry->replay);
    facts_free(&entry->facts);
    log->count--;
}

void frame_log_free(struct frame_log **log)
{
    if (!*log)
        return;
    while ((*log)->count)
        drop_oldest(*log);
    mem_free(log);
}

static void keep_limits(struct frame_log *log)
{
    while (log->count > LOG_FRAMES_MIN && log->bytes > LOG_BYTES_MAX)
        drop_oldest(log);
}

void frame_log_append(struct frame_log *log, struct frame *frame)
{
    if (frame->sequence <= log->head)
        return;
    frame_log_advance(log, frame->sequence - 1);
    if (log->count == log->frames_max)
        drop_oldest(log);
    log->head = frame->sequence;
    log->count++;
    log->bytes += frame->bytes->len;
    entry_at(log, log->head)->frame = frame_ref(frame);
    keep_limits(log);
}

void frame_log_advance(struct frame_log *log, uint64_t head)
{
    if (head <= log->head)
        return;
    while (log->count)
        drop_oldest(log);
    log->head = head;
}

uint64_t frame_log_head(const struct frame_log *log)
{
    return log->head;
}

uint64_t frame_log_oldest(const struct frame_log *log)
{
    return log->head + 1 - log->count;
}

size_t frame_log_bytes(const struct frame_log *log)
{
    return log->bytes;
}

struct frame *frame_log_at(struct frame_log *log, uint64_t sequence)
{
    return entry_at(log, sequence)->frame;
}

struct bytes *frame_log_replay(struct frame_log *log, uint64_t sequence)
{
    struct entry *entry = entry_at(log, sequence);

    if (!entry->replay) {
        entry->replay = frame_replay(entry->frame);
        log->bytes += entry->replay->len;
    }
    return entry->replay;
}

const struct facts *frame_log_facts(struct frame_log *log, uint64_t sequence)
{
    struct entry *entry = entry_at(log, sequence);

    if (!entry->facts)
        entry->facts = frame_facts(entry->frame);
    return entry->facts;
}

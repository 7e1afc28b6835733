/* frame_log: the newest frames of a channel, in order and without holes.
 *
 * Each net loop has one, so nothing here is locked: the frames are shared, the log is not. What has
 * fallen out at the old end is still in the journal.
 * Thread: the net loop's.
 * Limit:  `frames_max` frames; more than LOG_BYTES_MAX bytes are kept only for the last
 * LOG_FRAMES_MIN frames. */
#pragma once

#include "base/bytes.h"
#include "realtime/frames.h"

#include <stddef.h>
#include <stdint.h>

#define LOG_FRAMES_MIN 100
#define LOG_BYTES_MAX (16 * 1024 * 1024)

struct frame_log;

/* Empty, standing at `head`: the newest sequence there is elsewhere. */
struct frame_log *frame_log_new(size_t frames_max, uint64_t head);
void frame_log_free(struct frame_log **log);

/* Takes a reference of its own. A frame that does not follow the head starts the log anew; one that
 * is not newer is ignored. */
void frame_log_append(struct frame_log *log, struct frame *frame);

/* There are newer messages than the frames given, up to `head`: the log starts anew after them. */
void frame_log_advance(struct frame_log *log, uint64_t head);

uint64_t frame_log_head(const struct frame_log *log);
uint64_t frame_log_oldest(const struct frame_log *log); /* head + 1 when empty */
size_t frame_log_bytes(const struct frame_log *log);

/* oldest <= sequence <= head. All borrowed; the replay and the facts are made at first use. */
struct frame *frame_log_at(struct frame_log *log, uint64_t sequence);
struct bytes *frame_log_replay(struct frame_log *log, uint64_t sequence);
const struct facts *frame_log_facts(struct frame_log *log, uint64_t sequence);

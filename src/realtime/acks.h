/* acks: which session has acknowledged what.
 *
 * A session acknowledges everything up to a number (the highest it named wins), and single messages
 * beyond it. Kept while the session is connected; who acknowledged decides later who is asked
 * again. Thread: the core loop's. Limit:  one entry per connection that ever acknowledged;
 * ACKS_SINGLE_MAX single numbers in each, the oldest are forgotten first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACKS_SINGLE_MAX 256

struct acks;

struct acks *acks_new(void);
void acks_free(struct acks **acks);

void acks_record_up_to(struct acks *acks, uint64_t session, uint64_t sequence);
void acks_record(struct acks *acks, uint64_t session, uint64_t sequence);
void acks_forget(struct acks *acks, uint64_t session);

size_t acks_sessions(const struct acks *acks);
uint64_t acks_up_to(const struct acks *acks, uint64_t session); /* 0: none */
bool acks_has(const struct acks *acks, uint64_t session, uint64_t sequence);

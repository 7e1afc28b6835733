/* What the files of the journal share. */
#pragma once

#include "journal/journal.h"

#define BOOT_ID_SIZE 64

/* Two threads have each their half; `last` and `oldest` are for everybody. */
struct journal {
    atomic_uint refs; /* the owner's, and one for each delivery under way */
    struct store *store;
    struct loop *core;
    struct journal_settings settings;
    char epoch[IDS_EPOCH_SIZE];
    char boot_id[BOOT_ID_SIZE]; /* "" when unknown */

    /* The writer's thread. Ahead of `last` and `oldest` by what is not committed yet. */
    uint64_t given;
    uint64_t kept_from;
    struct list committed; /* appends of the group that is being told */

    atomic_uint_least64_t last;
    atomic_uint_least64_t oldest;

    struct list followers; /* the core loop's */
};

/* One message with one reference. */
struct message *message_new(const struct journal *journal, uint64_t sequence, int64_t timestamp,
                            bool requires_ack, struct span type, struct span data);

void journal_unref(struct journal **journal);

/* Hands the appends in journal->committed to the followers on the core loop. */
void journal_tell(struct journal *journal);

/* An appended message until its fate is known, then until it is told. */
struct append {
    struct list node;
    struct journal *journal;
    struct message *message;
    uint64_t kept_from_before, kept_from_after;
};

void append_free(struct append **append);

/* Opening and closing: whether the numbers go on where they stopped.
 *
 * They do when everything that was ever told is still in the database. A process may die as it
 * likes, for the kernel keeps what it wrote; only the machine's end can lose commits, and only when
 * they were not waited for (JOURNAL_SYNC other than full). Then another boot finds no mark of a
 * clean end, and a new epoch begins at 1. Both marks, of the beginning and of the clean end, are
 * written to the disk whatever JOURNAL_SYNC is, or they would say what was true some time ago. */
#include "base/mem.h"
#include "journal/journal_private.h"
#include "store/journal_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void read_boot_id(char id[BOOT_ID_SIZE])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, id, BOOT_ID_SIZE - 1);

    if (fd >= 0)
        close(fd);
    id[len > 0 ? len : 0] = '\0';
    id[strcspn(id, "\n")] = '\0';
}

static bool is_continued(const struct journal *journal, const struct journal_channel_row *row,
                         uint64_t newest)
{
    bool is_same_boot = journal->boot_id[0] && !strcmp(row->boot_id, journal->boot_id);

    if (newest < row->last_sequence)
        return false; /* the newest is never pruned: rows were lost */
    return row->is_durable || row->clean_end || is_same_boot;
}

static int start_epoch(struct journal *journal, struct store_tx *tx)
{
    ids_epoch(journal->epoch);
    journal->given = 0;
    journal->kept_from = 1;
    return journal_rows_clear(tx, JOURNAL_CHANNEL_EVENTS);
}

static int write_mark(struct journal *journal, struct store_tx *tx, bool clean_end)
{
    struct journal_channel_row row = {
        .epoch = journal->epoch,
        .last_sequence = journal->given,
        .boot_id = journal->boot_id,
        .is_durable = store_sync(journal->store) == STORE_SYNC_FULL,
        .clean_end = clean_end,
    };

    return journal_rows_set_channel(tx, JOURNAL_CHANNEL_EVENTS, &row);
}

static int mark_start(struct store_tx *tx, void *arg)
{
    struct journal *journal = arg;
    AUTO(journal_channel_row_release) struct journal_channel_row row = {0};
    uint64_t oldest = 0, newest = 0;
    int found = journal_rows_channel(tx, JOURNAL_CHANNEL_EVENTS, &row);
    int result = journal_rows_range(tx, JOURNAL_CHANNEL_EVENTS, &oldest, &newest);

    if (found < 0 && found != -ENOENT)
        return found;
    if (result < 0)
        return result;
    if (found >= 0 && is_continued(journal, &row, newest)) {
        snprintf(journal->epoch, sizeof(journal->epoch), "%s", row.epoch);
        journal->given = newest;
        journal->kept_from = newest ? oldest : 1;
    } else {
        result = start_epoch(journal, tx);
    }
    return result < 0 ? result : write_mark(journal, tx, false);
}

static int mark_end(struct store_tx *tx, void *arg)
{
    return write_mark(arg, tx, true);
}

int journal_open(struct store *store, struct loop *core, const struct journal_settings *settings,
                 struct journal **ret_journal, struct buf *why)
{
    AUTO(journal_unref) struct journal *journal = mem_alloc(sizeof(*journal));
    int result;

    atomic_init(&journal->refs, 1);
    journal->store = store;
    journal->core = core;
    journal->settings = *settings;
    list_init(&journal->committed);
    list_init(&journal->followers);
    read_boot_id(journal->boot_id);
    result = store_write_sync(store, STORE_SYNC_FULL, mark_start, journal);
    if (result < 0) {
        buf_setf(why, "the journal could not be opened: %s", strerror(-result));
        return result;
    }
    atomic_init(&journal->last, journal->given);
    atomic_init(&journal->oldest, journal->kept_from);
    *ret_journal = TAKE(journal);
    return 0;
}

void journal_close(struct journal **journal)
{
    if (!*journal)
        return;
    /* Without the mark the next start is more careful, that is all. */
    int result = store_write_sync((*journal)->store, STORE_SYNC_FULL, mark_end, *journal);
    (void)result;
    journal_unref(journal);
}

void journal_unref(struct journal **address)
{
    struct journal *journal = TAKE(*address);

    if (journal && atomic_fetch_sub(&journal->refs, 1) == 1)
        mem_free(&journal);
}

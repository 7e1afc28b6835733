#include "base/mem.h"
#include "journal/journal_private.h"

struct delivery {
    struct journal *journal; /* counted: it may be closed meanwhile */
    struct list appends;
};

void append_free(struct append **address)
{
    struct append *append = TAKE(*address);

    if (!append)
        return;
    message_unref(&append->message);
    mem_free(&append);
}

/* Followers are taken off one by one and put back, so that any of them may end itself or another
 * while it is called. */
static void deliver_message(struct journal *journal, struct message *message)
{
    struct list waiting;
    struct list *node;

    list_init(&waiting);
    list_splice(&waiting, &journal->followers);
    while ((node = list_take_first(&waiting))) {
        struct journal_follower *follower = CONTAINER_OF(node, struct journal_follower, node);

        list_append(&journal->followers, node);
        if (message->sequence > follower->after)
            follower->on_message(follower->owner, message);
    }
}

static void deliver(void *arg)
{
    struct delivery *delivery = arg;
    struct list *node;

    while ((node = list_take_first(&delivery->appends))) {
        struct append *append = CONTAINER_OF(node, struct append, node);

        deliver_message(delivery->journal, append->message);
        append_free(&append);
    }
    journal_unref(&delivery->journal);
    mem_free(&delivery);
}

void journal_tell(struct journal *journal)
{
    struct delivery *delivery = mem_alloc(sizeof(*delivery));

    atomic_fetch_add(&journal->refs, 1);
    delivery->journal = journal;
    list_init(&delivery->appends);
    list_splice(&delivery->appends, &journal->committed);
    loop_post(journal->core, deliver, delivery);
}

void journal_follow(struct journal *journal, struct journal_follower *follower,
                    journal_on_message *on_message, void *owner)
{
    follower->on_message = on_message;
    follower->owner = owner;
    follower->after = atomic_load(&journal->last);
    list_append(&journal->followers, &follower->node);
}

void journal_unfollow(struct journal_follower *follower)
{
    list_remove(&follower->node);
}

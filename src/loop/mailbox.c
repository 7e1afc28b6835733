/* The one way between threads. A post is an append under the mutex; the loop swaps the whole list
 * out and makes the calls with the mutex free, so a call may post. Only a loop that sleeps is
 * woken, and by the first post only: a thousand posts in one turn cost one system call or none. */
#include "loop/loop_private.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define POSTS_MIN 64
#define POSTS_KEPT 4096 /* a batch that grew beyond this gives its memory back */

int mailbox_init(struct mailbox *mailbox)
{
    mailbox->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (mailbox->wake_fd < 0)
        return -errno;
    pthread_mutex_init(&mailbox->mutex, NULL);
    return 0;
}

void mailbox_release(struct mailbox *mailbox)
{
    assert(mailbox->waiting.count == 0);
    close(mailbox->wake_fd);
    pthread_mutex_destroy(&mailbox->mutex);
    mem_free(&mailbox->waiting.posts);
}

static void wake(struct mailbox *mailbox)
{
    ssize_t written = eventfd_write(mailbox->wake_fd, 1);

    /* Only a full counter could refuse, and a full counter is readable. */
    assert(written == 0 || errno == EAGAIN);
    (void)written;
}

/* With the mutex held. */
static bool must_wake(struct mailbox *mailbox)
{
    bool asleep = mailbox->asleep;

    mailbox->asleep = false;
    return asleep;
}

static void append(struct post_batch *batch, struct post post)
{
    if (batch->count == batch->cap) {
        batch->cap = batch->cap ? batch->cap * 2 : POSTS_MIN;
        batch->posts = mem_resize(batch->posts, batch->cap * sizeof(*batch->posts));
    }
    batch->posts[batch->count++] = post;
}

void mailbox_add(struct mailbox *mailbox, struct post post)
{
    pthread_mutex_lock(&mailbox->mutex);
    append(&mailbox->waiting, post);
    if (must_wake(mailbox))
        wake(mailbox);
    pthread_mutex_unlock(&mailbox->mutex);
}

void mailbox_stop(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->mutex);
    mailbox->stop = true;
    if (must_wake(mailbox))
        wake(mailbox);
    pthread_mutex_unlock(&mailbox->mutex);
}

bool mailbox_may_sleep(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->mutex);
    mailbox->asleep = mailbox->waiting.count == 0 && !mailbox->stop;
    bool asleep = mailbox->asleep;
    pthread_mutex_unlock(&mailbox->mutex);
    return asleep;
}

void mailbox_woken(struct mailbox *mailbox)
{
    eventfd_t count;

    if (eventfd_read(mailbox->wake_fd, &count) < 0)
        assert(errno == EAGAIN);
}

bool mailbox_take(struct mailbox *mailbox, struct post_batch *taken)
{
    assert(taken->count == 0);
    if (taken->cap > POSTS_KEPT) {
        mem_free(&taken->posts);
        taken->cap = 0;
    }
    pthread_mutex_lock(&mailbox->mutex);
    struct post_batch waiting = mailbox->waiting;
    bool stop = mailbox->stop;
    mailbox->waiting = *taken;
    mailbox->asleep = false;
    mailbox->stop = false;
    pthread_mutex_unlock(&mailbox->mutex);
    *taken = waiting;
    return stop;
}

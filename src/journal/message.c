#include "base/mem.h"
#include "journal/journal_private.h"

#include <string.h>

static char *put(char *to, struct span text)
{
    if (text.len)
        memcpy(to, text.at, text.len);
    to[text.len] = '\0';
    return to + text.len + 1;
}

struct message *message_new(const struct journal *journal, uint64_t sequence, int64_t timestamp,
                            bool requires_ack, struct span type, struct span data)
{
    struct message *message =
        mem_alloc(sizeof(*message) + sizeof(journal->epoch) + type.len + 1 + data.len + 1);
    char *at = (char *)(message + 1);

    atomic_init(&message->refs, 1);
    message->sequence = sequence;
    message->timestamp = timestamp;
    message->requires_ack = requires_ack;
    message->channel = JOURNAL_CHANNEL_EVENTS;
    message->epoch = at;
    at = put(at, span_of(journal->epoch));
    message->type = (struct span){at, type.len};
    at = put(at, type);
    message->data = (struct span){at, data.len};
    put(at, data);
    return message;
}

struct message *message_ref(struct message *message)
{
    atomic_fetch_add_explicit(&message->refs, 1, memory_order_relaxed);
    return message;
}

void message_unref(struct message **address)
{
    struct message *message = TAKE(*address);

    if (message && atomic_fetch_sub_explicit(&message->refs, 1, memory_order_acq_rel) == 1)
        mem_free(&message);
}

#include "base/list.h"

void list_init(struct list *list)
{
    list->next = list->prev = list;
}

static void insert(struct list *before, struct list *node)
{
    node->prev = before;
    node->next = before->next;
    before->next->prev = node;
    before->next = node;
}

void list_append(struct list *head, struct list *node)
{
    insert(head->prev, node);
}

void list_prepend(struct list *head, struct list *node)
{
    insert(head, node);
}

void list_remove(struct list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

bool list_is_empty(const struct list *head)
{
    return head->next == head;
}

struct list *list_take_first(struct list *head)
{
    struct list *first = head->next;

    if (first == head)
        return NULL;
    list_remove(first);
    return first;
}

void list_splice(struct list *to, struct list *from)
{
    if (list_is_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

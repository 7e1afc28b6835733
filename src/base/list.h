/* list: doubly linked, intrusive. The node lies in the owner's struct; CONTAINER_OF gets back.
 * Nothing is allocated. A node that is in no list is linked to itself, so list_remove() may be
 * called twice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next;
    struct list *prev;
};

void list_init(struct list *list); /* a head or a node */
void list_append(struct list *head, struct list *node);
void list_prepend(struct list *head, struct list *node);
void list_remove(struct list *node);
bool list_is_empty(const struct list *head);
struct list *list_take_first(struct list *head); /* removed from the list; NULL when empty */

/* Moves everything from one head to the end of another. */
void list_splice(struct list *to, struct list *from);

/* NOLINTBEGIN(bugprone-macro-parentheses): `node` is a name, declared here. */
/* The body may remove `node`, and nothing else. */
#define LIST_FOR_EACH(head, node)                                                                  \
    for (struct list *node = (head)->next, *node##_next = node->next; node != (head);              \
         node = node##_next, node##_next = node->next)
/* NOLINTEND(bugprone-macro-parentheses) */

/* own: who frees what, visible in the declaration.
 *
 *   AUTO(buf_release) struct buf why = BUF_INIT;   released when the scope ends
 *   return TAKE(answer);                           handed over, the variable is NULL afterwards
 *
 * Every destructor of this project takes the address of the variable, accepts NULL inside it, and
 * may be called twice; so the same function serves calls, AUTO and error paths. */
#pragma once

#define AUTO(destructor) __attribute__((cleanup(destructor)))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define TAKE(p)                                                                                    \
    __extension__({                                                                                \
        __typeof__(p) taken_ = (p);                                                                \
        (p) = NULL;                                                                                \
        taken_;                                                                                    \
    })

/* The struct that contains `member`, given the member's address. */
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

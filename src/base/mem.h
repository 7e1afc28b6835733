/* mem: memory that is there or the process ends.
 *
 * Small allocations never fail as far as callers are concerned: when the system has none left the
 * process writes one line and aborts. Sizes that come from outside are bounded before they get
 * here. Thread: any. */
#pragma once

#include "base/own.h"

#include <stddef.h>

void *mem_alloc(size_t size);                     /* zeroed */
void *mem_alloc_array(size_t count, size_t size); /* zeroed; aborts on overflow */
void *mem_resize(void *old, size_t size);         /* like realloc; new bytes are undefined */
char *mem_strdup(const char *text);               /* NULL gives NULL */
char *mem_strndup(const char *text, size_t length);
char *mem_printf(const char *format, ...) PRINTF_LIKE(1, 2);

/* Frees what the pointer variable at `address` holds and sets it to NULL: AUTO(mem_free) char *s.
 */
void mem_free(void *address);

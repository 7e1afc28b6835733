#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *checked(void *memory)
{
    static const char message[] = "vigil: out of memory\n";

    if (memory)
        return memory;
    if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
        abort();
    abort();
}

void *mem_alloc(size_t size)
{
    return checked(calloc(1, size ? size : 1));
}

void *mem_alloc_array(size_t count, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(count, size, &total))
        checked(NULL);
    return mem_alloc(total);
}

void *mem_resize(void *old, size_t size)
{
    return checked(realloc(old, size ? size : 1));
}

char *mem_strdup(const char *text)
{
    return text ? mem_strndup(text, strlen(text)) : NULL;
}

char *mem_strndup(const char *text, size_t length)
{
    size_t used = strnlen(text, length);
    char *copy = checked(malloc(used + 1));

    memcpy(copy, text, used);
    copy[used] = '\0';
    return copy;
}

char *mem_printf(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    return checked(length < 0 ? NULL : text);
}

void mem_free(void *address)
{
    void *memory;

    /* The caller's variable may have any pointer type: copied as bytes, never cast. */
    memcpy(&memory, address, sizeof(memory));
    free(memory);
    memset(address, 0, sizeof(memory));
}

#include "api/number_private.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_LENGTH_MAX 32

/* strtoll() and strtod() want a terminated text and accept blanks, hex and "inf": not we. */
static int number_copy(struct span text, const char *allowed, char copy[NUMBER_LENGTH_MAX + 1])
{
    if (text.len == 0 || text.len > NUMBER_LENGTH_MAX)
        return -EINVAL;
    for (size_t i = 0; i < text.len; i++)
        if (!isdigit((unsigned char)text.at[i]) &&
            (text.at[i] == '\0' || !strchr(allowed, text.at[i])))
            return -EINVAL;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    return 0;
}

int number_parse_int(struct span text, int64_t *ret_number)
{
    char copy[NUMBER_LENGTH_MAX + 1], *end;
    if (number_copy(text, "-", copy) < 0)
        return -EINVAL;
    errno = 0;
    long long number = strtoll(copy, &end, 10);
    if (errno || *end || end == copy)
        return -EINVAL;
    *ret_number = number;
    return 0;
}

int number_parse_double(struct span text, double *ret_number)
{
    char copy[NUMBER_LENGTH_MAX + 1], *end;
    if (number_copy(text, "+-.eE", copy) < 0)
        return -EINVAL;
    double number = strtod(copy, &end);
    if (*end || end == copy || !isfinite(number))
        return -EINVAL;
    *ret_number = number;
    return 0;
}

#include "net/http/conditions_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DATE_TEXT_MAX 40

static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* Not strftime(): the names must be English whatever the locale. */
void http_date_text(int64_t seconds, char text[HTTP_DATE_SIZE])
{
    time_t at = (time_t)seconds;
    struct tm utc = {0};
    gmtime_r(&at, &utc);
    snprintf(text, HTTP_DATE_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday % 7],
             utc.tm_mday % 100, months[utc.tm_mon % 12], (utc.tm_year + 1900) % 10000,
             utc.tm_hour % 100, utc.tm_min % 100, utc.tm_sec % 100);
}

static int month_of(const char *name)
{
    for (int i = 0; i < 12; i++)
        if (memcmp(name, months[i], 3) == 0)
            return i;
    return -1;
}

/* NOLINTBEGIN(cert-err34-c): every number has a width of four digits at most. */
/* The three forms of RFC 9110, 5.6.7: the one in use and the two that are obsolete. */
static bool scan(const char *text, struct tm *utc, char month[4])
{
    int end = 0;
    if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &utc->tm_mday, month,
               &utc->tm_year, &utc->tm_hour, &utc->tm_min, &utc->tm_sec, &end) == 6 &&
        end > 0)
        return text[end] == '\0';
    end = 0;
    if (sscanf(text, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &utc->tm_mday, month,
               &utc->tm_year, &utc->tm_hour, &utc->tm_min, &utc->tm_sec, &end) == 6 &&
        end > 0) {
        utc->tm_year += utc->tm_year < 70 ? 2000 : 1900;
        return text[end] == '\0';
    }
    end = 0;
    return sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", month, &utc->tm_mday,
                  &utc->tm_hour, &utc->tm_min, &utc->tm_sec, &utc->tm_year, &end) == 6 &&
           end > 0 && text[end] == '\0';
}
/* NOLINTEND(cert-err34-c) */

static bool in_range(const struct tm *utc)
{
    return utc->tm_mday >= 1 && utc->tm_mday <= 31 && utc->tm_hour >= 0 && utc->tm_hour <= 23 &&
           utc->tm_min >= 0 && utc->tm_min <= 59 && utc->tm_sec >= 0 && utc->tm_sec <= 60 &&
           utc->tm_year >= 1900;
}

int http_date_parse(struct span text, int64_t *ret_seconds)
{
    char copy[DATE_TEXT_MAX + 1] = {0};
    char month[4] = {0};
    struct tm utc = {0};
    if (text.len > DATE_TEXT_MAX || text.len == 0)
        return -EINVAL;
    memcpy(copy, text.at, text.len);
    if (!scan(copy, &utc, month) || !in_range(&utc))
        return -EINVAL;
    utc.tm_mon = month_of(month);
    if (utc.tm_mon < 0)
        return -EINVAL;
    utc.tm_year -= 1900;
    *ret_seconds = (int64_t)timegm(&utc);
    return 0;
}

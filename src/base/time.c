#include "base/time.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#define DAY_SECONDS 86400LL

static int64_t clock_read(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * TIME_SECOND + now.tv_nsec / 1000;
}

int64_t time_now(void)
{
    return clock_read(CLOCK_REALTIME);
}

int64_t time_monotonic(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

struct date {
    int64_t year;
    int month, day;
};

/* The two conversions count from 1 March 0000, so that the leap day is a year's last one. */
static int64_t days_of(struct date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static struct date date_of(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct date date = {
        .year = year_of_era + era * 400 + (month >= 10),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
    };
    return date;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

const char *time_format(int64_t instant, char text[TIME_TEXT_SIZE])
{
    int64_t seconds = floor_div(instant, TIME_SECOND);
    int64_t days = floor_div(seconds, DAY_SECONDS);
    int micros = (int)((instant % TIME_SECOND + TIME_SECOND) % TIME_SECOND);
    int of_day = (int)(seconds - days * DAY_SECONDS);
    struct date date = date_of(days);
    int used =
        snprintf(text, TIME_TEXT_SIZE, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)date.year,
                 date.month, date.day, of_day / 3600, of_day / 60 % 60, of_day % 60);

    if (micros)
        snprintf(text + used, (size_t)(TIME_TEXT_SIZE - used), ".%06dZ", micros);
    else
        snprintf(text + used, (size_t)(TIME_TEXT_SIZE - used), "Z");
    return text;
}

/* Reads exactly `digits` digits off the front. */
static bool take_number(struct span *text, size_t digits, int *ret_number)
{
    int number = 0;

    if (text->len < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        number = number * 10 + (text->at[i] - '0');
    }
    *text = (struct span){text->at + digits, text->len - digits};
    *ret_number = number;
    return true;
}

static bool take_char(struct span *text, const char *any_of)
{
    for (; text->len && *any_of; any_of++) {
        if (text->at[0] != *any_of)
            continue;
        *text = (struct span){text->at + 1, text->len - 1};
        return true;
    }
    return false;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_date(struct span *text, int64_t *ret_instant)
{
    int year, month, day;

    if (!take_number(text, 4, &year) || !take_char(text, "-") || !take_number(text, 2, &month) ||
        !take_char(text, "-") || !take_number(text, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in(year, month))
        return false;
    *ret_instant = days_of((struct date){year, month, day}) * DAY_SECONDS * TIME_SECOND;
    return true;
}

/* One digit or more; what is finer than a microsecond is cut off. */
static bool take_fraction(struct span *text, int64_t *ret_micros)
{
    int64_t micros = 0, unit = 100000;
    int digit;

    if (!take_number(text, 1, &digit))
        return false;
    do {
        micros += digit * unit;
        unit /= 10;
    } while (take_number(text, 1, &digit));
    *ret_micros = micros;
    return true;
}

static bool take_clock(struct span *text, int64_t *ret_micros)
{
    int hour, minute, second = 0;
    int64_t fraction = 0;

    if (!take_number(text, 2, &hour) || !take_char(text, ":") || !take_number(text, 2, &minute))
        return false;
    if (take_char(text, ":")) {
        if (!take_number(text, 2, &second))
            return false;
        if (take_char(text, ".,") && !take_fraction(text, &fraction))
            return false;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ret_micros = (hour * 3600LL + minute * 60LL + second) * TIME_SECOND + fraction;
    return true;
}

static bool take_zone(struct span *text, int64_t *ret_micros)
{
    int hours, minutes;

    *ret_micros = 0;
    if (take_char(text, "Zz") || text->len == 0)
        return true;
    bool west = text->at[0] == '-';
    if (!take_char(text, "+-") || !take_number(text, 2, &hours) || !take_char(text, ":") ||
        !take_number(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_micros = (hours * 3600LL + minutes * 60LL) * TIME_SECOND * (west ? -1 : 1);
    return true;
}

int time_parse(struct span text, int64_t *ret_instant, int *ret_date_only)
{
    int64_t date, of_day = 0, zone = 0;

    if (!take_date(&text, &date))
        return -EINVAL;
    bool date_only = text.len == 0;
    if (!date_only && (!take_char(&text, "Tt ") || !take_clock(&text, &of_day) ||
                       !take_zone(&text, &zone) || text.len))
        return -EINVAL;
    *ret_instant = date + of_day - zone;
    if (ret_date_only)
        *ret_date_only = date_only;
    return 0;
}

void time_local(int64_t instant, int *ret_hour, int *ret_weekday)
{
    time_t seconds = (time_t)floor_div(instant, TIME_SECOND);
    struct tm local = {0};

    localtime_r(&seconds, &local);
    *ret_hour = local.tm_hour;
    *ret_weekday = (local.tm_wday + 6) % 7;
}

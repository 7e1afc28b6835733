#include "api/param_private.h"

#include "api/number_private.h"
#include "api/text_private.h"
#include "base/mem.h"
#include "base/time.h"

#include <stdio.h>

#define DAY (24LL * 60 * 60 * TIME_SECOND)
#define FIELD_NAME_SIZE 64

static const char *field_name(const char *name, char field[FIELD_NAME_SIZE])
{
    snprintf(field, FIELD_NAME_SIZE, "query.%s", name);
    return field;
}

/* True when present and fit to be looked at. */
static bool param_value(struct call *call, const char *name, struct buf *value)
{
    char field[FIELD_NAME_SIZE];

    if (!http_query_of(call->request, name, value))
        return false;
    if (value->len > PARAM_VALUE_MAX) {
        call_fault(call, field_name(name, field), buf_span(value), "must not be over %d bytes",
                   PARAM_VALUE_MAX);
        return false;
    }
    return true;
}

char *param_text(struct call *call, const char *name)
{
    AUTO(buf_release) struct buf value = BUF_INIT;
    return param_value(call, name, &value) ? buf_detach(&value) : NULL;
}

int64_t param_int(struct call *call, const char *name, int64_t least, int64_t most,
                  int64_t fallback)
{
    AUTO(buf_release) struct buf value = BUF_INIT;
    char field[FIELD_NAME_SIZE];
    int64_t number;

    if (!param_value(call, name, &value))
        return fallback;
    if (number_parse_int(buf_span(&value), &number) == 0 && number >= least && number <= most)
        return number;
    call_fault(call, field_name(name, field), buf_span(&value),
               "must be a whole number from %lld to %lld", (long long)least, (long long)most);
    return fallback;
}

double param_number(struct call *call, const char *name, double least, double most, double fallback)
{
    AUTO(buf_release) struct buf value = BUF_INIT;
    char field[FIELD_NAME_SIZE];
    double number;

    if (!param_value(call, name, &value))
        return fallback;
    if (number_parse_double(buf_span(&value), &number) == 0 && number >= least && number <= most)
        return number;
    call_fault(call, field_name(name, field), buf_span(&value), "must be a number from %g to %g",
               least, most);
    return fallback;
}

int param_bool(struct call *call, const char *name, int fallback)
{
    static const char *const words[] = {"false", "true", "0", "1", "no", "yes",
                                        "off",   "on",   "f", "t", "n",  "y"};
    AUTO(buf_release) struct buf value = BUF_INIT;
    char field[FIELD_NAME_SIZE];

    if (!param_value(call, name, &value))
        return fallback;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (span_is_nocase(buf_span(&value), words[i]))
            return (int)(i % 2);
    call_fault(call, field_name(name, field), buf_span(&value), "must be true or false");
    return fallback;
}

int64_t param_instant(struct call *call, const char *name, enum param_day day)
{
    AUTO(buf_release) struct buf value = BUF_INIT;
    char field[FIELD_NAME_SIZE];
    int64_t instant;
    int date_only;

    if (!param_value(call, name, &value))
        return 0;
    if (time_parse(buf_span(&value), &instant, &date_only) < 0) {
        call_fault(call, field_name(name, field), buf_span(&value),
                   "must be a date or an RFC 3339 date and time");
        return 0;
    }
    if (date_only && day == PARAM_DAY_END)
        instant += DAY - 1;
    return instant ? instant : 1; /* 0 means absent; a microsecond in 1970 matters to nobody */
}

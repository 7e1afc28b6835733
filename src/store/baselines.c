#include "store/baselines.h"

#include "base/time.h"
#include "store/query_private.h"

#include <errno.h>
#include <math.h>

/* What a count of `value` at `then` is worth at `now`. A clock that went back takes nothing away.
 */
static double fade(double value, int64_t then, int64_t now)
{
    double days = (double)(now - then) / (86400.0 * TIME_SECOND);

    return days <= 0 ? value : value * pow(0.5, days / BASELINE_HALF_LIFE_DAYS);
}

static int read_baseline(struct store_stmt *stmt, int64_t now, struct baseline *ret_baseline)
{
    int result = step_one(stmt);

    if (result < 0 && result != -ENOENT)
        return result;
    *ret_baseline = (struct baseline){0};
    if (result == 0)
        *ret_baseline = (struct baseline){
            .value = fade(store_double(stmt, 0), store_time(stmt, 1), now),
            .samples = store_int(stmt, 2),
            .first_seen = store_time(stmt, 3),
        };
    return 0;
}

int baselines_class(struct store_tx *tx, const char *camera_id, const char *object_type, int hour,
                    int64_t now, struct baseline *ret_baseline)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "SELECT decayed_count, last_updated, sample_count, first_seen FROM class_baselines "
            "WHERE camera_id = $1 AND detection_class = $2 AND hour = $3");

    store_bind_text(stmt, 1, camera_id);
    store_bind_text(stmt, 2, object_type);
    store_bind_int(stmt, 3, hour);
    return read_baseline(stmt, now, ret_baseline);
}

int baselines_activity(struct store_tx *tx, const char *camera_id, int hour, int weekday,
                       int64_t now, struct baseline *ret_baseline)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "SELECT decayed_count, last_updated, sample_count, first_seen FROM activity_baselines "
            "WHERE camera_id = $1 AND hour = $2 AND day_of_week = $3");

    store_bind_text(stmt, 1, camera_id);
    store_bind_int(stmt, 2, hour);
    store_bind_int(stmt, 3, weekday);
    return read_baseline(stmt, now, ret_baseline);
}

int baselines_since(struct store_tx *tx, const char *camera_id, int64_t *ret_instant)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "SELECT min(first_seen) FROM activity_baselines WHERE camera_id = $1");
    int result;

    store_bind_text(stmt, 1, camera_id);
    result = step_one(stmt);
    if (result >= 0)
        *ret_instant = store_time(stmt, 0);
    return result;
}

static int write_class(struct store_tx *tx, const char *camera_id, const char *object_type,
                       int hour, double value, int64_t now)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "INSERT INTO class_baselines (camera_id, detection_class, hour, decayed_count, "
            "sample_count, first_seen, last_updated) VALUES ($1, $2, $3, $4, 1, $5, $5) "
            "ON CONFLICT (camera_id, detection_class, hour) DO UPDATE SET decayed_count = $4, "
            "sample_count = class_baselines.sample_count + 1, last_updated = $5");

    store_bind_text(stmt, 1, camera_id);
    store_bind_text(stmt, 2, object_type);
    store_bind_int(stmt, 3, hour);
    store_bind_double(stmt, 4, value);
    store_bind_time(stmt, 5, now);
    return store_run(stmt);
}

static int write_activity(struct store_tx *tx, const char *camera_id, int hour, int weekday,
                          double value, int64_t now)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt = store_prepare(
        tx, "INSERT INTO activity_baselines (camera_id, hour, day_of_week, decayed_count, "
            "sample_count, first_seen, last_updated) VALUES ($1, $2, $3, $4, 1, $5, $5) "
            "ON CONFLICT (camera_id, hour, day_of_week) DO UPDATE SET decayed_count = $4, "
            "sample_count = activity_baselines.sample_count + 1, last_updated = $5");

    store_bind_text(stmt, 1, camera_id);
    store_bind_int(stmt, 2, hour);
    store_bind_int(stmt, 3, weekday);
    store_bind_double(stmt, 4, value);
    store_bind_time(stmt, 5, now);
    return store_run(stmt);
}

/* Read, then written: the one writer lets nobody in between. */
int baselines_observe(struct store_tx *tx, const char *camera_id, const char *object_type, int hour,
                      int weekday, int64_t now)
{
    struct baseline of_class = {0}, of_hour = {0};
    int result = baselines_class(tx, camera_id, object_type, hour, now, &of_class);

    if (result >= 0)
        result = write_class(tx, camera_id, object_type, hour, of_class.value + 1, now);
    if (result >= 0)
        result = baselines_activity(tx, camera_id, hour, weekday, now, &of_hour);
    if (result >= 0)
        result = write_activity(tx, camera_id, hour, weekday, of_hour.value + 1, now);
    return result;
}

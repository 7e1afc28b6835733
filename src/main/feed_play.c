#include "base/mem.h"
#include "base/time.h"
#include "main/feed.h"
#include "main/feed_source.h"
#include "main/place.h"
#include "pipeline/file_write.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const struct feed_settings feed_settings_default = {
    .root = "./cameras",
    .camera = "front_door",
    .interval = 1,
    .speed = 1,
};

struct player {
    const struct feed_settings *settings;
    struct feed_source *source;
    char *folder;
    sigset_t ends;
    double seconds; /* into the source */
    long played;
    bool disk_full; /* and said so */
};

/* 0 when it is time; the signal's number when it is time to end. */
static int wait_until(const struct player *player, int64_t due)
{
    int64_t rest = due - time_monotonic();
    struct timespec wait = {0};

    if (rest > 0) {
        wait.tv_sec = (time_t)(rest / TIME_SECOND);
        wait.tv_nsec = (long)(rest % TIME_SECOND) * 1000;
    }
    int number = sigtimedwait(&player->ends, NULL, &wait);
    return number > 0 ? number : 0;
}

static char *name_now(const struct player *player)
{
    time_t now = (time_t)(time_now() / TIME_SECOND);
    char stamp[32];
    struct tm local;

    localtime_r(&now, &local);
    strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &local);
    return mem_printf("%s/MDAlarm_%s-%03ld.jpg", player->folder, stamp, player->played % 1000);
}

/* A JPEG comment right after the first marker: the moment, and which picture of this feed it is. */
static void add_moment(const struct player *player, const struct buf *jpeg, struct buf *out)
{
    char text[64], when[TIME_TEXT_SIZE];
    int length = snprintf(text, sizeof(text), "vigil feed %s %ld", time_format(time_now(), when),
                          player->played);

    buf_reserve(out, jpeg->len + 128);
    buf_add(out, jpeg->data, 2);
    buf_add(out, "\xff\xfe\0", 3);
    buf_add_char(out, (char)(length + 2));
    buf_add(out, text, (size_t)length);
    buf_add(out, jpeg->data + 2, jpeg->len - 2);
}

static int complain(const char *what, const char *detail)
{
    fprintf(stderr, "vigil feed: %s%s\n", what, detail);
    return 1;
}

/* A full disk may have room again; a folder that is gone was taken away on purpose. */
static int drop(struct player *player, const struct buf *jpeg)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT;
    AUTO(mem_free) char *path = name_now(player);

    add_moment(player, jpeg, &bytes);
    int error = file_write(path, buf_span(&bytes), 0644);
    if (error == -ENOSPC || error == -EDQUOT) {
        if (!player->disk_full)
            complain(path, ": the disk is full; trying on");
        player->disk_full = true;
        return 0;
    }
    if (error == -ENOENT)
        return complain(player->folder, " is gone");
    if (error) {
        fprintf(stderr, "vigil feed: %s: %s\n", path, strerror(-error));
        return 1;
    }
    player->disk_full = false;
    player->played++;
    return 0;
}

enum turn { TURN_GOOD, TURN_LEFT_OUT, TURN_END, TURN_FAILED };

static enum turn play_one(struct player *player)
{
    AUTO(buf_release) struct buf jpeg = BUF_INIT;
    AUTO(buf_release) struct buf why = BUF_INIT;

    int got = feed_source_next(player->source, player->seconds, &jpeg, &why);
    if (got == 0 && player->settings->repeat == FEED_REPEAT) {
        player->seconds = 0;
        got = feed_source_next(player->source, 0, &jpeg, &why);
    }
    if (got == 0)
        return TURN_END;
    if (got < 0) {
        complain(buf_text(&why), "");
        return got == -EINVAL ? TURN_LEFT_OUT : TURN_FAILED;
    }
    player->seconds += player->settings->interval;
    return drop(player, &jpeg) == 0 ? TURN_GOOD : TURN_FAILED;
}

static int play_all(struct player *player)
{
    const struct feed_settings *settings = player->settings;
    int64_t interval = (int64_t)(settings->interval / settings->speed * TIME_SECOND);
    int64_t due = time_monotonic();

    while (settings->count == 0 || player->played < settings->count) {
        if (wait_until(player, due) != 0)
            return 0;
        switch (play_one(player)) {
        case TURN_GOOD:
            due += interval;
            break;
        case TURN_LEFT_OUT:
            continue;
        case TURN_END:
            return 0;
        case TURN_FAILED:
            return 1;
        }
        /* Late: go on from here instead of catching up. */
        if (due < time_monotonic())
            due = time_monotonic();
    }
    return 0;
}

static int play_into(struct player *player)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    sigset_t before;

    int error = place_make_folder(player->folder);
    if (error) {
        fprintf(stderr, "vigil feed: %s: %s\n", player->folder, strerror(-error));
        return 1;
    }
    if (feed_source_open(player->settings, &player->source, &why) != 0)
        return complain(buf_text(&why), "");
    sigemptyset(&player->ends);
    sigaddset(&player->ends, SIGINT);
    sigaddset(&player->ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &player->ends, &before);
    int status = play_all(player);
    sigprocmask(SIG_SETMASK, &before, NULL);
    feed_source_close(&player->source);
    return status;
}

int feed_play(const struct feed_settings *settings)
{
    AUTO(mem_free) char *folder = mem_printf("%s/%s", settings->root, settings->camera);
    struct player player = {
        .settings = settings,
        .folder = folder,
        .seconds = settings->begin,
    };

    return play_into(&player);
}

#include "main/feed.h"

#include "base/mem.h"
#include "main/command.h"
#include "main/environment.h"
#include "media/picture.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT_MAX 1000000000L
#define SIDE_MIN 64
#define SIDE_MAX 7680

static int usage(FILE *to)
{
    fputs(
        "usage: vigil feed [options] [SOURCE]\n\n"
        "Plays a camera: drops one JPEG per interval into its folder. SOURCE is a video file or a "
        "folder of pictures\n(by name); without it, drawn scenes of a front door.\n\n"
        "  --camera NAME       the camera's folder (front_door)\n"
        "  --root FOLDER       where the cameras' folders are (FOSCAM_BASE_PATH or ./cameras)\n"
        "  --interval SECONDS  between pictures, 0.02 to 86400 (1)\n"
        "  --speed FACTOR      so many times as fast as the source, 0.01 to 10000 (1)\n"
        "  --count N           end after N pictures\n"
        "  --size WIDTHxHEIGHT of the pictures, 64 to 7680 each (the source's; scenes 1280x720)\n"
        "  --at SECONDS        begin that far into the source (0)\n"
        "  --once              end with the source instead of beginning again\n",
        to);
    return to == stdout ? 0 : 2;
}

static int refuse(const char *option, const char *value, const char *allowed)
{
    fprintf(stderr, "vigil feed: --%s %s is not allowed: %s\n", option, value, allowed);
    return -EINVAL;
}

static int parse_number(const char *option, const char *text, double least, double most,
                        const char *allowed, double *ret_number)
{
    char *end = NULL;
    double number = strtod(text, &end);

    if (end == text || *end || !isfinite(number) || number < least || number > most)
        return refuse(option, text, allowed);
    *ret_number = number;
    return 0;
}

static int parse_size(const char *text, struct feed_settings *settings)
{
    char *end = NULL;
    long width = strtol(text, &end, 10);
    long height = *end == 'x' ? strtol(end + 1, &end, 10) : 0;

    if (*end || width < SIDE_MIN || height < SIDE_MIN || width > SIDE_MAX || height > SIDE_MAX ||
        (long long)width * height > PICTURE_PIXELS_MAX)
        return refuse("size", text, "WIDTHxHEIGHT, each 64 to 7680, 40 megapixels at most");
    settings->width = (int)width;
    settings->height = (int)height;
    return 0;
}

/* One folder below the root, nothing else. */
static int parse_camera(const char *text, struct feed_settings *settings)
{
    if (!text[0] || text[0] == '.' || strchr(text, '/') || strlen(text) > 200)
        return refuse("camera", text, "the name of a folder, not hidden, without /");
    settings->camera = text;
    return 0;
}

enum parsed { PARSED, PARSED_HELP, PARSED_WRONG };

static int parse_option(int option, const char *value, struct feed_settings *settings)
{
    double number = 0;
    int error = 0;

    switch (option) {
    case 'c':
        return parse_camera(value, settings);
    case 'r':
        settings->root = value;
        return 0;
    case 'i':
        return parse_number("interval", value, FEED_INTERVAL_MIN, FEED_INTERVAL_MAX,
                            "seconds, 0.02 to 86400", &settings->interval);
    case 'f':
        return parse_number("speed", value, 0.01, FEED_SPEED_MAX, "a factor, 0.01 to 10000",
                            &settings->speed);
    case 'n':
        error = parse_number("count", value, 1, COUNT_MAX, "a number from 1", &number);
        settings->count = (long)number;
        return error;
    case 's':
        return parse_size(value, settings);
    case 'a':
        return parse_number("at", value, 0, 1e9, "seconds, not negative", &settings->begin);
    default:
        settings->repeat = FEED_ONCE;
        return 0;
    }
}

static enum parsed parse(int argc, char **argv, struct feed_settings *settings)
{
    static const struct option options[] = {
        {"camera", required_argument, NULL, 'c'},   {"root", required_argument, NULL, 'r'},
        {"interval", required_argument, NULL, 'i'}, {"speed", required_argument, NULL, 'f'},
        {"count", required_argument, NULL, 'n'},    {"size", required_argument, NULL, 's'},
        {"at", required_argument, NULL, 'a'},       {"once", no_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0},
    };

    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == 'h')
            return PARSED_HELP;
        if (option == '?' || parse_option(option, optarg, settings) != 0)
            return PARSED_WRONG;
    }
    if (optind < argc)
        settings->source = argv[optind++];
    if (optind < argc) {
        fprintf(stderr, "vigil feed: one SOURCE at most, not also '%s'\n", argv[optind]);
        return PARSED_WRONG;
    }
    return PARSED;
}

/* What `vigil serve` would watch; mem_free. NULL after a complaint. */
static char *usual_root(void)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(environment_free) struct environment *environment = NULL;
    char *root = NULL;

    if (environment_read(".env", &environment, &why) != 0 ||
        environment_get(environment, "FOSCAM_BASE_PATH", &root, &why) < 0) {
        fprintf(stderr, "vigil feed: %s\n", buf_text(&why));
        return NULL;
    }
    if (root)
        return root;
    return mem_strdup(access("/export/foscam", F_OK) == 0 ? "/export/foscam" : "./cameras");
}

static int run(int argc, char **argv)
{
    struct feed_settings settings = feed_settings_default;
    AUTO(mem_free) char *root = NULL;

    settings.root = NULL;
    enum parsed parsed = parse(argc, argv, &settings);
    if (parsed != PARSED)
        return parsed == PARSED_HELP ? usage(stdout) : 2;
    if (!settings.root)
        settings.root = root = usual_root();
    if (!settings.root)
        return 1;
    printf("vigil feed: %s into %s/%s, a picture every %g s\n",
           settings.source ? settings.source : "drawn scenes", settings.root, settings.camera,
           settings.interval);
    fflush(stdout);
    return feed_play(&settings);
}

const struct command command_feed = {
    .name = "feed",
    .summary = "play a camera: a video, a folder of pictures, or drawn scenes",
    .run = run,
};

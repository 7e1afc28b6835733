#include "base/log.h"
#include "base/mem.h"
#include "main/command.h"
#include "main/config.h"
#include "main/demo.h"
#include "main/limits.h"
#include "main/version.h"
#include "main/wire.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

struct serve_options {
    bool demo;
    const char *footage; /* with --demo: a video or a folder of pictures; NULL: drawn scenes */
};

static int usage(FILE *to)
{
    fputs("usage: vigil serve [--demo [FOOTAGE]]\n\n"
          "Watches the camera folders, judges what happens in them, serves the dashboard and the "
          "API.\n\n"
          "  --demo [FOOTAGE]  also feed a camera: from a video, a folder of pictures, or drawn "
          "scenes\n\n",
          to);
    config_print_help(to);
    return to == stdout ? 0 : 2;
}

/* 0: go on; else the exit status + 1. */
static int parse(int argc, char **argv, struct serve_options *ret_options)
{
    static const struct option options[] = {
        {"demo", no_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == 'd')
            ret_options->demo = true;
        else
            return usage(option == 'h' ? stdout : stderr) + 1;
    }
    if (ret_options->demo && optind < argc)
        ret_options->footage = argv[optind++];
    if (optind < argc)
        return usage(stderr) + 1;
    return 0;
}

static void print_place(const struct config *config, const struct app *app)
{
    bool any = !strcmp(config->api_host, "0.0.0.0") || !strcmp(config->api_host, "::");
    printf("vigil %s is watching\n\n"
           "  dashboard  http://%s:%u\n"
           "  pictures   %s/<camera>/   one folder per camera, JPEG or PNG\n"
           "  data       %s\n\n",
           VIGIL_VERSION, any ? "localhost" : config->api_host, app_port(app), config->camera_root,
           config->data_dir);
    fflush(stdout);
}

/* SIGINT twice, or a shutdown that hangs, must still end the program. */
static void wait_for_end(const sigset_t *ends)
{
    int number = 0;
    while (sigwait(ends, &number) != 0)
        ;
    printf("vigil: %s, shutting down\n", strsignal(number));
    fflush(stdout);
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL);
}

static int serve(const struct config *config, const struct serve_options *options)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct app *app = NULL;
    struct demo demo = DEMO_NONE;

    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    if (options->demo && demo_fork(config, options->footage, &demo, &why) < 0) {
        fprintf(stderr, "vigil: %s\n", buf_text(&why));
        return 1;
    }
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);

    int result = app_start(config, &app, &why);
    if (result < 0) {
        fprintf(stderr, "vigil: %s\n", buf_text(&why));
        demo_end(&demo);
        return 1;
    }
    print_place(config, app);
    demo_begin(&demo);
    wait_for_end(&ends);
    demo_end(&demo);
    app_stop(&app);
    return 0;
}

static int run(int argc, char **argv)
{
    struct serve_options options = {0};
    int parsed = parse(argc, argv, &options);
    if (parsed)
        return parsed - 1;

    limits_memory();
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    umask(027);
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct config config;
    if (config_read(&config, options.demo ? demo_settings : NULL, &why) < 0) {
        fprintf(stderr, "vigil: not started\n%s", buf_text(&why));
        return 2;
    }
    int status = serve(&config, &options);
    config_release(&config);
    return status;
}

const struct command command_serve = {
    .name = "serve",
    .summary = "watch the cameras, serve the dashboard and the API",
    .run = run,
};

#include "base/log.h"
#include "base/mem.h"
#include "main/command.h"
#include "main/config.h"
#include "main/version.h"
#include "main/wire.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

static int usage(FILE *to)
{
    fputs("usage: vigil serve\n\n"
          "Watches the camera folders, judges what happens in them, serves the dashboard and the "
          "API.\n\n",
          to);
    config_print_help(to);
    return to == stdout ? 0 : 2;
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

static int serve(const struct config *config)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct app *app = NULL;

    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);

    int result = app_start(config, &app, &why);
    if (result < 0) {
        fprintf(stderr, "vigil: %s\n", buf_text(&why));
        return 1;
    }
    print_place(config, app);
    wait_for_end(&ends);
    app_stop(&app);
    return 0;
}

static int run(int argc, char **argv)
{
    if (argc > 1)
        return usage(!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ? stdout : stderr);

    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    umask(027);
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct config config;
    if (config_read(&config, NULL, &why) < 0) {
        fprintf(stderr, "vigil: not started\n%s", buf_text(&why));
        return 2;
    }
    int status = serve(&config);
    config_release(&config);
    return status;
}

const struct command command_serve = {
    .name = "serve",
    .summary = "watch the cameras, serve the dashboard and the API",
    .run = run,
};

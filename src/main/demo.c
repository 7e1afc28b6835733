#include "main/demo.h"

#include "main/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const demo_settings[] = {"BATCH_WINDOW_SECONDS=12", "BATCH_IDLE_TIMEOUT_SECONDS=4",
                                     NULL};

/* Never returns. Ends with the parent, also when that is killed. */
static void play(const struct config *config, const char *footage, int gate)
{
    char word = 0;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (read(gate, &word, 1) != 1)
        _exit(0);
    close(gate);
    struct feed_settings settings = feed_settings_default;
    settings.root = config->camera_root;
    settings.camera = DEMO_CAMERA;
    settings.source = footage;
    _exit(feed_play(&settings));
}

int demo_fork(const struct config *config, const char *footage, struct demo *ret_demo,
              struct buf *why)
{
    int gate[2];
    if (footage && access(footage, R_OK) < 0) {
        buf_setf(why, "the footage %s cannot be read: %s", footage, strerror(errno));
        return -errno;
    }
    if (pipe2(gate, O_CLOEXEC) < 0)
        return -errno;
    pid_t child = fork();
    if (child < 0) {
        int error = -errno;
        buf_setf(why, "the feeding process cannot be started: %s", strerror(-error));
        close(gate[0]);
        close(gate[1]);
        return error;
    }
    if (child == 0) {
        close(gate[1]);
        play(config, footage, gate[0]);
    }
    close(gate[0]);
    *ret_demo = (struct demo){.child = child, .gate = gate[1]};
    return 0;
}

void demo_begin(struct demo *demo)
{
    if (demo->gate < 0)
        return;
    if (write(demo->gate, "x", 1) == 1)
        printf("vigil: feeding camera %s; the first event comes within 20 seconds\n", DEMO_CAMERA);
    fflush(stdout);
    close(demo->gate);
    demo->gate = -1;
}

void demo_end(struct demo *demo)
{
    if (demo->child <= 0)
        return;
    if (demo->gate >= 0)
        close(demo->gate);
    kill(demo->child, SIGTERM);
    waitpid(demo->child, NULL, 0);
    *demo = DEMO_NONE;
}

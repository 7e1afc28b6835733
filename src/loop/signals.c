#include "loop/signals.h"

#include "base/mem.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct signals {
    int fd;
    struct watch *watch;
    signals_on_signal *on_signal;
    void *owner;
};

static sigset_t handled(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

void signals_block(void)
{
    sigset_t set = handled();

    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* One signal a call: on_signal may stop us, and the next turn brings the next signal. */
static void on_ready(void *owner, uint32_t events)
{
    struct signals *signals = owner;
    struct signalfd_siginfo info;

    if (read(signals->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        signals->on_signal(signals->owner, (int)info.ssi_signo);
}

int signals_start(struct loop *loop, signals_on_signal *on_signal, void *owner,
                  struct signals **ret_signals)
{
    sigset_t set = handled();
    AUTO(mem_free) struct signals *signals = mem_alloc(sizeof(*signals));

    signals->on_signal = on_signal;
    signals->owner = owner;
    signals->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals->fd < 0)
        return -errno;
    int r = watch_start(loop, signals->fd, EPOLLIN, on_ready, signals, &signals->watch);
    if (r < 0) {
        close(signals->fd);
        return r;
    }
    *ret_signals = TAKE(signals);
    return 0;
}

void signals_stop(struct signals **signals)
{
    if (!*signals)
        return;
    watch_stop(&(*signals)->watch);
    close((*signals)->fd);
    mem_free(signals);
}

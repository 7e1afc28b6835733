/* demo: a camera that is fed, by a child process, while `vigil serve --demo` runs.
 * Thread: main. demo_fork() before any thread exists. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "main/config.h"

#include <sys/types.h>

struct demo {
    pid_t child; /* 0: none */
    int gate;    /* closing it starts, and later ends, nothing else than the child */
};

#define DEMO_NONE ((struct demo){0, -1})
#define DEMO_CAMERA "front_door"

/* Shorter batches, so that a visitor sees the first event within seconds. */
extern const char *const demo_settings[];

/* The child waits at the gate. Returns 0 or -errno with `why` (no such footage). */
MUST_CHECK int demo_fork(const struct config *config, const char *footage, struct demo *ret_demo,
                         struct buf *why);
void demo_begin(struct demo *demo); /* the server listens: feed */
void demo_end(struct demo *demo);

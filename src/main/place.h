/* place: the folders a server lives in. One server per DATA_DIR: a lock file says which.
 * Thread: main. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "main/config.h"

struct place {
    char *database; /* DATA_DIR/vigil.db */
    char *web_root; /* the built dashboard beside the program; NULL when there is none */
    char *openapi;  /* openapi.json beside the program; NULL when there is none */
    int lock;       /* held while open; -1 */
};

/* Makes DATA_DIR and what lies in it, and takes the lock. Returns 0 or -errno with `why`; -EBUSY
 * when another vigil has it. */
MUST_CHECK int place_open(const struct config *config, struct place *ret_place, struct buf *why);
void place_close(struct place *place);

/* The folder the running program lies in; mem_free. */
char *place_of_program(void);

/* Makes a folder and its parents. Returns 0 or -errno. */
MUST_CHECK int place_make_folder(const char *path);

/* place: the folders a server lives in, and what lies beside its program.
 * Thread: main. */
#pragma once

#include "base/buf.h"
#include "base/own.h"
#include "main/config.h"

struct place {
    char *database; /* DATA_DIR/vigil.db */
    char *web_root; /* the built dashboard beside the program; NULL when there is none */
    char *openapi;  /* openapi.json beside the program; NULL when there is none */
};

/* Makes DATA_DIR and finds the rest. Returns 0 or -errno with `why`. */
MUST_CHECK int place_open(const struct config *config, struct place *ret_place, struct buf *why);
void place_close(struct place *place);

/* The folder the running program lies in; mem_free. */
char *place_of_program(void);

/* Makes a folder and its parents. Returns 0 or -errno. */
MUST_CHECK int place_make_folder(const char *path);

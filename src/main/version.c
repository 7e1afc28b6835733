#include "main/version.h"

#include "main/command.h"

#include <stdio.h>

static int run(int argc, char **argv)
{
    puts("vigil " VIGIL_VERSION);
    return 0;
}

const struct command command_version = {
    .name = "version",
    .summary = "say which version this is",
    .run = run,
};

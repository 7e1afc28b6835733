/* command: one word after `vigil`. Listed in main.c. */
#pragma once

struct command {
    const char *name;
    const char *summary;               /* one line for `vigil help` */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit status */
};

extern const struct command command_serve;
extern const struct command command_feed;
extern const struct command command_tail;
extern const struct command command_version;

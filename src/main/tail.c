/* `vigil tail`: what happens, as it happens. After every break it comes back and resumes behind the
 * last message it printed, so that its output has no holes, or says where they are. */
#include "base/mem.h"
#include "base/time.h"
#include "main/command.h"
#include "main/config.h"
#include "main/tail_line.h"
#include "main/tail_socket.h"
#include "realtime/resume.h"
#include "resilience/retry.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define SILENCE_MS_DEFAULT 75000 /* two and a half pings: nobody is there any more */

static const struct retry_policy comebacks = {
    .base_us = 500 * TIME_MS,
    .cap_us = 10 * TIME_SECOND,
    .jitter_max = 0.25,
};

struct options {
    const char *channel, *since, *url, *api_key;
    bool json;
    int64_t count; /* 0: without end */
};

struct tail {
    struct options options;
    struct tail_target target;
    char *api_key;
    int interrupt;
    struct tail_socket *socket;

    bool has_position; /* behind what was printed, or where the first connection began */
    struct position position;
    int64_t printed;
    unsigned failures;
    int64_t retry_after_us; /* the server's wish for the next comeback; 0: none */
    int silence_ms;
};

/* How a connection, or an attempt at one, ended. */
enum outcome { OUTCOME_AGAIN, OUTCOME_DONE, OUTCOME_REFUSED };

/* ---- Options ---- */

static int usage(FILE *to)
{
    fputs("usage: vigil tail [options]\n\n"
          "Prints what happens, one message a line, and goes on after every break.\n\n"
          "  --channel NAME    which channel (default: events)\n"
          "  --since POSITION  first what came after it: <epoch>~<sequence>, a sequence, or "
          "'start'\n"
          "  --count N         end after N messages\n"
          "  --json            print whole messages, as they came\n"
          "  --url URL         the server (default: ws://API_HOST:API_PORT)\n"
          "  --api-key KEY     when the server asks for one (default: the first of API_KEYS)\n",
          to);
    return to == stdout ? 0 : 2;
}

static bool parse_count(const char *text, int64_t *ret_count)
{
    char *end;
    long long count = strtoll(text, &end, 10);

    if (*end || end == text || count < 1) {
        fprintf(stderr, "vigil tail: --count must be a number of at least 1, not '%s'\n", text);
        return false;
    }
    *ret_count = count;
    return true;
}

/* 0: go on; else the exit status + 1. */
static int parse_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"channel", required_argument, NULL, 'c'}, {"since", required_argument, NULL, 's'},
        {"count", required_argument, NULL, 'n'},   {"json", no_argument, NULL, 'j'},
        {"url", required_argument, NULL, 'u'},     {"api-key", required_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };

    for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
        if (option == 'c')
            options->channel = optarg;
        else if (option == 's')
            options->since = optarg;
        else if (option == 'j')
            options->json = true;
        else if (option == 'u')
            options->url = optarg;
        else if (option == 'k')
            options->api_key = optarg;
        else if (option != 'n')
            return usage(option == 'h' ? stdout : stderr) + 1;
        else if (!parse_count(optarg, &options->count))
            return 3;
    }
    return optind < argc ? usage(stderr) + 1 : 0;
}

static bool is_name(const char *channel)
{
    return *channel && !channel[strspn(channel, "abcdefghijklmnopqrstuvwxyz0123456789_-/")];
}

static int set_since(struct tail *tail)
{
    const char *since = tail->options.since;

    if (!since)
        return 0;
    tail->has_position = true;
    if (!strcmp(since, "start") || position_parse(span_of(since), &tail->position) == 0)
        return 0;
    fprintf(stderr,
            "vigil tail: --since must be <epoch>~<sequence>, a sequence or 'start', not '%s'\n",
            since);
    return -EINVAL;
}

/* What the server of this machine would listen on, seen from beside it. */
static char *url_of(const struct config *config)
{
    const char *host = config->api_host;

    if (!strcmp(host, "0.0.0.0"))
        host = "127.0.0.1";
    else if (!strcmp(host, "::"))
        host = "::1";
    return strchr(host, ':') ? mem_printf("ws://[%s]:%d", host, config->api_port)
                             : mem_printf("ws://%s:%d", host, config->api_port);
}

static int set_target(struct tail *tail)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(mem_free) char *url = mem_strdup(tail->options.url);
    struct config config;
    int error;

    tail->api_key = mem_strdup(tail->options.api_key);
    if (!url) {
        error = config_read(&config, NULL, &why);
        if (error) {
            fprintf(stderr, "vigil tail: not started\n%s", buf_text(&why));
            return error;
        }
        url = url_of(&config);
        if (!tail->api_key && config.api_key_enabled && config.api_keys)
            tail->api_key = mem_strdup(config.api_keys[0]);
        config_release(&config);
    }
    error = tail_target_parse(url, tail->options.channel, &tail->target, &why);
    if (error)
        fprintf(stderr, "vigil tail: %s\n", buf_text(&why));
    return error;
}

/* ---- Messages ---- */

static void print_message(const struct tail *tail, struct span text, const json_t *message)
{
    AUTO(buf_release) struct buf line = BUF_INIT;

    if (tail->options.json) {
        buf_add_span(&line, text);
        buf_add_char(&line, '\n');
    } else {
        tail_line(&line, message);
    }
    fwrite(line.data, 1, line.len, stdout);
    fflush(stdout);
}

/* After a resume the server repeats nothing; a message we have is another's mistake. */
static bool is_known(const struct tail *tail, const char *epoch, uint64_t sequence)
{
    return tail->has_position && !strcmp(tail->position.epoch, epoch ? epoch : "") &&
           sequence <= tail->position.sequence;
}

static void go_to(struct tail *tail, const char *epoch, uint64_t sequence)
{
    if (position_set_epoch(&tail->position, span_of(epoch)) != 0)
        return;
    tail->position.sequence = sequence;
    tail->has_position = true;
}

/* Messages of channels that keep nothing have no sequence, and no position to come back to. */
static enum outcome on_message(struct tail *tail, struct span text, const json_t *message)
{
    uint64_t sequence = (uint64_t)json_member_int(message, "sequence", 0);
    const char *epoch = json_member_text(message, "epoch");

    if (sequence && is_known(tail, epoch, sequence))
        return OUTCOME_AGAIN;
    print_message(tail, text, message);
    if (sequence && epoch)
        go_to(tail, epoch, sequence);
    tail->printed++;
    return tail->printed == tail->options.count ? OUTCOME_DONE : OUTCOME_AGAIN;
}

/* ---- What the server says of itself ---- */

static void on_connected(struct tail *tail, const json_t *message)
{
    double interval = json_member_number(message, "ping_interval", 0);
    int64_t last = json_member_int(message, "last_sequence", 0);

    if (interval > 0 && interval < 3600)
        tail->silence_ms = (int)(interval * 2500);
    if (tail->failures)
        fprintf(stderr, "vigil tail: connected again\n");
    tail->failures = 0;
    if (!tail->has_position && last >= 0)
        go_to(tail, json_member_text(message, "epoch"), (uint64_t)last);
}

static void on_gap(struct tail *tail, const json_t *message)
{
    AUTO(buf_release) struct buf json = BUF_INIT;
    const char *reason = json_member_text(message, "reason");
    int64_t from = json_member_int(message, "from", 0), to = json_member_int(message, "to", 0);

    buf_add_json_string(&json, span_of(reason ? reason : "unknown"));
    if (from > 0 && to >= from)
        fprintf(stderr,
                "vigil tail: messages %" PRId64 " to %" PRId64 " cannot be had, reason %s\n", from,
                to, json.data);
    else
        fprintf(stderr, "vigil tail: messages may be missing here, reason %s\n", json.data);
}

static void on_error(struct tail *tail, const json_t *message)
{
    AUTO(buf_release) struct buf json = BUF_INIT;
    const char *text = json_member_text(message, "message");

    buf_add_json_string(&json, span_of(text ? text : "no message"));
    fprintf(stderr, "vigil tail: the server says %s\n", json.data);
}

static void take_retry_after(struct tail *tail, const json_t *from)
{
    int64_t wish = json_member_int(from, "retry_after_ms", 0);

    if (wish > 0 && wish <= 60000)
        tail->retry_after_us = wish * TIME_MS;
}

static void on_ping(struct tail *tail, const json_t *message)
{
    int sent = tail_socket_send_text(tail->socket, SPAN_LITERAL("{\"type\":\"pong\"}"));

    (void)sent; /* the next read says why it could not be sent */
}

static void on_shutdown(struct tail *tail, const json_t *message)
{
    take_retry_after(tail, json_object_get(message, "data"));
}

static void ignore(struct tail *tail, const json_t *message)
{
}

static const struct {
    const char *type;
    void (*take)(struct tail *tail, const json_t *message);
} controls[] = {
    {"connected", on_connected},
    {"ping", on_ping},
    {"pong", ignore},
    {"gap", on_gap},
    {"error", on_error},
    {"resync_ack", ignore},
    {"system.shutdown", on_shutdown},
};

static enum outcome on_text(struct tail *tail, struct span text)
{
    AUTO(json_release) json_t *message = NULL;
    const char *type;

    if (json_parse(text, &message, NULL) != 0)
        return OUTCOME_AGAIN;
    type = json_member_text(message, "type");
    if (!type)
        return OUTCOME_AGAIN;
    for (size_t i = 0; i < COUNT_OF(controls); i++) {
        if (!strcmp(type, controls[i].type)) {
            controls[i].take(tail, message);
            return OUTCOME_AGAIN;
        }
    }
    return on_message(tail, text, message);
}

/* A refusal is final; all other reasons end by themselves. */
static enum outcome on_close(struct tail *tail, const struct ws_event *event)
{
    AUTO(json_release) json_t *reason = NULL;
    AUTO(buf_release) struct buf quoted = BUF_INIT;

    if (json_parse(event->payload, &reason, NULL) == 0)
        take_retry_after(tail, reason);
    buf_add_json_string(&quoted, event->payload);
    fprintf(stderr, "vigil tail: the server closed: %d %s\n", event->close_code, quoted.data);
    return event->close_code == 1008 || event->close_code == 4001 ? OUTCOME_REFUSED : OUTCOME_AGAIN;
}

/* ---- One connection after the other ---- */

/* Until the connection ends. */
static enum outcome listen_on(struct tail *tail)
{
    for (;;) {
        struct ws_event event;
        int got = tail_socket_next(tail->socket, tail->silence_ms, &event);
        enum outcome outcome = OUTCOME_AGAIN;

        if (got == -EINTR)
            return OUTCOME_DONE;
        if (got <= 0) {
            fprintf(stderr, "vigil tail: connection lost: %s\n",
                    got ? strerror(-got) : "the server is silent");
            return OUTCOME_AGAIN;
        }
        if (event.opcode == WS_CLOSE)
            return on_close(tail, &event);
        if (event.opcode == WS_TEXT && !event.oversize)
            outcome = on_text(tail, event.payload);
        if (outcome != OUTCOME_AGAIN)
            return outcome;
    }
}

static enum outcome connect_and_listen(struct tail *tail)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    AUTO(buf_release) struct buf query = BUF_INIT;
    struct tail_settings settings = {
        .target = &tail->target,
        .api_key = tail->api_key,
        .interrupt = tail->interrupt,
    };
    enum outcome outcome;
    int error;

    if (tail->has_position)
        buf_addf(&query, "resume=%s~%" PRIu64, tail->position.epoch, tail->position.sequence);
    settings.query = buf_text(&query);
    error = tail_socket_open(&settings, &tail->socket, &why);
    if (error == -EINTR)
        return OUTCOME_DONE;
    if (error) {
        fprintf(stderr, "vigil tail: %s\n", buf_text(&why));
        return error == -EACCES ? OUTCOME_REFUSED : OUTCOME_AGAIN;
    }
    outcome = listen_on(tail);
    tail_socket_close(&tail->socket);
    return outcome;
}

/* False when the user has enough of waiting. */
static bool wait_for_comeback(struct tail *tail)
{
    int64_t delay = retry_delay(&comebacks, ++tail->failures, drand48());

    if (tail->retry_after_us)
        delay = tail->retry_after_us;
    tail->retry_after_us = 0;
    fprintf(stderr, "vigil tail: trying again in %.1f s\n", (double)delay / (double)TIME_SECOND);
    return tail_wait(tail->interrupt, delay) == 0;
}

static int follow(struct tail *tail)
{
    for (;;) {
        enum outcome outcome = connect_and_listen(tail);

        if (outcome != OUTCOME_AGAIN)
            return outcome == OUTCOME_DONE ? 0 : 1;
        if (!wait_for_comeback(tail))
            return 0;
    }
}

static int open_interrupt(void)
{
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    return signalfd(-1, &ends, SFD_CLOEXEC);
}

static int run(int argc, char **argv)
{
    struct tail tail = {.options.channel = "events", .silence_ms = SILENCE_MS_DEFAULT};
    int parsed = parse_options(argc, argv, &tail.options);
    int status = 2;

    if (parsed)
        return parsed - 1;
    if (!is_name(tail.options.channel)) {
        fprintf(stderr, "vigil tail: '%s' is not a channel's name\n", tail.options.channel);
        return 2;
    }
    srand48(getpid());
    if (set_since(&tail) == 0 && set_target(&tail) == 0) {
        tail.interrupt = open_interrupt();
        status = follow(&tail);
        close(tail.interrupt);
    }
    tail_target_release(&tail.target);
    mem_free(&tail.api_key);
    return status;
}

const struct command command_tail = {
    .name = "tail",
    .summary = "print what happens, as it happens",
    .run = run,
};

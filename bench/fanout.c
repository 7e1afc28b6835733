/* fanout: what one delivered message costs, and how late it comes.
 *
 *   fanout [--vigil PROGRAM] [--clients N] [--batch N] [--turns N] [--interval-ms N]
 *
 * `vigil serve` in folders of its own, N WebSocket clients in this process, messages by
 * POST /api/realtime/publish: every POST is one turn of `batch` messages. Then the same frames at
 * the same times from a process that does nothing but send() them to the same number of sockets:
 * the cheapest a server on this system can be. Without options: 100 and 1,000 clients, 1 and 8
 * messages a turn. */
#include "crowd.h"

#include "base/buf.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCH_MAX 64
#define FILLING 80 /* brings our frames to about 300 bytes */
#define SETTLE_MS 1500

struct plan {
    const char *vigil;
    size_t clients;
    uint64_t batch, turns;
    long interval_ms;
};

/* Time that threads ran, in ns: all of a process's, and of them the net loops'. */
struct cpu {
    uint64_t all, net;
};

struct result {
    struct crowd_count count;
    struct cpu cpu;
    long memory; /* bytes per connection; -1: not measured */
};

static void give_up(const char *what)
{
    fprintf(stderr, "fanout: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void sleep_ms(long ms)
{
    struct timespec span = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&span, NULL);
}

/* ---- What the kernel knows of a process ---- */

static bool is_net_loop(const char *task)
{
    char path[400], name[32] = "";
    FILE *comm;

    snprintf(path, sizeof(path), "%s/comm", task);
    comm = fopen(path, "re");
    if (comm && !fgets(name, sizeof(name), comm))
        name[0] = '\0';
    if (comm)
        fclose(comm);
    return !strncmp(name, "net", 3);
}

static void add_task(struct cpu *cpu, const char *task)
{
    char path[400];
    unsigned long long ran = 0;
    FILE *stat;

    snprintf(path, sizeof(path), "%s/schedstat", task);
    stat = fopen(path, "re");
    if (stat && fscanf(stat, "%llu", &ran) == 1)
        cpu->all += ran;
    if (stat)
        fclose(stat);
    if (is_net_loop(task))
        cpu->net += ran;
}

/* Of the threads that are still there. */
static struct cpu cpu_of(pid_t pid)
{
    char path[64], task[340];
    struct cpu cpu = {0, 0};
    DIR *tasks;

    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    tasks = opendir(path);
    if (!tasks)
        give_up(path);
    for (struct dirent *entry; (entry = readdir(tasks));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(task, sizeof(task), "%s/%s", path, entry->d_name);
        add_task(&cpu, task);
    }
    closedir(tasks);
    return cpu;
}

/* What it holds for itself; its program and libraries are shared. */
static long memory_of(pid_t pid)
{
    char path[64], line[200];
    long kib = 0;
    FILE *status;

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    status = fopen(path, "re");
    while (status && fgets(line, sizeof(line), status))
        if (sscanf(line, "RssAnon: %ld", &kib) == 1)
            break;
    if (status)
        fclose(status);
    return kib * 1024;
}

/* The clients get the last processor and the server the others, or the scheduler decides the
 * measurement: woken by our publisher, a server likes to run where its clients run. */
enum side { SIDE_CLIENTS, SIDE_SERVER };

static void take_side(enum side side)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    cpu_set_t set;

    CPU_ZERO(&set);
    for (long cpu = 0; cpu < count; cpu++)
        if (count == 1 || (cpu == count - 1) == (side == SIDE_CLIENTS))
            CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set) < 0)
        give_up("sched_setaffinity");
}

/* ---- Sockets ---- */

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static int listen_on_any(uint16_t *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 1024) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        give_up("no port");
    *ret_port = ntohs(address.sin_port);
    return fd;
}

/* ---- Vigil ---- */

struct server {
    pid_t pid;
    uint16_t port;
    char folder[64];
};

static void server_exec(const struct server *server, const char *vigil)
{
    char port[8], path[100];

    snprintf(port, sizeof(port), "%u", server->port);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    take_side(SIDE_SERVER);
    setenv("API_HOST", "127.0.0.1", 1);
    setenv("API_PORT", port, 1);
    snprintf(path, sizeof(path), "%s/data", server->folder);
    setenv("DATA_DIR", path, 1);
    snprintf(path, sizeof(path), "%s/cameras", server->folder);
    setenv("FOSCAM_BASE_PATH", path, 1);
    setenv("LOG_LEVEL", "ERROR", 1);
    if (chdir(server->folder) < 0 || !freopen("/dev/null", "w", stdout))
        give_up("the server's folder");
    execl(vigil, vigil, "serve", NULL);
    give_up(vigil);
}

static void server_start(struct server *server, const char *vigil)
{
    int fd;

    strcpy(server->folder, "/tmp/vigil-fanout-XXXXXX");
    if (!mkdtemp(server->folder))
        give_up("mkdtemp");
    close(listen_on_any(&server->port));
    server->pid = fork();
    if (server->pid == 0)
        server_exec(server, vigil);
    for (int tries = 0; (fd = connect_to(server->port)) < 0; tries++) {
        if (tries == 1000 || waitpid(server->pid, NULL, WNOHANG) != 0)
            give_up("the server does not listen");
        sleep_ms(10);
    }
    close(fd);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    return remove(path);
}

static void server_stop(struct server *server)
{
    kill(server->pid, SIGTERM);
    waitpid(server->pid, NULL, 0);
    nftw(server->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- Publishing ---- */

struct publisher {
    const struct plan *plan;
    pthread_t thread;
    int fd;         /* of HTTP, or the sender's pipe */
    bool is_sender; /* the bare one */
};

static void add_message(struct buf *out, uint64_t n)
{
    buf_addf(out,
             "{\"type\":\"bench.mark\",\"data\":{\"n\":%" PRIu64 ",\"t\":%" PRIu64
             ",\"filling\":\"%0*d\"}}",
             n, now_ns(), FILLING, 0);
}

static void write_all(int fd, const struct buf *bytes)
{
    for (size_t at = 0; at < bytes->len;) {
        ssize_t done = write(fd, bytes->data + at, bytes->len - at);

        if (done < 0)
            give_up("publishing");
        at += (size_t)done;
    }
}

/* Our server's answers are small and have a Content-Length. */
static void read_answer(int fd)
{
    char answer[4096];
    size_t got = 0;

    for (;;) {
        ssize_t more = recv(fd, answer + got, sizeof(answer) - 1 - got, 0);
        const char *body, *length;

        if (more <= 0)
            give_up("no answer to a publication");
        got += (size_t)more;
        answer[got] = '\0';
        body = strstr(answer, "\r\n\r\n");
        length = strcasestr(answer, "\r\nContent-Length:");
        if (memcmp(answer, "HTTP/1.1 200", 12) != 0) {
            fprintf(stderr, "fanout: %s\n", answer);
            exit(1);
        }
        if (body && length && got >= (size_t)(body + 4 - answer) + strtoul(length + 17, NULL, 10))
            return;
    }
}

static void publish_turn(const struct publisher *publisher, uint64_t first)
{
    AUTO(buf_release) struct buf body = BUF_INIT;
    AUTO(buf_release) struct buf request = BUF_INIT;

    buf_add_char(&body, '[');
    for (uint64_t i = 0; i < publisher->plan->batch; i++) {
        if (i)
            buf_add_char(&body, ',');
        add_message(&body, first + i);
    }
    buf_add_char(&body, ']');
    buf_addf(&request,
             "POST /api/realtime/publish HTTP/1.1\r\nHost: 127.0.0.1\r\n"
             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
             body.len);
    buf_add(&request, body.data, body.len);
    write_all(publisher->fd, &request);
    read_answer(publisher->fd);
}

/* ---- The bare sender ---- */

/* A frame as Vigil would send it: the same members, the same length but for digits. */
static void add_frame(struct buf *out, uint64_t n)
{
    AUTO(buf_release) struct buf json = BUF_INIT;
    unsigned char header[4];

    buf_addf(&json,
             "{\"type\":\"bench.mark\",\"sequence\":%" PRIu64 ",\"seq\":%" PRIu64
             ",\"epoch\":\"abcdefghijk\",\"id\":\"abcdefghijk-%" PRIu64
             "\",\"timestamp\":\"2026-11-21T10:15:30.123456Z\",\"requires_ack\":false,\"data\":{"
             "\"n\":%" PRIu64 ",\"t\":%" PRIu64 ",\"filling\":\"%0*d\"}}",
             n + 1, n + 1, n + 1, n, now_ns(), FILLING, 0);
    header[0] = 0x81;
    header[1] = 126;
    header[2] = (unsigned char)(json.len >> 8);
    header[3] = (unsigned char)json.len;
    buf_add(out, header, sizeof(header));
    buf_add(out, json.data, json.len);
}

static void send_turn(const struct publisher *publisher, uint64_t first)
{
    AUTO(buf_release) struct buf frames = BUF_INIT;

    for (uint64_t i = 0; i < publisher->plan->batch; i++)
        add_frame(&frames, first + i);
    write_all(publisher->fd, &frames);
}

/* Every packet that comes through the pipe goes to every socket by one send(). */
static void sender_run(int pipe_end, int listener, size_t clients)
{
    static char bytes[BATCH_MAX * 1024];
    int *sockets = mem_alloc_array(clients, sizeof(int));
    ssize_t got;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    take_side(SIDE_SERVER);
    for (size_t i = 0; i < clients; i++) {
        sockets[i] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    }
    while ((got = recv(pipe_end, bytes, sizeof(bytes), 0)) > 0)
        for (size_t i = 0; i < clients; i++)
            if (send(sockets[i], bytes, (size_t)got, MSG_NOSIGNAL | MSG_DONTWAIT) != got)
                give_up("the bare sender's client is too slow");
    _exit(0);
}

/* ---- Measuring ---- */

static void *publish_all(void *arg)
{
    const struct publisher *publisher = arg;
    const struct plan *plan = publisher->plan;

    for (uint64_t turn = 0; turn < plan->turns; turn++) {
        if (publisher->is_sender)
            send_turn(publisher, turn * plan->batch);
        else
            publish_turn(publisher, turn * plan->batch);
        sleep_ms(plan->interval_ms);
    }
    return NULL;
}

static void measure(const struct plan *plan, struct publisher *publisher, struct crowd *crowd,
                    pid_t pid, struct result *ret)
{
    struct cpu before = cpu_of(pid), after;

    pthread_create(&publisher->thread, NULL, publish_all, publisher);
    crowd_listen(crowd, plan->turns * plan->batch);
    pthread_join(publisher->thread, NULL);
    after = cpu_of(pid);
    ret->cpu = (struct cpu){after.all - before.all, after.net - before.net};
    crowd_count(crowd, &ret->count);
}

static void measure_vigil(const struct plan *plan, struct result *ret)
{
    struct server server;
    struct publisher publisher = {.plan = plan};
    struct crowd *crowd;
    long before;

    server_start(&server, plan->vigil);
    sleep_ms(SETTLE_MS);
    before = memory_of(server.pid);
    crowd = crowd_new(server.port, plan->clients, 1, plan->turns * plan->batch);
    sleep_ms(SETTLE_MS);
    ret->memory = (memory_of(server.pid) - before) / (long)plan->clients;
    publisher.fd = connect_to(server.port);
    measure(plan, &publisher, crowd, server.pid, ret);
    close(publisher.fd);
    crowd_free(&crowd);
    server_stop(&server);
}

static void measure_sender(const struct plan *plan, struct result *ret)
{
    struct publisher publisher = {.plan = plan, .is_sender = true};
    struct crowd *crowd;
    uint16_t port;
    int ends[2], listener = listen_on_any(&port);
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        give_up("socketpair");
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        sender_run(ends[1], listener, plan->clients);
    }
    close(ends[1]);
    crowd = crowd_new(port, plan->clients, 0, plan->turns * plan->batch);
    sleep_ms(SETTLE_MS);
    publisher.fd = ends[0];
    ret->memory = -1;
    measure(plan, &publisher, crowd, pid, ret);
    close(ends[0]);
    close(listener);
    waitpid(pid, NULL, 0);
    crowd_free(&crowd);
}

/* ---- The table ---- */

static double per_delivery_us(const struct result *result, uint64_t ns)
{
    return result->count.heard ? (double)ns / 1000.0 / (double)result->count.heard : 0;
}

static void print_row(const struct plan *plan, const char *name, const struct result *result,
                      double bare_us)
{
    const struct crowd_count *count = &result->count;
    double all = per_delivery_us(result, result->cpu.all);
    double net = result->cpu.net ? per_delivery_us(result, result->cpu.net) : all;

    printf("%7zu  %5" PRIu64 "  %-9s  %6.2f  %5.2f  %6.2f  %5.2f", plan->clients, plan->batch, name,
           net, net / bare_us, all, all / bare_us);
    printf("  %7.2f  %7.2f  %7.2f  %7.2f", (double)count->latency_p50_ns / 1e6,
           (double)count->latency_p99_ns / 1e6, (double)count->last_p50_ns / 1e6,
           (double)count->last_p99_ns / 1e6);
    if (result->memory >= 0)
        printf("  %6ld", result->memory);
    else
        printf("  %6s", "");
    printf("  %" PRIu64 "/%" PRIu64 "/%" PRIu64 "\n", count->lost, count->doubled,
           count->disordered);
    fflush(stdout);
}

static void print_head(void)
{
    puts("Fan-out. Per delivered message: CPU of the net loops and of the whole server (the "
         "journal's\n"
         "commits included) in us, each with its ratio to a bare send() loop of the same frames. "
         "From\n"
         "publishing to reception, in ms: any client, and the last one. Bytes per idle "
         "connection.\n\n"
         "clients  batch  server        net  ratio     all  ratio  any p50      p99  last p50     "
         "p99"
         "   bytes  lost/doubled/disordered");
    fflush(stdout);
}

/* False when a message was lost, doubled or out of order. */
static bool run_plan(const struct plan *plan)
{
    struct result bare, ours;
    double bare_us;

    measure_sender(plan, &bare);
    measure_vigil(plan, &ours);
    bare_us = per_delivery_us(&bare, bare.cpu.all);
    print_row(plan, "bare send", &bare, bare_us);
    print_row(plan, "vigil", &ours, bare_us);
    return !ours.count.lost && !ours.count.doubled && !ours.count.disordered;
}

static bool run_standard(struct plan plan)
{
    static const size_t clients[] = {100, 1000};
    static const uint64_t batches[] = {1, 8};
    bool good = true;

    for (size_t c = 0; c < COUNT_OF(clients); c++)
        for (size_t b = 0; b < COUNT_OF(batches); b++) {
            plan.clients = clients[c];
            plan.batch = batches[b];
            good &= run_plan(&plan);
        }
    return good;
}

static void raise_limits(void)
{
    struct rlimit files;

    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"vigil", required_argument, NULL, 'v'},       {"clients", required_argument, NULL, 'c'},
        {"batch", required_argument, NULL, 'b'},       {"turns", required_argument, NULL, 't'},
        {"interval-ms", required_argument, NULL, 'i'}, {NULL, 0, NULL, 0},
    };
    struct plan plan = {.vigil = "build/vigil", .turns = 250, .batch = 1, .interval_ms = 20};
    bool good;

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        unsigned long number = optarg ? strtoul(optarg, NULL, 10) : 0;

        if (option == 'v')
            plan.vigil = optarg;
        else if (!number)
            return 2;
        else if (option == 'c')
            plan.clients = number;
        else if (option == 'b')
            plan.batch = number < BATCH_MAX ? number : BATCH_MAX;
        else if (option == 't')
            plan.turns = number;
        else
            plan.interval_ms = (long)number;
    }
    plan.vigil = realpath(plan.vigil, NULL);
    if (!plan.vigil)
        give_up("no such program");
    raise_limits();
    take_side(SIDE_CLIENTS);
    print_head();
    good = plan.clients ? run_plan(&plan) : run_standard(plan);
    return good ? 0 : 1;
}

#include "base/mem.h"
#include "realtime/broadcaster_private.h"
#include "realtime/channel_private.h"

#include <string.h>

/* One read of the journal. The worker owns it until it is posted back; then `client` says whether
 * anybody still waits for it. */
struct read_job {
    struct client *client;   /* the net loop's alone; NULL: gone */
    struct channel *channel; /* counted */
    bool unwanted;           /* the net loop's alone: the client has gone elsewhere meanwhile */
    uint64_t from;
    size_t max;
    int count; /* or -errno */
    struct frame *frames[CHUNK_MAX];
};

static void read_job_free(struct read_job **job)
{
    if (!*job)
        return;
    for (int i = 0; i < (*job)->count; i++)
        frame_unref(&(*job)->frames[i]);
    channel_unref(&(*job)->channel);
    mem_free(job);
}

struct catch_up *client_catch_up(struct client *client)
{
    if (!client->catch_up) {
        client->catch_up = mem_alloc(sizeof(*client->catch_up));
        client->catch_up->ask = CHUNK_FIRST;
    }
    return client->catch_up;
}

static void drop_chunk(struct catch_up *catch_up)
{
    for (size_t i = 0; i < catch_up->count; i++)
        frame_unref(&catch_up->frames[i]);
    catch_up->count = 0;
    catch_up->from = 0;
}

/* The read under way, if any, is waited for: who asks again and again must not fill the lane with
 * reads that nobody wants any more. */
void catch_up_end(struct catch_up **catch_up)
{
    if (!*catch_up)
        return;
    if (!(*catch_up)->job) {
        catch_up_free(catch_up);
        return;
    }
    (*catch_up)->job->unwanted = true;
    (*catch_up)->ask = CHUNK_FIRST;
    drop_chunk(*catch_up);
    mem_free(&(*catch_up)->pending);
}

void catch_up_free(struct catch_up **catch_up)
{
    if (!*catch_up)
        return;
    if ((*catch_up)->job)
        (*catch_up)->job->client = NULL;
    drop_chunk(*catch_up);
    mem_free(&(*catch_up)->pending);
    mem_free(catch_up);
}

/* ---- Reading ---- */

static void take_chunk(struct catch_up *catch_up, struct read_job *job)
{
    catch_up->from = job->from;
    catch_up->count = (size_t)job->count;
    memcpy(catch_up->frames, job->frames, catch_up->count * sizeof(struct frame *));
    job->count = 0;
}

/* On the client's net loop. After a failure the client's state stays, and the tick tries again. */
static void on_read(void *arg)
{
    AUTO(read_job_free) struct read_job *job = arg;
    struct client *client = job->client;

    if (!client)
        return;
    struct catch_up *catch_up = client->catch_up;

    catch_up->job = NULL;
    if (job->count < 0)
        return;
    if (!job->unwanted)
        take_chunk(catch_up, job);
    client_deliver(client);
}

/* On a worker. */
static void read_journal(void *arg)
{
    struct read_job *job = arg;
    struct message *messages[CHUNK_MAX];

    job->count = journal_read(job->channel->broadcaster->journal, job->from, job->max, messages);
    for (int i = 0; i < job->count; i++) {
        job->frames[i] = frame_new(messages[i]);
        message_unref(&messages[i]);
    }
    loop_post(job->channel->loop, on_read, job);
}

static void start_read(struct client *client, uint64_t from)
{
    struct catch_up *catch_up = client->catch_up;
    struct channel *channel = client->channel;
    uint64_t before_log = frame_log_oldest(channel->log) - from;
    struct read_job *job = mem_alloc(sizeof(*job));

    drop_chunk(catch_up);
    client_set_state(client, CLIENT_READING);
    job->client = client;
    job->channel = channel_ref(channel);
    job->from = from;
    job->max = before_log < catch_up->ask ? (size_t)before_log : catch_up->ask;
    if (lane_submit(channel->broadcaster->read_lane, read_journal, job) == 0)
        catch_up->job = job;
    else
        read_job_free(&job);
}

/* ---- What was read ---- */

/* Where in the chunk the sequence is, or would be. */
static size_t place_of(const struct catch_up *catch_up, uint64_t sequence)
{
    size_t at = 0;

    while (at < catch_up->count && catch_up->frames[at]->sequence < sequence)
        at++;
    return at;
}

const struct frame *catch_up_frame(struct client *client, uint64_t sequence, uint64_t *ret_next)
{
    struct catch_up *catch_up = client_catch_up(client);
    size_t at = place_of(catch_up, sequence);

    *ret_next = 0;
    if (catch_up->job) {
        client_set_state(client, CLIENT_READING);
        return NULL;
    }
    if (at < catch_up->count && sequence >= catch_up->from) {
        if (catch_up->frames[at]->sequence == sequence)
            return catch_up->frames[at];
        *ret_next = catch_up->frames[at]->sequence;
        return NULL;
    }
    /* Nothing from there on: what the log does not have is gone. */
    if (catch_up->from == sequence) {
        *ret_next = frame_log_oldest(client->channel->log);
        return NULL;
    }
    if (catch_up->count == catch_up->ask)
        catch_up->ask = catch_up->ask * 2 < CHUNK_MAX ? catch_up->ask * 2 : CHUNK_MAX;
    start_read(client, sequence);
    return NULL;
}

void catch_up_pause(struct client *client)
{
    struct catch_up *catch_up = client->catch_up;
    size_t at = place_of(catch_up, client->next), ahead = 0;

    for (size_t i = at; i < catch_up->count; i++)
        ahead += catch_up->frames[i]->bytes->len;
    if (ahead <= BACKLOG_MAX)
        return;
    catch_up->ask = at ? at : 1;
    drop_chunk(catch_up);
}

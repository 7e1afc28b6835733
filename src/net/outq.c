#include "net/outq_private.h"

#include "base/mem.h"
#include "base/own.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define OUT_FIRST_CAPACITY 4
#define OUT_VECTOR_MAX 64
#define OUT_TURN_MAX (4u << 20)

struct out_item {
    struct bytes *bytes; /* or NULL: a file */
    int fd;
    off_t offset; /* of the file, where this item starts */
    size_t length;
};

struct outq *outq_new(void)
{
    return mem_alloc(sizeof(struct outq));
}

static struct out_item *item_at(const struct outq *outq, unsigned index)
{
    return &outq->items[(outq->first + index) % outq->capacity];
}

static void item_release(struct out_item *item)
{
    bytes_unref(&item->bytes);
    if (item->fd >= 0)
        close(item->fd);
    item->fd = -1;
}

void outq_free(struct outq **outq)
{
    if (!*outq)
        return;
    for (unsigned i = 0; i < (*outq)->count; i++)
        item_release(item_at(*outq, i));
    mem_free(&(*outq)->items);
    mem_free(outq);
}

static void grow(struct outq *outq)
{
    unsigned capacity = outq->capacity > 0 ? outq->capacity * 2 : OUT_FIRST_CAPACITY;
    struct out_item *items = mem_alloc_array(capacity, sizeof(*items));
    for (unsigned i = 0; i < outq->count; i++)
        items[i] = *item_at(outq, i);
    mem_free(&outq->items);
    outq->items = items;
    outq->capacity = capacity;
    outq->first = 0;
}

static void add(struct outq *outq, struct out_item item)
{
    if (outq->count == outq->capacity)
        grow(outq);
    *item_at(outq, outq->count++) = item;
    outq->backlog += item.length;
}

void outq_add_bytes(struct outq *outq, struct bytes **bytes)
{
    size_t length = (*bytes)->len;
    if (length == 0) {
        bytes_unref(bytes);
        return;
    }
    add(outq, (struct out_item){.bytes = TAKE(*bytes), .fd = -1, .length = length});
}

void outq_add_file(struct outq *outq, int fd, int64_t offset, size_t length)
{
    if (length == 0) {
        close(fd);
        return;
    }
    add(outq, (struct out_item){.fd = fd, .offset = (off_t)offset, .length = length});
}

static void drop_first(struct outq *outq)
{
    item_release(item_at(outq, 0));
    outq->first = (outq->first + 1) % outq->capacity;
    outq->count--;
    outq->first_done = 0;
}

static void advance(struct outq *outq, size_t sent)
{
    assert(sent <= outq->backlog);
    outq->backlog -= sent;
    while (sent > 0) {
        size_t left = item_at(outq, 0)->length - outq->first_done;
        if (sent < left) {
            outq->first_done += sent;
            return;
        }
        sent -= left;
        drop_first(outq);
    }
}

/* The bytes at the front as a vector. Returns their sum; *ret_count of them. */
static size_t gather(const struct outq *outq, struct iovec vector[OUT_VECTOR_MAX], int *ret_count)
{
    size_t sum = 0;
    int count = 0;
    for (unsigned i = 0; i < outq->count && count < OUT_VECTOR_MAX && sum < OUT_TURN_MAX; i++) {
        const struct out_item *item = item_at(outq, i);
        if (!item->bytes)
            break;
        size_t done = i == 0 ? outq->first_done : 0;
        vector[count].iov_base = item->bytes->at + done;
        vector[count].iov_len = item->length - done;
        sum += vector[count++].iov_len;
    }
    *ret_count = count;
    return sum;
}

static ssize_t send_bytes(const struct outq *outq, int socket, size_t *ret_wanted)
{
    struct iovec vector[OUT_VECTOR_MAX];
    int count;
    *ret_wanted = gather(outq, vector, &count);
    int more = (unsigned)count < outq->count ? MSG_MORE : 0;
    if (count == 1)
        return send(socket, vector[0].iov_base, vector[0].iov_len,
                    MSG_NOSIGNAL | MSG_DONTWAIT | more);
    struct msghdr message = {.msg_iov = vector, .msg_iovlen = (size_t)count};
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT | more);
}

static ssize_t send_file(const struct outq *outq, int socket, size_t *ret_wanted)
{
    const struct out_item *item = item_at(outq, 0);
    off_t offset = item->offset + (off_t)outq->first_done;
    size_t left = item->length - outq->first_done;
    *ret_wanted = left < OUT_TURN_MAX ? left : OUT_TURN_MAX;
    ssize_t sent = sendfile(socket, item->fd, &offset, *ret_wanted);
    if (sent != 0)
        return sent;
    /* The file has been cut meanwhile: the length that was promised cannot be kept. */
    errno = EIO;
    return -1;
}

enum out_result outq_send(struct outq *outq, int socket, size_t *ret_sent)
{
    size_t turn = 0;
    while (outq->count > 0) {
        if (turn >= OUT_TURN_MAX)
            return OUT_UNFAIRLY;
        size_t wanted;
        bool is_file = !item_at(outq, 0)->bytes;
        ssize_t sent =
            is_file ? send_file(outq, socket, &wanted) : send_bytes(outq, socket, &wanted);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN ? OUT_BLOCKED : OUT_BROKEN;
        advance(outq, (size_t)sent);
        *ret_sent += (size_t)sent;
        turn += (size_t)sent;
        /* A file may come up short for its own reasons; bytes only when the socket is full. */
        if ((size_t)sent < wanted && !is_file)
            return OUT_BLOCKED;
    }
    return OUT_EMPTY;
}

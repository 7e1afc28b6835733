#include "main/limits.h"

#include "base/log.h"

#include <malloc.h>
#include <sys/resource.h>

#define FILES_PER_CONNECTION 2
#define FILES_RESERVED 256 /* databases, pictures, folders, watches */
#define LARGE_BLOCK (256 << 10)
#define KEPT_FREE (1 << 20)
#define HEAPS_MAX 4

static rlim_t raise_limit(rlim_t wanted)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return wanted;
    if (limit.rlim_cur >= wanted)
        return limit.rlim_cur;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

unsigned limits_connections(unsigned wanted)
{
    rlim_t files = raise_limit((rlim_t)wanted * FILES_PER_CONNECTION + FILES_RESERVED);
    rlim_t room = files > FILES_RESERVED ? (files - FILES_RESERVED) / FILES_PER_CONNECTION : 1;

    if (room >= wanted)
        return wanted;
    if (room == 0)
        room = 1;
    log_warning("limits",
                "event=fewer_connections wanted=%u possible=%u open_files=%llu: raise the limit of "
                "open files (ulimit -n, LimitNOFILE=) or lower CONNECTIONS_MAX",
                wanted, (unsigned)room, (unsigned long long)files);
    return (unsigned)room;
}

void limits_memory(void)
{
    /* A fixed threshold: by itself it grows with what is freed, up to 32 MiB, and then large blocks
     * come to lie among small ones. */
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
    mallopt(M_ARENA_MAX, HEAPS_MAX);
}

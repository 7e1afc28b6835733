/* The disk is full: what is refused, what is said, what remains, and that it ends by itself. */
#include "unit.h"

#include "support/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

static void write_file(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    close(fd);
}

#define ROW_SIZE 100000

static int insert_big(struct store_tx *tx, void *arg)
{
    AUTO(store_stmt_done)
    struct store_stmt *stmt =
        store_prepare(tx, "INSERT INTO logs (timestamp, level, component, message) "
                          "VALUES ($1, 'INFO', 'test', $2)");
    static char text[ROW_SIZE];

    memset(text, 'x', sizeof(text) - 1);
    store_bind_time(stmt, 1, 1);
    store_bind_text(stmt, 2, text);
    return store_run(stmt);
}

/* Writes until the disk is full; then health says so, nothing acknowledged is missing and reading
 * goes on. Returns the number of acknowledged rows. */
static int64_t fill(struct database *database)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    int64_t written = 0;
    int result;

    while ((result = store_write(database->store, insert_big, NULL)) == 0)
        assert_true(++written < 1000);
    assert_int_equal(result, -ENOSPC);
    assert_int_equal(store_health(database->store, &why), -ENOSPC);
    assert_non_null(strstr(buf_text(&why), "No space left on device"));
    assert_int_equal(store_write(database->store, insert_big, NULL), -ENOSPC);
    assert_int_equal(database_int(database, "SELECT count(*) FROM logs"), written);
    return written;
}

static void assert_recovered(struct database *database, int64_t written)
{
    assert_int_equal(store_write(database->store, insert_big, NULL), 0);
    assert_int_equal(store_health(database->store, NULL), 0);
    assert_int_equal(database_int(database, "SELECT count(*) FROM logs"), written + 1);
    store_close(&database->store);
    database_start(database);
    assert_int_equal(database_int(database, "SELECT count(*) FROM logs"), written + 1);
}

static void set_file_limit(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_file_at_its_limit_is_refused_and_recovers(void **state)
{
    AUTO(database_release) struct database database = DATABASE;
    int64_t written;

    signal(SIGXFSZ, SIG_IGN);
    database_open(&database, STORE_SYNC_FULL);
    set_file_limit(3 << 20);
    written = fill(&database);
    set_file_limit(RLIM_INFINITY);
    assert_recovered(&database, written);
}

/* Needs to mount a small file system; not tried where that is not allowed. */
static void a_full_disk_is_refused_and_recovers(void **state)
{
    AUTO(database_release) struct database database = DATABASE;
    AUTO(scratch_free) char *disk = scratch_new();
    AUTO(mem_free) char *path = mem_printf("%s/vigil.db", disk);
    AUTO(mem_free) char *ballast = mem_printf("%s/ballast", disk);
    static const char block[6 << 20];
    int64_t written;

    /* In a view of the file systems of our own, so that nothing stays mounted whatever happens. */
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", disk, "tmpfs", 0, "size=10m") < 0) {
        fprintf(stderr, "not tried: a small disk cannot be mounted here\n");
        return; /* skip() would leap over what is to be released */
    }
    write_file(ballast, block, sizeof(block));
    database_open(&database, STORE_SYNC_FULL);
    store_close(&database.store);
    database.settings.path = path;
    database_start(&database);
    written = fill(&database);
    assert_int_equal(unlink(ballast), 0);
    assert_recovered(&database, written);
    store_close(&database.store);
    assert_int_equal(umount(disk), 0);
}

/* One commit for several writes: all of them hear that it failed, and what they counted is undone.
 */
struct counted {
    struct store *store;
    int counter;
    int result;
};

static void count_back(void *arg, bool committed)
{
    struct counted *counted = arg;

    if (!committed)
        counted->counter--;
}

static int insert_counted(struct store_tx *tx, void *arg)
{
    struct counted *counted = arg;

    counted->counter++;
    store_tx_after(tx, count_back, counted);
    return insert_big(tx, NULL);
}

static void on_result(void *arg, int result)
{
    ((struct counted *)arg)->result = result;
}

static void a_failed_commit_fails_all_that_shared_it(void **state)
{
    AUTO(database_release) struct database database = DATABASE;
    struct counted members[8] = {0};
    int refused = 0, last = 0;

    signal(SIGXFSZ, SIG_IGN);
    database_open(&database, STORE_SYNC_NORMAL);
    set_file_limit(1 << 20);
    for (size_t i = 0; i < COUNT_OF(members); i++)
        store_write_async(database.store, insert_counted, &members[i], on_result);
    for (int tries = 0; last == 0 && tries < 1000; tries++)
        last = store_write(database.store, insert_big, NULL); /* after the members */
    set_file_limit(RLIM_INFINITY);
    assert_int_equal(last, -ENOSPC);
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        assert_int_equal(members[i].counter, members[i].result == 0 ? 1 : 0);
        refused += members[i].result != 0;
    }
    (void)
        refused; /* how many share the failing commit depends on timing; that all agree does not */
    store_close(&database.store);
    database_start(&database);
    assert_int_equal(store_write(database.store, insert_big, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_at_its_limit_is_refused_and_recovers),
        cmocka_unit_test(a_full_disk_is_refused_and_recovers),
        cmocka_unit_test(a_failed_commit_fails_all_that_shared_it),
    };

    return RUN_TESTS(tests);
}

/* What a database in a file can meet at its opening: other files, other programs, other versions, a
 * second process. */
#include "unit.h"

#include "support/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

static void write_file(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    close(fd);
}

/* Changes a database behind the program's back. */
static void change(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void assert_refused(struct database *database, int error, const char *words)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct store *store = NULL;

    assert_int_equal(store_open(&database->settings, &store, &why), error);
    assert_null(store);
    if (!strstr(buf_text(&why), words))
        fail_msg("'%s' does not say '%s'", buf_text(&why), words);
}

static void makes_its_file_for_owner_and_group(void **state)
{
    AUTO(database_release) struct database database = DATABASE;
    struct stat status;

    database_open(&database, STORE_SYNC_FULL);
    assert_int_equal(stat(database.path, &status), 0);
    assert_int_equal(status.st_mode & 0137, 0); /* at most 0640, whatever the umask */
    assert_int_equal(database_int(&database, "PRAGMA auto_vacuum"), 2);
    assert_int_equal(database_int(&database, "SELECT count(*) FROM schema_migrations"), 1);
}

static void refuses_what_is_no_database(void **state)
{
    AUTO(database_release) struct database database = DATABASE;
    char junk[8192];

    database_open(&database, STORE_SYNC_FULL);
    store_close(&database.store);
    memset(junk, 'x', sizeof(junk));
    write_file(database.path, junk, sizeof(junk));
    assert_refused(&database, -EIO, "not a database");
}

static void refuses_a_damaged_one(void **state)
{
    AUTO(database_release) struct database database = DATABASE;
    char junk[8000];
    int fd;

    database_open(&database, STORE_SYNC_FULL);
    store_close(&database.store);
    memset(junk, 0xa5, sizeof(junk));
    fd = open(database.path, O_WRONLY);
    assert_int_equal(pwrite(fd, junk, sizeof(junk), 100), (ssize_t)sizeof(junk));
    close(fd);
    assert_refused(&database, -EIO, "malformed");
}

static void refuses_another_programs(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_FULL);
    store_close(&database.store);
    assert_int_equal(unlink(database.path), 0);
    change(database.path, "CREATE TABLE theirs (id INTEGER)");
    assert_refused(&database, -EIO, "belongs to another program");
    change(database.path, "DROP TABLE theirs; PRAGMA application_id = 42");
    assert_refused(&database, -EIO, "belongs to another program");
}

static void refuses_a_newer_one_by_name(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_FULL);
    store_close(&database.store);
    change(database.path, "INSERT INTO schema_migrations VALUES (9001, 'time_travel', 1)");
    assert_refused(&database, -EPROTO, "9001_time_travel");
    change(database.path, "DELETE FROM schema_migrations WHERE version = 9001;"
                          "UPDATE schema_migrations SET name = 'other_light' WHERE version = 1");
    assert_refused(&database, -EPROTO, "0001_other_light");
}

static void is_for_one_process_at_a_time(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_FULL);
    assert_refused(&database, -EBUSY, "another process");
    store_close(&database.store);
    database_start(&database);
}

static int read_nothing(struct store_tx *tx, void *arg)
{
    return 0;
}

/* What is written into a file without a name is lost with the last descriptor. */
static void a_deleted_file_takes_nothing_more(void **state)
{
    AUTO(database_release) struct database database = DATABASE;

    database_open(&database, STORE_SYNC_OFF);
    database_exec(&database, "CREATE TABLE t (a INTEGER)");
    AUTO(mem_free) char *away = mem_printf("%s.away", database.path);
    assert_int_equal(rename(database.path, away), 0);
    assert_int_equal(store_write(database.store, database_run_sql, "INSERT INTO t VALUES (1)"),
                     -ESTALE);
    assert_int_equal(store_read(database.store, read_nothing, NULL), -ESTALE);
    write_file(database.path, "", 0);
    assert_int_equal(store_write(database.store, database_run_sql, "INSERT INTO t VALUES (1)"),
                     -ESTALE);
    assert_int_equal(rename(away, database.path), 0);
    database_exec(&database, "INSERT INTO t VALUES (1)");
}

static void says_when_the_folder_cannot_be_made(void **state)
{
    AUTO(database_release) struct database database = DATABASE;
    AUTO(mem_free) char *path = NULL;

    database_open(&database, STORE_SYNC_FULL);
    path = mem_printf("%s/no/such/vigil.db", database.folder);
    store_close(&database.store);
    database.settings.path = path;
    assert_refused(&database, -ENOENT, "No such file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_its_file_for_owner_and_group),
        cmocka_unit_test(refuses_what_is_no_database),
        cmocka_unit_test(refuses_a_damaged_one),
        cmocka_unit_test(refuses_another_programs),
        cmocka_unit_test(refuses_a_newer_one_by_name),
        cmocka_unit_test(is_for_one_process_at_a_time),
        cmocka_unit_test(a_deleted_file_takes_nothing_more),
        cmocka_unit_test(says_when_the_folder_cannot_be_made),
    };

    return RUN_TESTS(tests);
}

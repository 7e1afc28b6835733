/* The contract of store_contract.h on SQLite. */
#include "unit.h"

#include "store/store_contract.h"
#include "support/scratch.h"

static struct store *open_for_contract(void *context, unsigned readers)
{
    AUTO(buf_release) struct buf why = BUF_INIT;
    struct store_settings settings = {
        .path = context, .sync = STORE_SYNC_NORMAL, .readers = readers};
    struct store *store = NULL;

    if (store_open(&settings, &store, &why) < 0)
        fail_msg("%s", buf_text(&why));
    return store;
}

int main(void)
{
    AUTO(scratch_free) char *folder = scratch_new();
    AUTO(mem_free) char *path = mem_printf("%s/contract.db", folder);
    struct store_contract contract = {
        .open = open_for_contract,
        .context = path,
        .time_type = "INTEGER",
        .bool_type = "INTEGER",
    };

    return store_contract_run(&contract);
}

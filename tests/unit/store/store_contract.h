/* What every driver of the store must do. A driver's test says how its database is opened and runs
 * store_contract_tests among its own. */
#pragma once

#include "store/store.h"

struct store_contract {
    /* Opens the same database each time; `readers` of them. Fails the test when it cannot. */
    struct store *(*open)(void *context, unsigned readers);
    void *context;
    const char *time_type; /* of a column: what SQL calls an instant, a truth value */
    const char *bool_type;
};

/* Runs all of it. Returns the number of failed tests. */
int store_contract_run(const struct store_contract *contract);

/* call: one request on its way to its answer, and what is found wrong with it.
 *
 * Handlers read parameters and members with param_ and body_ functions; each notes what is
 * wrong in the call and gives a harmless value, so one answer names all faults.
 * Limit: CALL_FAULTS_MAX faults are named. Thread: one at a time. */
#pragma once

#include "api/api_private.h"
#include "api/route_private.h"
#include "base/json.h"

#include <stdbool.h>
#include <stdint.h>

#define CALL_FAULTS_MAX 100
#define CALL_FAULT_VALUE_MAX 100 /* characters of the offending value that are given back */

struct call {
    const struct api *api;
    struct http_exchange *exchange;
    const struct http_request *request;
    const struct route *route;
    struct span params[ROUTE_PARAMS_MAX]; /* of the path, in order */
    json_t *faults;                       /* array of {field, message, value}; NULL: none yet */
};

/* `field` is dotted: "query.limit". */
void call_fault(struct call *call, const char *field, struct span value, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* The same, where the member is absent: value is null. */
void call_fault_absent(struct call *call, const char *field, const char *message);
bool call_has_faults(const struct call *call);

/* The path's number, 1 and up; notes a fault ("path.event_id") and gives 0 else. */
int64_t call_path_id(struct call *call, size_t index, const char *name);

/* 192.xxx.xxx.xxx: what logs may know of a peer (rest-api contract §1.3). Returns `text`. */
#define CALL_PEER_SIZE 48
const char *call_peer_masked(const struct call *call, char text[CALL_PEER_SIZE]);

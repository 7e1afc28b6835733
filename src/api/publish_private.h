/* publish: reads what POST /api/realtime/publish is given: one envelope {"type","data"}, or an
 * array of them. */
#pragma once

#include "api/call_private.h"

#define PUBLISH_MESSAGES_MAX 1000
#define PUBLISH_TYPE_MAX 50

/* An array of envelopes, each checked; or faults in the call ("body.3.type"). New reference. */
json_t *publish_read(struct call *call);

/* detection_work: the detection that the path's {detection_id} names. */
#pragma once

#include "api/call_private.h"
#include "store/detections.h"

/* NULL with *ret_detection filled (detection_release), else the answer that says why not. */
struct http_response *detection_read(struct call *call, struct detection *ret_detection);

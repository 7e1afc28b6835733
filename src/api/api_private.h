/* api_private: what every handler reaches through its call. Immutable after api_new(). */
#pragma once

#include "api/api.h"
#include "api/key_private.h"

#include <stdint.h>

struct api {
    struct api_settings settings; /* the strings are ours */
    struct api_parts parts;
    struct key_ring keys;
    int64_t started; /* monotonic */
};

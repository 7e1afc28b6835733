/* stage: what every stage of the pipeline is given. Made by pipeline_start(), unchanged until
 * pipeline_stop(). */
#pragma once

#include "pipeline/pipeline.h"
#include "pipeline/tally.h"

struct stage {
    struct pipeline_settings settings; /* its texts live as long as the stage */
    struct pipeline_parts parts;
    struct tally *tally;
};

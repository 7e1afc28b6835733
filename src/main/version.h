#pragma once

/* The version as users see it. */
#define VIGIL_VERSION "0.1.0"

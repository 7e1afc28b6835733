#!/bin/sh
# The dashboard is built with Node 20 or newer; Debian 12's own package is older, so it is asked for, not installed.
set -eu
major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/' || true)
if [ "${major:-0}" -lt 20 ]; then
    echo "vigil: Node 20 or newer and npm are needed to build the dashboard; found: ${major:-none}" >&2
    exit 1
fi

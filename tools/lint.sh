#!/usr/bin/env bash
# Usage: tools/lint.sh BUILD-FOLDER
# Format, layers and clang-tidy over the C sources; ends non-zero when any of them complains.
# The build folder gives the compile commands; it is built first, for the sources that are generated.
set -uo pipefail
cd "$(dirname "$0")/.."

build=${1:?usage: tools/lint.sh BUILD-FOLDER}
failed=0

complain() {
    echo "lint: $1" >&2
    failed=1
}

# Comments are read as prose: /* */ only, so that a leftover shows; and there is no goto.
house_rules() {
    ! grep -nE '(^|[^:"/])//[^"]*$|\bgoto\b[^"]*;|\b(TODO|FIXME|XXX)\b' --include='*.[ch]' -r src tests
}

# Warnings are errors (.clang-tidy), so the exit status tells; what it says of suppressed ones is noise.
tidy() {
    find src -name '*.c' -print0 | xargs -0 -n 1 -P "$(nproc)" clang-tidy -p "$build" --quiet 2>/dev/null
}

find src tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror || complain "clang-format would change the above (make format)"
house_rules || complain "the above is not how this house writes (CONTRIBUTING.md)"
python3 tools/layers.py src || complain "a folder looks up"
ninja -C "$build" --quiet || complain "$build does not build"
tidy || complain "clang-tidy found the above"
exit "$failed"

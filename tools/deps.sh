#!/bin/sh
# Installs the packages of the given groups of tools/packages.txt that are missing. Says nothing when none is.
set -eu
list=$(dirname "$0")/packages.txt
missing=
for group in "$@"; do
    for package in $(sed -n "/^\[$group\]/,/^\[/p" "$list" | grep -v '^[[#]' || true); do
        dpkg-query -W -f='${db:Status-Abbrev}\n' "$package" 2>/dev/null | grep -q '^ii' || missing="$missing $package"
    done
done
[ -n "$missing" ] || exit 0
echo "vigil: installing Debian packages:$missing"
sudo=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "vigil: not root and no sudo; install these as root:$missing" >&2; exit 1; }
    sudo=sudo
fi
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null

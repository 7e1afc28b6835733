#!/bin/sh
# Prints where the film for the tests lies: vtest.avi of Debian's opencv-doc, a fixed outdoor camera. Debian may have
# compressed it, and systems set up without documentation (containers) do not have it although the package is
# installed; then it is unpacked into the folder given.
set -eu
into=$1
film=/usr/share/doc/opencv-doc/examples/data/vtest.avi
if [ -r "$film" ]; then
    echo "$film"
elif [ -r "$film.gz" ]; then
    zcat "$film.gz" >"$into/vtest.avi"
    echo "$into/vtest.avi"
else
    cd "$into"
    apt-get download -qq opencv-doc >&2
    dpkg-deb --fsys-tarfile opencv-doc_*.deb | tar -xf - --wildcards "./usr/share/doc/opencv-doc/examples/data/vtest.avi*"
    rm -f opencv-doc_*.deb
    film="$into/$film"
    [ ! -r "$film.gz" ] || gunzip "$film.gz"
    echo "$film"
fi
